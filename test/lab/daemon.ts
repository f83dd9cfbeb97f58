import { existsSync, readFileSync, rmSync } from 'node:fs';
import { waitFor } from './process';

/** The pid in `pidFile` while it is still that of a process called `name`; pids are given anew, after a reboot above all. */
export function livePid(pidFile: string, name: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  return isRunning(pid, name) ? pid : undefined;
}

export function isRunning(pid: number, name: string): boolean {
  try {
    // State Z: it has ended, and only waits for its parent to notice.
    const [, found, state] = /^\d+ \((.*)\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return found === name && state !== 'Z';
  } catch {
    return false;
  }
}

/** Stops what `pidFile` names, and waits until it has ended. Gives whether there was anything to stop. */
export async function stopDaemon(pidFile: string, name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
  const pid = livePid(pidFile, name);
  if (pid !== undefined) {
    process.kill(pid, signal);
    await waitFor(`${name} (${pid}) to end`, () => livePid(pidFile, name) !== pid, 120_000);
  }
  rmSync(pidFile, { force: true });
  return pid !== undefined;
}
