import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input; none by default. */
  readonly input?: string;
  /** Milliseconds after which the process is killed; ten minutes by default. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and gives what it printed, whatever its exit code. Throws only when it cannot be started. */
export async function tryRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeout ?? 600_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    child.stdin.on('error', () => undefined); // a program may end without reading its input
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed, and gives its standard output. Throws with its standard error otherwise. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryRun(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${(stderr || stdout).trim().slice(-4000)}`);
  return stdout;
}

/** Starts a server that outlives this process and the folder that it runs in, its output going to `logFile`. Gives its pid. */
export function startDaemon(program: string, args: readonly string[], logFile: string, env: NodeJS.ProcessEnv = {}): number {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  child.on('error', () => undefined); // shows as a missing pid, and in waitFor
  child.unref();
  if (child.pid === undefined) throw new Error(`${program} could not be started`);
  return child.pid;
}

/** Waits until `probe` gives something other than undefined or false, asking again after a pause; times are in milliseconds. */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined | false> | T | undefined | false, timeout = 60_000, pause = 100): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited ${timeout / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Says what is being done, does it, and says how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  try {
    const result = await work();
    process.stderr.write(`lab: ${title} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
    return result;
  } catch (error) {
    process.stderr.write(`lab: ${title} FAILED after ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
    throw error;
  }
}
