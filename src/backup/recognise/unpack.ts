import zlib from 'node:zlib';
import type { Packing } from './recognised';

/** The beginning of a file: how it is compressed, and what is inside; nothing of that where it cannot be unpacked. */
export interface Unpacked {
  readonly packed: Packing;
  readonly bytes: Buffer | undefined;
}

/** Bytes that are enough to recognise anything by. */
const enough = 64 * 1024;
/** Compressed bytes to begin with: however well they are packed, they give no more than a few megabytes. */
const firstPiece = 4096;
/** More is not unpacked: a file that grows like that wants to fill the memory. */
const limit = 4 * 1024 * 1024;

type Decompress = (bytes: Buffer, options: { readonly finishFlush: number; readonly maxOutputLength: number }) => Buffer;

/** Undoes a compression for the beginning of a file. Never throws. */
export function unpack(head: Buffer): Unpacked {
  if (startsWith(head, 0x1f, 0x8b)) return { packed: 'gzip', bytes: beginningOf(head, zlib.gunzipSync, zlib.constants.Z_SYNC_FLUSH) };
  if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) return { packed: 'zstd', bytes: unpackZstd(head) };
  if (startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return { packed: 'xz', bytes: undefined };
  return { packed: 'none', bytes: head };
}

/** Node knows zstd from 22.15 on. A block that is cut gives nothing, and the first may be longer than the beginning of a file. */
function unpackZstd(head: Buffer): Buffer | undefined {
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: Decompress };
  const flush = (zlib.constants as { readonly ZSTD_e_flush?: number }).ZSTD_e_flush;
  if (zstdDecompressSync === undefined || flush === undefined) return undefined;
  const bytes = beginningOf(head, zstdDecompressSync, flush);
  return bytes?.length === 0 ? undefined : bytes;
}

/** Unpacks a little first, and more only when that was not enough. */
function beginningOf(head: Buffer, decompress: Decompress, finishFlush: number): Buffer | undefined {
  const attempt = (bytes: Buffer): Buffer | undefined => {
    try {
      return decompress(bytes, { finishFlush, maxOutputLength: limit });
    } catch {
      return undefined; // damaged, or larger than the limit
    }
  };
  const little = attempt(head.subarray(0, firstPiece));
  if (head.length <= firstPiece || (little !== undefined && little.length >= enough)) return little?.subarray(0, enough);
  return (attempt(head) ?? little)?.subarray(0, enough);
}

function startsWith(head: Buffer, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}
