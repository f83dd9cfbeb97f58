import { randomBytes } from 'node:crypto';
import { Failure } from '../../protocol/failure';
import { loadAead, type Aead } from './aead';
import { ageMagic, createHeader, openHeader } from './age';
import { isArmored, withoutArmor } from './armor';
import { damaged, keyMissing, keyWrong, recipientInvalid } from './failures';
import type { DecryptionKey, EncryptionKey } from './keys';
import { Opener, payloadNonceSize, Sealer } from './payload';
import { passphraseIdentity, passphraseRecipient } from './scrypt';

/** Takes bytes; gives a promise when no more should come before it is fulfilled. */
export type Write = (bytes: Buffer) => Promise<void> | undefined;

/** Something that is being encrypted. It holds 64 KiB of it. */
export interface Cipher {
  /** Encrypts and writes; gives a promise when no more should come before it is fulfilled. Fails with what writing failed with. */
  add(plain: Buffer): Promise<void> | undefined;
  /** Writes what makes the file whole; without it, nobody can mistake the file for one that is. */
  finish(): Promise<void>;
  /** Forgets the key. Nothing can be added any more, and the file never becomes whole. Never throws. */
  abandon(): void;
}

/** Bytes of a header with very many recipients; what is longer is none. */
const longestHeader = 1024 * 1024;

/** Begins an age file, as bytes and not as text. Throws `RECIPIENT_INVALID`, and what `write` throws. */
export async function encryptTo(key: EncryptionKey, write: Write): Promise<Cipher> {
  const aead = await loadAead();
  const { text, emptyPayload, fileKey } = await newHeader(key);
  proveKey(aead, fileKey, emptyPayload);
  const nonce = randomBytes(payloadNonceSize);
  const sealer = new Sealer(aead, fileKey, nonce);
  fileKey.fill(0);
  await write(Buffer.concat([text, nonce]));
  return new SealingCipher(sealer, write);
}

async function newHeader(key: EncryptionKey): ReturnType<typeof createHeader> {
  if (key.kind === 'passphrase') return createHeader([passphraseRecipient(key.passphrase)]);
  try {
    if (key.recipients.length === 0) throw new Error('no recipient');
    return await createHeader(key.recipients);
  } catch (error) {
    throw recipientInvalid('A recipient of the backup cannot be used.', error);
  }
}

/** Reads what the library encrypted, before anything is trusted to a key that might be another than the header holds. */
function proveKey(aead: Aead, fileKey: Buffer, emptyPayload: Buffer): void {
  const opener = new Opener(aead, fileKey, emptyPayload.subarray(0, payloadNonceSize));
  opener.add(emptyPayload.subarray(payloadNonceSize));
  if (opener.finish().length > 0) throw new Error('an empty file was encrypted as something else');
}

class SealingCipher implements Cipher {
  private state: 'open' | 'finished' | 'abandoned' = 'open';
  private writing: Promise<void> = Promise.resolve();
  private error: { readonly thrown: unknown } | undefined;

  constructor(
    private readonly sealer: Sealer,
    private readonly sink: Write,
  ) {}

  add(plain: Buffer): Promise<void> | undefined {
    this.check();
    const sealed = this.sealer.add(plain);
    return sealed.length === 0 ? undefined : this.write(sealed);
  }

  async finish(): Promise<void> {
    this.check();
    this.state = 'finished';
    await this.write(this.sealer.finish());
    await this.writing; // also what nobody has waited for
  }

  abandon(): void {
    if (this.state === 'open') this.state = 'abandoned';
    this.sealer.forget();
  }

  private check(): void {
    if (this.error !== undefined) throw this.error.thrown;
    if (this.state !== 'open') throw new Error(`the encryption was ${this.state}`);
  }

  private write(bytes: Buffer): Promise<void> | undefined {
    let written: Promise<void> | undefined;
    try {
      written = this.sink(bytes);
    } catch (thrown) {
      this.error = { thrown };
      throw thrown;
    }
    if (written === undefined) return undefined;
    written.catch((thrown: unknown) => (this.error ??= { thrown })); // seen by the next call
    this.writing = Promise.all([this.writing, written]).then(() => undefined);
    this.writing.catch(() => undefined);
    return written;
  }
}

/** Whether a file that starts so is encrypted by age. Needs its first 64 bytes. */
export function isEncrypted(start: Buffer): boolean {
  return start.subarray(0, ageMagic.length).toString('latin1') === ageMagic || isArmored(start);
}

/**
 * Decrypts an age file, be it bytes or text, piece by piece. Every byte that is given is one that was encrypted, but only
 * the end of the iteration says that there are no more of them: what was made of a file that throws must be thrown away.
 * Throws `BACKUP_FOREIGN` (not encrypted), `BACKUP_DAMAGED`, `KEY_WRONG`, `PASSPHRASE_MISSING` or `IDENTITY_MISSING` (no
 * key, or one of the other kind), `ENCRYPTION_UNSUPPORTED`, and what the source throws.
 */
export async function* decryptPieces(source: AsyncIterable<Buffer>, key: DecryptionKey | undefined): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  let opener: Opener | undefined;
  try {
    for await (const piece of withoutArmor(source)) {
      let sealed: Buffer = piece;
      if (opener === undefined) {
        start = Buffer.concat([start, piece]);
        const end = headerEnd(start);
        if (end === undefined || start.length < end + payloadNonceSize) continue;
        opener = await openPayload(start.subarray(0, end), start.subarray(end, end + payloadNonceSize), key);
        sealed = start.subarray(end + payloadNonceSize);
      }
      const plain = opener.add(sealed);
      if (plain.length > 0) yield plain;
    }
    if (opener === undefined) throw start.length < ageMagic.length ? foreign() : damaged(new Error('the header is cut short'));
    const last = opener.finish();
    if (last.length > 0) yield last;
  } finally {
    opener?.forget();
  }
}

/** Where the header ends, undefined while it does not. Throws when there is none. */
function headerEnd(start: Buffer): number | undefined {
  const magic = start.subarray(0, ageMagic.length).toString('latin1');
  if (!ageMagic.startsWith(magic)) throw foreign();
  const mac = start.indexOf('\n--- ');
  const end = mac === -1 ? -1 : start.indexOf('\n', mac + 1);
  if (end !== -1) return end + 1;
  if (start.length > longestHeader) throw damaged(new Error('the header does not end'));
  return undefined;
}

async function openPayload(header: Buffer, nonce: Buffer, key: DecryptionKey | undefined): Promise<Opener> {
  const wanted = header.includes('\n-> scrypt ') ? 'passphrase' : 'identities';
  if (key?.kind !== wanted) throw keyMissing(wanted);
  const fileKey = await openHeader(header, key.kind === 'passphrase' ? [passphraseIdentity(key.passphrase)] : key.identities).catch((error: unknown) => {
    throw error instanceof Failure ? error : damaged(error);
  });
  if (fileKey === undefined) throw keyWrong(wanted);
  const opener = new Opener(await loadAead(), fileKey, nonce);
  fileKey.fill(0);
  return opener;
}

function foreign(): Failure {
  return new Failure('BACKUP_FOREIGN', 'The file is not encrypted with age.', 'Restore it without a key, or choose another file.');
}
