import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as z from 'zod';
import type { Failure } from '../protocol/failure';
import { errorCode, fileFailure, removeIfThere } from './files';

const ownerSchema = z.object({ id: z.string(), pid: z.number().int().positive(), host: z.string() });

/** Milliseconds after which a lock is nobody's any more, whoever holds it: process ids are used again, and hosts go away. */
const abandonedAfter = 60 * 60 * 1000;

/** A lock that is held. Asked before each irrevocable step, since a lock that was held for too long may be taken away. */
export interface FileLock {
  readonly isHeld: () => Promise<boolean>;
}

/**
 * Does work while a file says so, which is removed afterwards; for work that takes seconds. A lock left by a process that
 * died is taken over. Throws what `busy` gives while another holds it, and what writing the file fails with.
 */
export async function withFileLock<T>(file: string, busy: () => Failure, work: (lock: FileLock) => Promise<T>): Promise<T> {
  const id = randomUUID();
  if (!(await take(file, id))) {
    if (!(await removeAbandoned(file)) || !(await take(file, id))) throw busy();
  }
  const isHeld = async (): Promise<boolean> => (await readOwner(file))?.id === id;
  try {
    return await work({ isHeld });
  } finally {
    if (await isHeld()) await removeIfThere(file);
  }
}

/** Two systems may share a name, as Windows and its Linux do, and not the numbers of processes. */
const thisHost = `${process.platform}:${hostname()}`;

async function take(file: string, id: string): Promise<boolean> {
  try {
    await writeFile(file, `${JSON.stringify({ id, pid: process.pid, host: thisHost })}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw fileFailure(error, file);
  }
}

/** Takes a lock away that nobody holds any more. Gives whether there is none now. */
async function removeAbandoned(file: string): Promise<boolean> {
  const owner = await readOwner(file);
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => undefined,
  );
  if (age === undefined) return true;
  if (age < abandonedAfter && (owner === undefined || owner.host !== thisHost || isAlive(owner.pid))) return false;
  // Of several that find it abandoned only one can rename it. One that was late has renamed the new lock, and gives it back.
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return true;
  }
  if ((await readOwner(aside))?.id === owner?.id) {
    await removeIfThere(aside);
    return true;
  }
  await rename(aside, file);
  return false;
}

async function readOwner(file: string): Promise<z.infer<typeof ownerSchema> | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // gone, or being written
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
