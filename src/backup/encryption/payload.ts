import { createHmac } from 'node:crypto';
import { tagSize, type Aead } from './aead';
import { damaged } from './failures';

/** Bytes that are sealed at a time; of the last chunk, at most. */
const chunkSize = 64 * 1024;

/** Bytes of the nonce between header and payload. */
export const payloadNonceSize = 16;

// The payload of an age file is a STREAM (https://age-encryption.org/v1): chunks that are sealed one by one, each under the
// number of the chunk and a mark on the last. So none can be changed, left out, moved or added, at the end neither.

/** Counts chunks. */
class ChunkKey {
  private readonly key: Buffer;
  private readonly nonce = Buffer.alloc(12);

  constructor(fileKey: Buffer, payloadNonce: Buffer) {
    // HKDF-SHA256 of one block.
    const secret = createHmac('sha256', payloadNonce).update(fileKey).digest();
    this.key = createHmac('sha256', secret).update('payload\x01').digest();
    secret.fill(0);
  }

  get isFirst(): boolean {
    return this.nonce.every((byte) => byte === 0);
  }

  /** Does something with the key and the nonce of the next chunk. */
  use<T>(isLast: boolean, work: (key: Buffer, nonce: Buffer) => T): T {
    this.nonce[11] = isLast ? 1 : 0;
    const result = work(this.key, this.nonce);
    for (let place = 10; place >= 0; place--) {
      this.nonce[place] = (this.nonce[place] ?? 0) + 1;
      if (this.nonce[place] !== 0) break;
    }
    return result;
  }

  forget(): void {
    this.key.fill(0);
  }
}

/** Hands on bytes in chunks of one size. A full chunk is held back until more comes, for it might be the last. */
class Chunks {
  private readonly held: Buffer;
  private used = 0;

  constructor(private readonly size: number) {
    this.held = Buffer.alloc(size);
  }

  /** What `work` makes of the chunks that are full and not the last. */
  add(bytes: Buffer, work: (chunk: Buffer) => Buffer): Buffer {
    const made: Buffer[] = [];
    for (let taken = 0; taken < bytes.length;) {
      if (this.used === this.size) made.push(work(this.take()));
      const count = Math.min(this.size - this.used, bytes.length - taken);
      bytes.copy(this.held, this.used, taken, taken + count);
      this.used += count;
      taken += count;
    }
    return made.length === 1 && made[0] !== undefined ? made[0] : Buffer.concat(made);
  }

  /** What is held, to be used at once. */
  take(): Buffer {
    const chunk = this.held.subarray(0, this.used);
    this.used = 0;
    return chunk;
  }

  forget(): void {
    this.held.fill(0);
  }
}

/** Encrypts a payload as it comes. Holds 64 KiB of it. */
export class Sealer {
  private readonly chunks = new Chunks(chunkSize);
  private readonly key: ChunkKey;

  constructor(
    private readonly aead: Aead,
    fileKey: Buffer,
    payloadNonce: Buffer,
  ) {
    this.key = new ChunkKey(fileKey, payloadNonce);
  }

  /** The chunks that are complete; often none. */
  add(plain: Buffer): Buffer {
    return this.chunks.add(plain, (chunk) => this.seal(chunk, false));
  }

  /** The last chunk. */
  finish(): Buffer {
    const last = this.seal(this.chunks.take(), true);
    this.forget();
    return last;
  }

  /** Overwrites the key and what is held. */
  forget(): void {
    this.key.forget();
    this.chunks.forget();
  }

  private seal(chunk: Buffer, isLast: boolean): Buffer {
    return this.key.use(isLast, (key, nonce) => this.aead.seal(key, nonce, chunk));
  }
}

/** Decrypts a payload as it comes. Throws `BACKUP_DAMAGED`; that it was cut short only `finish` can tell. */
export class Opener {
  private readonly chunks = new Chunks(chunkSize + tagSize);
  private readonly key: ChunkKey;

  constructor(
    private readonly aead: Aead,
    fileKey: Buffer,
    payloadNonce: Buffer,
  ) {
    this.key = new ChunkKey(fileKey, payloadNonce);
  }

  /** The chunks that are complete; often none. */
  add(sealed: Buffer): Buffer {
    return this.chunks.add(sealed, (chunk) => this.open(chunk, false));
  }

  /** The last chunk; only when it has been given were all bytes those that were encrypted. */
  finish(): Buffer {
    const isOnly = this.key.isFirst;
    const last = this.open(this.chunks.take(), true);
    if (last.length === 0 && !isOnly) throw damaged(new Error('the last chunk is empty'));
    return last;
  }

  /** Overwrites the key and what is held. */
  forget(): void {
    this.key.forget();
    this.chunks.forget();
  }

  private open(chunk: Buffer, isLast: boolean): Buffer {
    try {
      return this.key.use(isLast, (key, nonce) => this.aead.open(key, nonce, chunk));
    } catch (error) {
      throw damaged(error);
    }
  }
}
