import type { Decrypter, Identity, Recipient } from 'age-encryption';
import { identityInvalid } from './failures';

export type { Identity, Recipient };

/** The first line of every file that age made, in this version of its format. */
export const ageMagic = 'age-encryption.org/v1\n';

/** What a file begins with, and the key that was made for it. */
export interface Header {
  readonly text: Buffer;
  /** Of the payload's nonce, 16 bytes, and of the payload of an empty file: what proves that key and text belong together. */
  readonly emptyPayload: Buffer;
  readonly fileKey: Buffer;
}

/** Bytes of nonce and authentication tag, which are all that an empty file has after its header. */
const emptyPayloadSize = 32;

/** Whether something can be encrypted for this recipient; tried, since only that shows a key that no message can be made for. */
export async function isRecipient(text: string): Promise<boolean> {
  try {
    await createHeader([text]);
    return true;
  } catch {
    return false;
  }
}

/** Whether this is an identity that the library can decrypt with. */
export async function isIdentity(text: string): Promise<boolean> {
  const { identityToRecipient } = await import('age-encryption');
  try {
    await identityToRecipient(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The header of a new file for these recipients. The library makes it by encrypting nothing; one more recipient, which adds
 * nothing to the header, is told the file's key. Throws what the library says of a recipient.
 */
export async function createHeader(recipients: readonly (string | Recipient)[]): Promise<Header> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  let fileKey: Buffer | undefined;
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Buffer.from(key);
      return [];
    },
  });
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const file = Buffer.from(await encrypter.encrypt(new Uint8Array(0)));
  if (fileKey === undefined) throw new Error('age-encryption did not tell the key of the file');
  const end = file.length - emptyPayloadSize;
  return { text: file.subarray(0, end), emptyPayload: file.subarray(end), fileKey };
}

/**
 * The key of the file that begins with this header; undefined when none of the identities is meant by it.
 * Throws `IDENTITY_INVALID`, and what the library or an identity says of a header that is not as it was written.
 */
export async function openHeader(header: Buffer, identities: readonly (string | Identity)[]): Promise<Buffer | undefined> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) addIdentity(decrypter, identity);
  let nobodyMeant = false;
  decrypter.addIdentity({
    unwrapFileKey: () => {
      nobodyMeant = true; // identities are asked in turn, until one knows the key
      return null;
    },
  });
  try {
    return Buffer.from(await decrypter.decryptHeader(header));
  } catch (error) {
    if (nobodyMeant) return undefined;
    throw error;
  }
}

/** The library's own error might say the secret. */
function addIdentity(decrypter: Decrypter, identity: string | Identity): void {
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw identityInvalid('An identity is malformed.');
  }
}
