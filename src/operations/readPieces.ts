import { createReadStream } from 'node:fs';
import { fileFailure } from './files';
import type { Operation } from './operation';

/** A file's bytes, piece by piece, with progress under the given words. */
export async function* readPieces(file: string, operation: Operation, message: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      operation.report({ message, bytes });
      yield piece;
    }
  } catch (error) {
    throw fileFailure(error, file);
  }
}
