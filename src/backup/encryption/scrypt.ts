import { randomBytes, scrypt } from 'node:crypto';
import { Failure } from '../../protocol/failure';
import { loadAead, tagSize } from './aead';
import type { Identity, Recipient } from './age';

// The recipient type `scrypt` of age (https://age-encryption.org/v1). The library has one, too, but it lets nobody see the
// file's key when it encrypts, and keeps the whole program waiting for more than a second: this one computes aside.

const label = 'age-encryption.org/v1/scrypt';
const saltSize = 16;
const fileKeySize = 16;
const blockSize = 8;
/** Two to its power is how often it is done; what `age` does, and a quarter of a gigabyte for a second. */
const workFactor = 18;
/** More than a gigabyte nobody's file may ask for; `age` itself never writes more than 18. */
const highestWorkFactor = 20;

/** Whoever knows the passphrase. No other recipient may stand beside it. */
export function passphraseRecipient(passphrase: string): Recipient {
  return {
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(saltSize);
      const key = await derive(passphrase, salt, workFactor);
      const body = (await loadAead()).seal(key, Buffer.alloc(12), Buffer.from(fileKey));
      return [{ args: ['scrypt', unpadded(salt), String(workFactor)], body }];
    },
  };
}

/** The one who knows the passphrase. It throws when the header is wrong, and `ENCRYPTION_UNSUPPORTED` when it asks for too much. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    unwrapFileKey: async (stanzas) => {
      const stanza = stanzas.find(({ args: [type] }) => type === 'scrypt');
      if (stanza === undefined) return null;
      const [, salt = '', factor = ''] = stanza.args;
      const saltBytes = Buffer.from(salt, 'base64');
      const isWellFormed =
        stanzas.length === 1 && stanza.args.length === 3 && /^[1-9]\d*$/.test(factor) && saltBytes.length === saltSize && unpadded(saltBytes) === salt;
      if (!isWellFormed || stanza.body.length !== fileKeySize + tagSize) throw new Error('the scrypt stanza is malformed');
      if (Number(factor) > highestWorkFactor) throw tooMuchWork(factor);
      const key = await derive(passphrase, saltBytes, Number(factor));
      try {
        return (await loadAead()).open(key, Buffer.alloc(12), Buffer.from(stanza.body));
      } catch {
        return null;
      }
    },
  };
}

async function derive(passphrase: string, salt: Buffer, factor: number): Promise<Buffer> {
  const N = 2 ** factor;
  const settings = { N, r: blockSize, p: 1, maxmem: 2 * 128 * (N + 8) * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(label), salt]), 32, settings, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function tooMuchWork(factor: string): Failure {
  return new Failure(
    'ENCRYPTION_UNSUPPORTED',
    `The passphrase of this backup was made costlier than can be computed here (work factor ${factor.slice(0, 12)}).`,
    'Decrypt it with the program age, and restore what that gives.',
  );
}
