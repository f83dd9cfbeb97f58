import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identitiesKey, recipientsKey, type DecryptionKey, type EncryptionKey } from '../../../src/backup/encryption/keys';
import { decryptPieces, encryptTo, isEncrypted } from '../../../src/backup/encryption/streams';
import { run, tryRun } from '../../lab/process';
import { gathered, someBytes } from '../../unit/backup/encryption/encryptionParts';
import { rejectsWith } from '../../unit/operations/rejectsWith';
import { tempFolder } from '../support/shared';

const sizes = [0, 1, 64 * 1024, 64 * 1024 + 1, 10_000_000];
const passphrase = 'vier Wörter, 🐘 $(id) "\' \\';

describe('encryption, and the program age', function () {
  this.timeout(120_000);
  let folder: string;
  let identityFile: string;
  let recipients: EncryptionKey;
  let identities: DecryptionKey;
  let recipient: string;

  before(async () => {
    folder = await tempFolder('age');
    identityFile = path.join(folder, 'key.txt');
    await run('age-keygen', ['-o', identityFile]);
    recipient = (await run('age-keygen', ['-y', identityFile])).trim();
    recipients = await recipientsKey([recipient]);
    identities = await identitiesKey([identityFile]);
  });

  const encrypt = async (plain: Buffer, key: EncryptionKey, file: string): Promise<void> => {
    const handle = await open(file, 'w');
    const cipher = await encryptTo(key, async (bytes) => void (await handle.write(bytes)));
    for (let start = 0; start < plain.length; start += 256_000) await cipher.add(plain.subarray(start, start + 256_000));
    await cipher.finish();
    await handle.close();
  };
  const decrypt = async (file: string, key: DecryptionKey): Promise<Buffer> => gathered(decryptPieces(createReadStream(file) as AsyncIterable<Buffer>, key));

  for (const size of sizes) {
    it(`agree on ${size} bytes for a recipient, both ways`, async () => {
      const plain = someBytes(size);
      const [ours, theirs, text, back, source] = ['ours', 'theirs', 'text', 'back', 'plain'].map((name) => path.join(folder, `${name}-${size}`)) as [
        string,
        string,
        string,
        string,
        string,
      ];
      await encrypt(plain, recipients, ours);
      await run('age', ['-d', '-i', identityFile, '-o', back, ours]);
      const read = await readFile(back).catch((error: unknown) => (size === 0 ? Buffer.alloc(0) : Promise.reject(error))); // for nothing, age makes no file
      assert.ok(read.equals(plain));
      await writeFile(source, plain);
      await run('age', ['-r', recipient, '-o', theirs, source]);
      await run('age', ['-a', '-r', recipient, '-o', text, source]);
      for (const file of [theirs, text]) {
        assert.equal(isEncrypted((await readFile(file)).subarray(0, 64)), true);
        assert.ok((await decrypt(file, identities)).equals(plain));
      }
    });
  }

  it('agree on what is read by one of several recipients', async () => {
    const second = path.join(folder, 'second.txt');
    await run('age-keygen', ['-o', second]);
    const both = await recipientsKey([recipient, (await run('age-keygen', ['-y', second])).trim()]);
    const file = path.join(folder, 'both');
    await encrypt(someBytes(1000), both, file);
    for (const key of [identityFile, second]) {
      const back = path.join(folder, 'both-back');
      await run('age', ['-d', '-i', key, '-o', back, file]);
      assert.ok((await readFile(back)).equals(someBytes(1000)));
    }
  });

  it('agree on a passphrase, both ways', async () => {
    const plain = someBytes(100_000);
    const [ours, theirs, back, source] = ['ours-p', 'theirs-p', 'back-p', 'plain-p'].map((name) => path.join(folder, name)) as [string, string, string, string];
    await encrypt(plain, { kind: 'passphrase', passphrase }, ours);
    await atTerminal('age -d -o "$OUT" "$IN"', { IN: ours, OUT: back }, [[/Enter passphrase/, passphrase]]);
    assert.ok((await readFile(back)).equals(plain));
    await writeFile(source, plain);
    await atTerminal('age -p -o "$OUT" "$IN"', { IN: source, OUT: theirs }, [
      [/Enter passphrase/, passphrase],
      [/Confirm passphrase/, passphrase],
    ]);
    assert.ok((await decrypt(theirs, { kind: 'passphrase', passphrase })).equals(plain));
    await rejectsWith('KEY_WRONG', decrypt(theirs, { kind: 'passphrase', passphrase: 'another' }));
  });

  it('refuse the same damage', async () => {
    const file = path.join(folder, 'whole');
    await encrypt(someBytes(200_000), recipients, file);
    const whole = await readFile(file);
    const payload = whole.indexOf('\n', whole.indexOf('\n--- ') + 1) + 1 + 16;
    const sealed = 64 * 1024 + 16;
    const cuts = [0, 1, 2, 3].flatMap((chunk) => [payload + chunk * sealed, payload + chunk * sealed + 1000]);
    const flipped = Buffer.from(whole);
    flipped[payload + sealed + 3] = (flipped[payload + sealed + 3] ?? 0) ^ 16;
    const wrong = [...cuts, payload - 5, payload - 40].map((size) => whole.subarray(0, size));
    for (const bytes of [...wrong, Buffer.concat([whole, Buffer.from('more')]), Buffer.concat([whole, whole]), flipped]) {
      const damagedFile = path.join(folder, 'damaged');
      await writeFile(damagedFile, bytes);
      await rejectsWith('BACKUP_DAMAGED', decrypt(damagedFile, identities));
      const theirs = await tryRun('age', ['-d', '-i', identityFile, '-o', path.join(folder, 'none'), damagedFile]);
      assert.notEqual(theirs.code, 0, `age took ${bytes.length} of ${whole.length} bytes`);
    }
  });
});

const terminal = 'script'; // of util-linux, and so on every Debian

/** Runs a constant shell line at a terminal, for age asks for passphrases nowhere else, and types when it is asked. */
async function atTerminal(line: string, env: NodeJS.ProcessEnv, answers: readonly (readonly [question: RegExp, answer: string])[]): Promise<void> {
  const child = spawn(terminal, ['--quiet', '--return', '--echo', 'never', '--command', line, '/dev/null'], { env: { ...process.env, ...env } });
  const waiting = [...answers];
  let shown = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    shown += text;
    const [question, answer = ''] = waiting[0] ?? [];
    if (question?.test(shown) !== true) return;
    waiting.shift();
    shown = '';
    child.stdin.write(`${answer}\r`);
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  assert.equal(code, 0, said);
  assert.equal(waiting.length, 0, said);
}
