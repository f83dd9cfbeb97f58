import assert from 'node:assert/strict';
import { armor, Decrypter, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { decryptPieces, encryptTo, isEncrypted, type Write } from '../../../../src/backup/encryption/streams';
import type { DecryptionKey, EncryptionKey } from '../../../../src/backup/encryption/keys';
import { asFailure } from '../../../../src/protocol/failure';
import { rejectsWith } from '../../operations/rejectsWith';
import { gathered, inPieces, memorySink, someBytes } from './encryptionParts';

const chunk = 64 * 1024;
const sealedChunk = chunk + 16;

async function encrypted(plain: Buffer, key: EncryptionKey, pieceSize = 100_000): Promise<Buffer> {
  const sink = memorySink();
  const cipher = await encryptTo(key, sink.write);
  for await (const piece of inPieces(plain, pieceSize)) await cipher.add(piece);
  await cipher.finish();
  return sink.bytes();
}

async function decrypted(file: Buffer, key: DecryptionKey | undefined, ...sizes: readonly number[]): Promise<Buffer> {
  return gathered(decryptPieces(inPieces(file, ...sizes), key));
}

/** The code that the work fails with. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return asFailure(error).code;
  }
  return 'none';
}

describe('encryption', () => {
  let recipients: EncryptionKey;
  let identities: DecryptionKey;
  let other: string;
  let file: Buffer;
  let headerSize: number;
  const plain = someBytes(2 * chunk + 1000);

  before(async () => {
    const mine = await generateX25519Identity();
    other = await generateX25519Identity();
    recipients = { kind: 'recipients', recipients: [await identityToRecipient(mine)] };
    identities = { kind: 'identities', identities: [mine] };
    file = await encrypted(plain, recipients);
    headerSize = file.indexOf('\n', file.indexOf('\n--- ') + 1) + 1;
  });

  for (const size of [0, 1, chunk, chunk + 1, 10 * chunk + 7]) {
    it(`gives ${size} bytes back, whatever the pieces`, async () => {
      const bytes = someBytes(size);
      const made = await encrypted(bytes, recipients, 30_001);
      for (const sizes of [[made.length], [1000, 77_777], [3 * chunk]]) assert.ok((await decrypted(made, identities, ...sizes)).equals(bytes));
    });
  }

  it('reads a file that comes byte by byte', async () => {
    assert.deepEqual(await decrypted(await encrypted(Buffer.from('dump'), recipients), identities, 1), Buffer.from('dump'));
  });

  it('has nothing in its header but one stanza for each recipient', async () => {
    const hybrid = await generateHybridIdentity();
    const all = await Promise.all([other, hybrid].map(identityToRecipient));
    const made = await encrypted(plain, { kind: 'recipients', recipients: all });
    const stanzas = made
      .toString('latin1')
      .split('\n--- ')[0]
      ?.match(/^-> \S+/gm);
    assert.deepEqual(stanzas, ['-> X25519', '-> mlkem768x25519']);
    for (const identity of [other, hybrid]) assert.ok((await decrypted(made, { kind: 'identities', identities: [identity] })).equals(plain));
  });

  it('reads with the one of several identities that fits', async () => {
    const [mine = ''] = identities.kind === 'identities' ? identities.identities : [];
    assert.ok((await decrypted(file, { kind: 'identities', identities: [other, mine] })).equals(plain));
  });

  it('is never the same twice', async () => {
    assert.notDeepEqual(await encrypted(plain, recipients), await encrypted(plain, recipients));
  });

  it('refuses a wrong key, and one of the other kind', async () => {
    await rejectsWith('KEY_WRONG', decrypted(file, { kind: 'identities', identities: [other] }));
    await rejectsWith('IDENTITY_MISSING', decrypted(file, { kind: 'passphrase', passphrase: 'x' }));
    await rejectsWith('IDENTITY_MISSING', decrypted(file, undefined));
    await rejectsWith('RECIPIENT_INVALID', encrypted(plain, { kind: 'recipients', recipients: [] }));
    await rejectsWith('RECIPIENT_INVALID', encrypted(plain, { kind: 'recipients', recipients: ['age1no'] }));
  });

  it('never says an identity', async () => {
    const { message, cause } = await rejectsWith('IDENTITY_INVALID', decrypted(file, { kind: 'identities', identities: [`${other}x`] }));
    assert.equal(cause, undefined);
    assert.ok(!message.includes('AGE-'));
  });

  it('encrypts with a passphrase', async function () {
    this.timeout(30_000); // a passphrase takes a second each time, as it should
    const made = await encrypted(plain, { kind: 'passphrase', passphrase: 'größer als 🐘' });
    assert.match(made.toString('latin1'), /^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/);
    assert.ok((await decrypted(made, { kind: 'passphrase', passphrase: 'größer als 🐘' })).equals(plain));
    await rejectsWith('KEY_WRONG', decrypted(made, { kind: 'passphrase', passphrase: 'größer als 🐘 ' }));
    await rejectsWith('PASSPHRASE_MISSING', decrypted(made, identities));
    await rejectsWith('PASSPHRASE_MISSING', decrypted(made, undefined));
  });

  it('is what the library would make, and reads, also beyond 256 chunks', async () => {
    const many = someBytes(300 * chunk + 1);
    const decrypter = new Decrypter();
    if (identities.kind === 'identities') identities.identities.forEach((identity) => decrypter.addIdentity(identity));
    assert.ok(Buffer.from(await decrypter.decrypt(new Uint8Array(await encrypted(many, recipients)))).equals(many));
    const encrypter = new Encrypter();
    if (recipients.kind === 'recipients') recipients.recipients.forEach((recipient) => encrypter.addRecipient(recipient));
    assert.ok((await decrypted(Buffer.from(await encrypter.encrypt(many)), identities, 300_000)).equals(many));
  });

  it('reads what was encrypted with a passphrase at any cost', async () => {
    for (const factor of [1, 2, 10, 15]) {
      const encrypter = new Encrypter();
      encrypter.setPassphrase('größer');
      encrypter.setScryptWorkFactor(factor);
      const made = Buffer.from(await encrypter.encrypt(plain));
      assert.ok((await decrypted(made, { kind: 'passphrase', passphrase: 'größer' })).equals(plain));
      await rejectsWith('KEY_WRONG', decrypted(made, { kind: 'passphrase', passphrase: 'kleiner' }));
    }
  });

  it('refuses a passphrase that asks for too much work, and stanzas that are malformed', async () => {
    const salt = Buffer.alloc(16, 1).toString('base64').slice(0, 22);
    const body = Buffer.alloc(32, 1).toString('base64').slice(0, 43);
    const header = (...stanzas: readonly string[]): Buffer =>
      Buffer.from(`age-encryption.org/v1\n${stanzas.map((stanza) => `-> ${stanza}\n${body}\n`).join('')}--- ${body}\n${'n'.repeat(40)}`);
    const key: DecryptionKey = { kind: 'passphrase', passphrase: 'x' };
    await rejectsWith('ENCRYPTION_UNSUPPORTED', decrypted(header(`scrypt ${salt} 21`), key));
    await rejectsWith('ENCRYPTION_UNSUPPORTED', decrypted(header(`scrypt ${salt} 99999999999999999999`), key));
    for (const stanzas of [
      [`scrypt ${salt} 018`],
      [`scrypt ${salt}`],
      [`scrypt ${salt} 1 1`],
      [`scrypt ${salt}AA 1`],
      [`scrypt ${salt} 1`, `scrypt ${salt} 1`],
    ]) {
      await rejectsWith('BACKUP_DAMAGED', decrypted(header(...stanzas), key));
    }
  });

  it('notices a file that is cut, wherever', async () => {
    const payload = headerSize + 16;
    const boundaries = [payload, payload + sealedChunk, payload + 2 * sealedChunk].flatMap((end) => [end - 1, end, end + 1]);
    for (const size of [22, 50, headerSize - 1, headerSize, ...boundaries, payload + 1000, payload + sealedChunk + 5000, file.length - 1]) {
      await rejectsWith('BACKUP_DAMAGED', decrypted(file.subarray(0, size), identities));
    }
  });

  it('notices bytes that were added', async () => {
    for (const size of [1, 16, 1000, chunk, sealedChunk]) await rejectsWith('BACKUP_DAMAGED', decrypted(Buffer.concat([file, someBytes(size)]), identities));
    await rejectsWith('BACKUP_DAMAGED', decrypted(Buffer.concat([file, file]), identities));
    const full = await encrypted(someBytes(2 * chunk), recipients);
    for (const size of [1, 16, sealedChunk]) await rejectsWith('BACKUP_DAMAGED', decrypted(Buffer.concat([full, someBytes(size)]), identities));
  });

  it('notices every bit of the header that was flipped', async () => {
    for (let place = 0; place < headerSize; place++) {
      const wrong = Buffer.from(file);
      wrong[place] = (wrong[place] ?? 0) ^ (1 << (place % 8));
      // In the stanza of the recipient, damage cannot be told from a key that does not fit.
      const code = await refusalOf(decrypted(wrong, identities));
      assert.match(code, place < 22 ? /^BACKUP_FOREIGN$/ : /^(BACKUP_DAMAGED|KEY_WRONG)$/, `byte ${place}`);
    }
  });

  it('notices bits of the payload that were flipped', async () => {
    for (const place of [
      headerSize,
      headerSize + 15,
      headerSize + 16,
      headerSize + 40_000,
      headerSize + 16 + sealedChunk - 1,
      file.length - 17,
      file.length - 1,
    ]) {
      const wrong = Buffer.from(file);
      wrong[place] = (wrong[place] ?? 0) ^ 4;
      await rejectsWith('BACKUP_DAMAGED', decrypted(wrong, identities));
    }
  });

  it('gives nothing of a chunk that was changed', async () => {
    const wrong = Buffer.from(file);
    wrong[headerSize + 16 + sealedChunk + 5] = 0;
    const pieces: Buffer[] = [];
    await rejectsWith('BACKUP_DAMAGED', async () => {
      for await (const piece of decryptPieces(inPieces(wrong, 1000), identities)) pieces.push(Buffer.from(piece));
    });
    assert.deepEqual(Buffer.concat(pieces), plain.subarray(0, chunk));
  });

  it('tells what is not encrypted', async () => {
    for (const text of ['', 'PGDMP', 'PGDMP'.repeat(100), 'age-encryption.org/v2\n'])
      await rejectsWith('BACKUP_FOREIGN', decrypted(Buffer.from(text), identities));
    await rejectsWith('BACKUP_DAMAGED', decrypted(Buffer.concat([Buffer.from('age-encryption.org/v1\n-> '), Buffer.alloc(1_100_000, 'a')]), identities));
  });

  for (const [name, text, expected] of [
    ['an age file', 'age-encryption.org/v1\n-> X25519 abc', true],
    ['an age file as text', '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl', true],
    ['such a text behind blank lines', '\r\n \n-----BEGIN AGE ENCRYPTED FILE-----\n', true],
    ['a newer version', 'age-encryption.org/v10\n', false],
    ['less than a line', 'age-encryption.org/v', false],
    ['an archive', 'PGDMP\x01', false],
    ['nothing', '', false],
  ] as const) {
    it(`says that ${name} is ${expected ? '' : 'not '}encrypted`, () => assert.equal(isEncrypted(Buffer.from(text)), expected));
  }

  describe('as text', () => {
    it('is read, however the lines end', async () => {
      for (const bytes of [someBytes(0), someBytes(50_000), someBytes(50_001), someBytes(50_002)]) {
        const text = armor.encode(new Uint8Array(await encrypted(bytes, recipients)));
        for (const variant of [text, text.replaceAll('\n', '\r\n'), `\n \n${text}\n \n`, text.trimEnd()]) {
          for (const sizes of [[variant.length], [63, 1000, 65]]) assert.ok((await decrypted(Buffer.from(variant), identities, ...sizes)).equals(bytes));
        }
      }
    });

    it('is refused when it is not as it was written', async () => {
      const text = armor.encode(new Uint8Array(file));
      const lines = text.split('\n');
      const edited = (edit: (copy: string[]) => unknown): string => {
        const copy = [...lines];
        edit(copy);
        return copy.join('\n');
      };
      for (const wrong of [
        text.slice(0, 5000),
        text.slice(0, text.length - 10),
        text.slice(0, text.lastIndexOf('-----END')),
        `${text}more`,
        `${text}${text}`,
        `x${text}`.replace(/^x/, '  x'),
        edited((copy) => copy.splice(20, 1)),
        edited((copy) => copy.splice(20, 0, '')),
        edited((copy) => (copy[20] = copy[20]?.slice(4) ?? '')),
        edited((copy) => (copy[20] = `${copy[20]} `)),
        edited((copy) => (copy[20] = copy[20]?.replace(/^./, '!') ?? '')),
        edited((copy) => (copy[20] = `${copy[20]}${copy[21]}`)),
        text.replaceAll(/^(?!-)(.{32})(.+)$/gm, '$1\n$2'),
        `-----BEGIN AGE ENCRYPTED FILE-----\n${'A'.repeat(1000)}`,
      ]) {
        const code = await refusalOf(decrypted(Buffer.from(wrong), identities, 777));
        assert.match(code, /^BACKUP_(DAMAGED|FOREIGN)$/, wrong.slice(0, 80));
      }
    });
  });

  describe('of a stream', () => {
    it('waits for whoever writes, and holds no more than a chunk', async () => {
      let release = (): void => undefined;
      let taken = 0;
      const cipher = await encryptTo(recipients, (bytes) => {
        taken += bytes.length;
        return taken < 1000 ? undefined : new Promise((resolve) => (release = resolve));
      });
      const header = taken;
      assert.equal(cipher.add(someBytes(chunk)), undefined);
      assert.equal(taken, header);
      const busy = cipher.add(someBytes(3 * chunk));
      assert.equal(taken, header + 3 * sealedChunk);
      let isDone = false;
      const done = busy?.then(() => (isDone = true));
      await new Promise(setImmediate);
      assert.equal(isDone, false);
      release();
      assert.equal(await done, true);
    });

    it('says at the next call that writing failed', async () => {
      const full = new Error('disk full');
      let count = 0;
      const failing: Write = async () => {
        if (++count > 1) throw full;
      };
      const cipher = await encryptTo(recipients, failing);
      const unheeded = cipher.add(someBytes(2 * chunk));
      assert.notEqual(unheeded, undefined);
      await new Promise(setImmediate);
      assert.throws(() => cipher.add(someBytes(1)), full);
      await assert.rejects(cipher.finish(), full);
      await assert.rejects(Promise.resolve(unheeded), full);
    });

    it('says at the end that a write failed for which nobody has waited', async () => {
      const writes: ((error: Error) => void)[] = [];
      let isBegun = false;
      const cipher = await encryptTo(recipients, (bytes) => {
        if (!isBegun || bytes.length < chunk) return undefined;
        return new Promise((_, reject) => writes.push(reject));
      });
      isBegun = true;
      void cipher.add(someBytes(2 * chunk))?.catch(() => undefined);
      void cipher.add(someBytes(1))?.catch(() => undefined);
      const finishing = cipher.finish();
      await new Promise(setImmediate);
      writes.forEach((fail) => fail(new Error('late')));
      await assert.rejects(finishing, /late/);
    });

    it('fails at once when there is no place for the header', async () => {
      await assert.rejects(
        encryptTo(recipients, () => {
          throw new Error('disk full');
        }),
        /disk full/,
      );
    });

    it('never becomes whole when it is abandoned', async () => {
      const sink = memorySink();
      const cipher = await encryptTo(recipients, sink.write);
      await cipher.add(plain);
      cipher.abandon();
      assert.throws(() => cipher.add(plain));
      await assert.rejects(cipher.finish());
      await rejectsWith('BACKUP_DAMAGED', decrypted(sink.bytes(), identities));
    });

    it('hands on what its source throws, and lets the source go', async () => {
      const broken = async function* (): AsyncGenerator<Buffer> {
        yield file.subarray(0, headerSize + 100_000);
        throw new Error('the disk is gone');
      };
      await assert.rejects(gathered(decryptPieces(broken(), identities)), /the disk is gone/);
      let isClosed = false;
      const endless = async function* (): AsyncGenerator<Buffer> {
        try {
          yield* inPieces(file, 70_000);
        } finally {
          isClosed = true;
        }
      };
      for await (const piece of decryptPieces(endless(), identities)) if (piece.length > 0) break;
      assert.equal(isClosed, true);
    });
  });
});
