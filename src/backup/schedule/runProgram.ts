import { spawn } from 'node:child_process';
import { Failure } from '../../protocol/failure';

export interface ProgramResult {
  readonly code: number;
  /** A character for each byte. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the host to its end, without a shell. Undefined when there is no such program. */
export type RunProgram = (program: string, args: readonly string[], input?: string) => Promise<ProgramResult | undefined>;

/** Milliseconds after which a scheduler's program does not answer any more. */
const patience = 20_000;

export const runProgram: RunProgram = (program, args, input = '') =>
  new Promise((resolve, reject) => {
    // Their messages are looked at, so that they have to be in English.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' }, timeout: patience, windowsHide: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(schedulerFailed(program, error.message));
    });
    child.once('close', (code, signal) => {
      if (code === null) reject(schedulerFailed(program, `it was ended by ${signal ?? 'a signal'}`));
      else resolve({ code, stdout, stderr });
    });
    child.stdin.on('error', () => undefined); // a program may end without reading its input
    child.stdin.end(input, 'latin1');
  });

/** The failure of a scheduler of the host that does not do what it was asked. */
export function schedulerFailed(program: string, reason: string): Failure {
  return new Failure('SCHEDULER_FAILED', `${program} failed: ${reason.trim()}`, 'Let the editor run the schedule, or look at what the scheduler says.');
}
