import { Failure } from '../protocol/failure';

/** A piece of what a process wrote. A large frame arrives as several parts. */
export interface FramePart {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

const headerLength = 8;

/**
 * Takes apart the stream of an attached exec: frames of a type byte, three zeros, a big-endian uint32
 * length, and the payload (Docker Engine API, "Attach to a container", stream format). Payload is passed on
 * as it arrives, so that no frame is ever held in memory whole.
 */
export class FrameDecoder {
  private header: Buffer = Buffer.alloc(0);
  private stream: FramePart['stream'] = 'stdout';
  private remaining = 0;

  /** The parts contained in the next bytes of the stream. Throws `STREAM_CORRUPT` on bytes that are no frame. */
  decode(chunk: Buffer): readonly FramePart[] {
    const parts: FramePart[] = [];
    let position = 0;
    while (position < chunk.length) {
      if (this.remaining === 0) {
        position = this.takeHeader(chunk, position);
      } else {
        const end = Math.min(position + this.remaining, chunk.length);
        parts.push({ stream: this.stream, bytes: chunk.subarray(position, end) });
        this.remaining -= end - position;
        position = end;
      }
    }
    return parts;
  }

  /** To be called when the stream has ended. Throws `STREAM_CUT` when it ended inside a frame. */
  end(): void {
    if (this.remaining === 0 && this.header.length === 0) return;
    throw new Failure(
      'STREAM_CUT',
      'The engine closed the stream in the middle of a frame.',
      'Check that the engine and the container are still running, then try again.',
    );
  }

  private takeHeader(chunk: Buffer, position: number): number {
    const end = Math.min(position + headerLength - this.header.length, chunk.length);
    this.header = Buffer.concat([this.header, chunk.subarray(position, end)]);
    if (this.header.length === headerLength) {
      this.stream = streamOf(this.header);
      this.remaining = this.header.readUInt32BE(4);
      this.header = Buffer.alloc(0);
    }
    return end;
  }
}

function streamOf(header: Buffer): FramePart['stream'] {
  const type = header[0];
  const padded = header[1] === 0 && header[2] === 0 && header[3] === 0;
  if (padded && (type === 0 || type === 1)) return 'stdout';
  if (padded && (type === 2 || type === 3)) return 'stderr';
  throw new Failure(
    'STREAM_CORRUPT',
    `The engine sent bytes that are no stream frame (${header.toString('hex')}).`,
    'Update the engine, or remove a proxy that stands between it and the editor.',
  );
}
