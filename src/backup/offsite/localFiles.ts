import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileFailure, syncFolder } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
import { Failure } from '../../protocol/failure';
import type { LocalFile } from './store';

/** Reads a whole file and gives what it is. Throws `CANCELLED` and what the file system says. */
export async function describeFile(file: string, operation: Operation, message: string): Promise<LocalFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of readPieces(file, operation, message)) {
    throwIfCancelled(operation);
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { file, sizeBytes, sha256: hash.digest('hex') };
}

/** Bytes in a file; undefined when there is none. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, file);
  }
}

/** Puts bytes behind what is in a file, for its owner alone, and waits until they lie on the disk. */
export async function appendTo(target: string, source: AsyncIterable<Uint8Array>, operation: Operation, message: string): Promise<void> {
  const handle = await openToAppend(target);
  try {
    let bytes = (await sizeOf(target)) ?? 0;
    for await (const piece of source) {
      throwIfCancelled(operation);
      await append(handle, piece, target);
      bytes += piece.length;
      operation.report({ message, bytes });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens a file to be written at its end, creating it for its owner alone. */
export async function openToAppend(target: string): Promise<FileHandle> {
  try {
    return await open(target, 'a', 0o600);
  } catch (error) {
    throw fileFailure(error, target);
  }
}

async function append(handle: FileHandle, bytes: Uint8Array, target: string): Promise<void> {
  try {
    for (let written = 0; written < bytes.length;) {
      written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
    }
  } catch (error) {
    throw fileFailure(error, target);
  }
}

/** Gives a file its name, durably. Throws `FILE_EXISTS` instead of taking another file's place. */
export async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await linkOrRename(from, to);
    await syncFolder(path.dirname(to));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw fileFailure(error, to);
    throw new Failure('FILE_EXISTS', `There is a file ${to} already.`, 'It stays as it is. Move it away, or choose another folder.', error);
  }
}

/** A second name never takes another file's place, as `rename` does; but not every file system has second names. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'].includes(errorCode(error) ?? '')) throw error;
    if (existsSync(to)) throw Object.assign(new Error('The name is taken', { cause: error }), { code: 'EEXIST' });
    await rename(from, to);
  }
}
