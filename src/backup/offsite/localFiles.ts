import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { errorCode, fileFailure } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
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
