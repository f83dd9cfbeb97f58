import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { errorCode, fileFailure, removeIfThere } from '../../operations/files';

const holderSchema = z.object({ pid: z.number().int().positive(), host: z.string(), token: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** Milliseconds between two signs of life, and after which the lack of them is suspicious. */
export interface LockTimes {
  readonly beat: number;
  readonly stale: number;
}

const usualTimes: LockTimes = { beat: 5000, stale: 60_000 };

/** A lock that this process holds. */
export interface HeldLock {
  /** False once another has taken it, which takes this one for dead. */
  readonly isHeld: () => boolean;
  /** Gives it back; at once, since a window that closes does not wait. */
  readonly release: () => void;
}

/**
 * Takes the lock that a file stands for; undefined when somebody else has it. It is taken from a process of this host
 * that has ended, and from one that gives no sign of life: not merely from one whose sign is old, since all are old
 * when the host has slept, but only when none comes while we watch.
 */
export async function takeLock(file: string, times: LockTimes = usualTimes): Promise<HeldLock | undefined> {
  const token = randomUUID();
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    if (await create(file, token)) return hold(file, token, times);
    if (!(await isAbandoned(file, times))) return undefined;
    return (await replace(file, token, times)) ? hold(file, token, times) : undefined;
  } catch (error) {
    throw fileFailure(error, file);
  }
}

async function create(file: string, token: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname(), token };
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Puts ours in the place of an abandoned lock. Only one may do so at a time, and looks again when it is the one. */
async function replace(file: string, token: string, times: LockTimes): Promise<boolean> {
  const guard = `${file}.guard`;
  if (!(await create(guard, token))) {
    const since = await signOfLife(guard);
    if (since !== undefined && Math.abs(Date.now() - since) > times.stale) await removeIfThere(guard);
    return false; // the next attempt will tell
  }
  try {
    if (!(await isAbandoned(file, times))) return false;
    await removeIfThere(file);
    return await create(file, token);
  } finally {
    await removeIfThere(guard);
  }
}

async function isAbandoned(file: string, { beat, stale }: LockTimes): Promise<boolean> {
  const holder = readHolder(await readFile(file, 'utf8').catch(() => ''));
  const seen = await signOfLife(file);
  if (seen === undefined) return false; // given back just now
  if (holder?.host === hostname() && !isAlive(holder.pid)) return true;
  if (Math.abs(Date.now() - seen) < stale) return false;
  for (let watched = 0; watched < 3 * beat; watched += beat / 2) {
    await pause(beat / 2);
    if ((await signOfLife(file)) !== seen) return false;
  }
  return true;
}

async function signOfLife(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM'; // somebody else's process is one all the same
  }
}

function hold(file: string, token: string, { beat }: LockTimes): HeldLock {
  let held = true;
  const isOurs = (text: string): boolean => readHolder(text)?.token === token;
  const timer = setInterval(() => {
    void (async () => {
      held = held && isOurs(await readFile(file, 'utf8').catch(() => ''));
      const now = new Date();
      if (held) await utimes(file, now, now).catch(() => undefined);
      else clearInterval(timer);
    })();
  }, beat);
  timer.unref();
  const release = (): void => {
    clearInterval(timer);
    if (held && isOurs(readNow(file))) rmSync(file, { force: true });
    held = false;
  };
  return { isHeld: () => held, release };
}

function readNow(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
