import assert from 'node:assert/strict';
import { loadAead, tagSize, type Aead } from '../../../../src/backup/encryption/aead';
import { Opener, Sealer } from '../../../../src/backup/encryption/payload';
import { rejectsWith } from '../../operations/rejectsWith';
import { someBytes } from './encryptionParts';

const chunk = 64 * 1024;
const fileKey = Buffer.alloc(16, 7);
const nonce = Buffer.alloc(16, 9);

describe('aead', () => {
  it('is the same with and without the cipher of Node', async () => {
    const [native, slow] = [await loadAead(), await loadAead([])];
    assert.notEqual(native, slow);
    for (const size of [0, 1, 63, 64, 1000]) {
      const sealed = native.seal(Buffer.alloc(32, 1), Buffer.alloc(12, 2), someBytes(size));
      assert.equal(sealed.length, size + tagSize);
      assert.deepEqual(slow.seal(Buffer.alloc(32, 1), Buffer.alloc(12, 2), someBytes(size)), sealed);
      for (const aead of [native, slow]) {
        assert.deepEqual(aead.open(Buffer.alloc(32, 1), Buffer.alloc(12, 2), sealed), someBytes(size));
        assert.throws(() => aead.open(Buffer.alloc(32, 1), Buffer.alloc(12, 3), sealed));
        assert.throws(() => aead.open(Buffer.alloc(32, 1), Buffer.alloc(12, 2), sealed.subarray(0, 15)));
      }
    }
  });
});

for (const [name, ciphers] of [
  ['Node’s cipher', undefined],
  ['the cipher in JavaScript', []],
] as const) {
  describe(`payload, with ${name}`, () => {
    const seal = async (plain: Buffer, pieceSize = plain.length || 1): Promise<Buffer> => {
      const sealer = new Sealer(await loadAead(ciphers), fileKey, nonce);
      const pieces: Buffer[] = [];
      for (let start = 0; start < plain.length; start += pieceSize) pieces.push(Buffer.from(sealer.add(plain.subarray(start, start + pieceSize))));
      return Buffer.concat([...pieces, sealer.finish()]);
    };
    const open = async (sealed: Buffer): Promise<Buffer> => {
      const opener = new Opener(await loadAead(ciphers), fileKey, nonce);
      return Buffer.concat([opener.add(sealed), opener.finish()]);
    };

    for (const size of [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 77]) {
      it(`gives ${size} bytes back, whatever the pieces`, async () => {
        const plain = someBytes(size);
        const sealed = await seal(plain);
        assert.equal(sealed.length, size + tagSize * Math.max(1, Math.ceil(size / chunk)));
        assert.deepEqual(await seal(plain, 4096 + 1), sealed);
        assert.deepEqual(await open(sealed), plain);
      });
    }

    it('counts chunks beyond one byte', async () => {
      const plain = someBytes(300 * chunk + 5);
      assert.ok((await open(await seal(plain))).equals(plain));
    });

    it('notices chunks that are left out, doubled, exchanged or added', async () => {
      const sealed = await seal(someBytes(3 * chunk));
      const [a, b, c] = [0, 1, 2].map((index) => sealed.subarray(index * (chunk + tagSize), (index + 1) * (chunk + tagSize)));
      assert.ok(a !== undefined && b !== undefined && c !== undefined);
      const another = new Sealer(await loadAead(), fileKey, nonce).finish();
      for (const wrong of [[a, b], [a, c], [b, c], [a, a, b, c], [b, a, c], [a, b, c, c], [a, b, c, another], [c], []]) {
        await rejectsWith('BACKUP_DAMAGED', open(Buffer.concat(wrong)));
      }
    });

    it('refuses an empty last chunk behind others', async () => {
      const aead = await loadAead(ciphers);
      // A writer that seals a full chunk at once, and then nothing as the last: age calls such a file wrong.
      const greedy = new Sealer({ ...aead, seal: (key, chunkNonce, plain) => sealTwice(aead, key, chunkNonce, plain) }, fileKey, nonce);
      greedy.add(someBytes(chunk));
      await rejectsWith('BACKUP_DAMAGED', open(greedy.finish()));
    });
  });
}

function sealTwice(aead: Aead, key: Buffer, lastNonce: Buffer, plain: Buffer): Buffer {
  const [first, second] = [Buffer.from(lastNonce), Buffer.from(lastNonce)];
  first[11] = 0;
  second[10] = 1;
  return Buffer.concat([aead.seal(key, first, plain), aead.seal(key, second, Buffer.alloc(0))]);
}
