import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, mkdir, readdir, rename, statfs, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure, messageOf } from '../protocol/failure';

/** Bytes that may still be written to the file system of a folder; undefined where that cannot be told. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Makes what was renamed in a folder last through a power cut. Windows does so by itself and has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a small file so that readers see the old content or the new, never half of it. */
export async function writeFileDurably(file: string, content: string | Buffer): Promise<void> {
  const partial = `${file}.${randomInt(1e9)}.partial`; // of its own: two may write the same file at once
  try {
    const handle = await open(partial, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    await removeIfThere(partial);
    throw fileFailure(error, file);
  }
}

/**
 * Creates a folder for backups, and keeps git from ever committing what lies in it; but for a folder that holds the
 * project, is the root of a repository, or has been used for something else, where that would hide more than backups.
 */
export async function createBackupFolder(folder: string, projectFolder: string | undefined): Promise<void> {
  try {
    const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
    const ignoreFile = path.join(folder, '.gitignore');
    if (holds(folder, projectFolder) || existsSync(path.join(folder, '.git')) || existsSync(ignoreFile)) return;
    if (!isNew && path.basename(folder) !== 'backups' && (await readdir(folder)).length > 0) return;
    await writeFile(ignoreFile, '*\n');
  } catch (error) {
    throw fileFailure(error, folder);
  }
}

function holds(folder: string, inner: string | undefined): boolean {
  if (inner === undefined) return false;
  const relative = path.relative(folder, inner);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** Removes a file; one that is not there is as good. */
export async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw fileFailure(error, file);
  }
}

/** The code of a system error, such as `ENOSPC`. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** An error of the file system as a Failure. */
export function fileFailure(error: unknown, file: string): Failure {
  if (error instanceof Failure) return error;
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure('DISK_FULL', `The disk is full: ${file} could not be written.`, 'Free space, or choose another backup folder, then try again.', error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Failure('FILE_DENIED', `${file} may not be written or read.`, 'Check the permissions of the folder, or choose another one.', error);
    case 'ENOENT':
      return new Failure('FILE_MISSING', `There is no file ${file}.`, 'Check the path; the file may have been moved or deleted.', error);
    default:
      return new Failure('FILE_FAILED', `${file}: ${messageOf(error)}`, 'Check the disk and the path, then try again.', error);
  }
}
