import { Failure } from '../protocol/failure';

/**
 * What passes between this process and a relay that is kept: a letter, a big-endian uint32 length, and as many bytes.
 * To the relay: `D` bytes for the server (the first make it connect), `H` hang up. From it: `D` bytes of the server,
 * `E` the connection has ended, with the reason where there is none to be had, `H` it has hung up and waits.
 * Every connection ends with `H` both ways, whoever ended it.
 */
export interface RelayFrame {
  readonly kind: 'D' | 'E' | 'H';
  readonly bytes: Buffer;
}

const headerLength = 5;
/** Bytes of data in a frame, which the relay holds in memory whole. */
const dataLimit = 64 * 1024;

/** Hang up. */
export const hangUp: Buffer = Buffer.from([0x48, 0, 0, 0, 0]);

/** Bytes for the server, in as many frames as they need. */
export function dataFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += dataLimit) {
    const part = bytes.subarray(start, start + dataLimit);
    const header = Buffer.alloc(headerLength);
    header.write('D', 'latin1');
    header.writeUInt32BE(part.length, 1);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

/** Takes apart what a relay sends. */
export class RelayFrameDecoder {
  private rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete with the next bytes. Throws `STREAM_CORRUPT` on bytes that are no frame. */
  decode(chunk: Buffer): readonly RelayFrame[] {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: RelayFrame[] = [];
    while (bytes.length >= headerLength) {
      const kind = readKind(bytes);
      const end = headerLength + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      frames.push({ kind, bytes: bytes.subarray(headerLength, end) });
      bytes = bytes.subarray(end);
    }
    this.rest = bytes;
    return frames;
  }
}

function readKind(bytes: Buffer): RelayFrame['kind'] {
  const kind = String.fromCharCode(bytes[0] ?? 0);
  if (kind === 'D' || kind === 'E' || kind === 'H') return kind;
  throw new Failure(
    'STREAM_CORRUPT',
    `The relay in the container sent bytes that are no frame (${bytes.subarray(0, headerLength).toString('hex')}).`,
    'Check that nothing in the container writes to the standard output of other programs, then try again.',
  );
}
