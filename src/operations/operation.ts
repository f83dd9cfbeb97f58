import { cancelled } from '../protocol/failure';
import type { Logger } from '../protocol/logger';

/** How far long work has come. */
export interface Progress {
  /** What is being done, such as "Dumping public.users". */
  readonly message: string;
  readonly bytes?: number;
  /** 0 to 1, where the end is known. */
  readonly fraction?: number;
}

/** What long work gets from whoever started it, editor or command line. */
export interface Operation {
  readonly signal: AbortSignal;
  readonly log: Logger;
  report(progress: Progress): void;
}

/** Throws `CANCELLED` when the user has stopped the operation; called between steps. */
export function throwIfCancelled(operation: Operation): void {
  if (operation.signal.aborted) throw cancelled();
}
