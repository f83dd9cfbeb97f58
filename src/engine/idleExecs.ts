import type { Duplex } from 'node:stream';
import type { FrameDecoder } from './frames';

/** A program that runs in a container, and what joins it to this process. */
export interface AttachedExec {
  readonly socket: Duplex;
  /** Of what the program writes; it may be in the middle of a frame. */
  readonly decoder: FrameDecoder;
}

/** Milliseconds that a program is kept for when it may be used again. */
const idleTime = 1000;

/**
 * Programs that wait to be used again. To begin one costs an engine ten times what the little work costs that it is for.
 * They hold nobody up: neither this process, which may end, nor a container, which may stop.
 */
export class IdleExecs {
  private readonly waiting: { readonly key: string; readonly exec: AttachedExec; readonly forget: () => void }[] = [];

  constructor(private readonly time = idleTime) {}

  /** Keeps a program that has nothing to say until it is asked; one that says something all the same, or ends, is given up. */
  put(key: string, exec: AttachedExec): void {
    const { socket } = exec;
    const giveUp = (): void => {
      forget();
      socket.destroy();
    };
    const timer = setTimeout(giveUp, this.time).unref();
    const events = ['data', 'end', 'close', 'error'] as const;
    const forget = (): void => {
      clearTimeout(timer);
      for (const event of events) socket.off(event, giveUp);
      this.waiting.splice(this.waiting.indexOf(entry), 1);
    };
    const entry = { key, exec, forget };
    for (const event of events) socket.on(event, giveUp);
    this.waiting.push(entry);
    holdProcess(socket.resume(), false);
  }

  /** The one that was kept last, which is the caller's from then on. */
  take(key: string): AttachedExec | undefined {
    const entry = this.waiting.findLast((each) => each.key === key && !each.exec.socket.destroyed);
    if (entry === undefined) return undefined;
    entry.forget();
    holdProcess(entry.exec.socket, true);
    return entry.exec;
  }
}

/** What is no socket of the system, such as a channel of SSH, has no say in it. */
function holdProcess(socket: Duplex & { readonly ref?: () => void; readonly unref?: () => void }, hold: boolean): void {
  if (hold) socket.ref?.();
  else socket.unref?.();
}
