import type { Write } from '../../../../src/backup/encryption/streams';

/** Bytes that look like none other of the same length, the same in every run. */
export function someBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let place = 0, state = size + 1; place < size; place++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[place] = state >>> 24;
  }
  return bytes;
}

/** Bytes as a stream of pieces of these sizes, in turn. */
export async function* inPieces(bytes: Buffer, ...sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

/** All bytes of a stream. */
export async function gathered(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Something that keeps what is written to it. */
export function memorySink(): { readonly write: Write; readonly bytes: () => Buffer } {
  const pieces: Buffer[] = [];
  return { write: (bytes) => void pieces.push(Buffer.from(bytes)), bytes: () => Buffer.concat(pieces) };
}
