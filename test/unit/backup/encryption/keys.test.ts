import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { identitiesKey, parseIdentities, passphraseFromEnvironment, passphraseFromFile, recipientsKey } from '../../../../src/backup/encryption/keys';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';

const inFolder = temporaryFolder();
// The vectors of the specification's own tests, and of its documentation.
const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

describe('recipients', () => {
  it('are taken as they are, each once', async () => {
    const hybrid = await identityToRecipient(await generateHybridIdentity());
    assert.deepEqual(await recipientsKey([recipient, ` ${recipient}\n`, hybrid]), { kind: 'recipients', recipients: [recipient, hybrid] });
  });

  for (const [what, texts] of [
    ['none', []],
    ['an empty one', ['']],
    ['one that lacks its end', [recipient.slice(0, -1)]],
    ['one with a wrong letter', [recipient.replace('ql3', 'ql4')]],
    ['one in capitals', [recipient.toUpperCase()]],
    ['one that nothing can be encrypted for', ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z']],
    ['a key of SSH', ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB']],
    ['a recipient of a plugin', ['age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t']],
    ['a file name', ['recipients.txt']],
    ['a good one and a bad one', [recipient, 'age1']],
  ] as const) {
    it(`are refused: ${what}`, () => rejectsWith('RECIPIENT_INVALID', recipientsKey(texts)));
  }

  it('say what is not supported, and how it should be', async () => {
    assert.match((await rejectsWith('RECIPIENT_INVALID', recipientsKey(['ssh-rsa AAAA']))).message, /SSH/);
    assert.match((await rejectsWith('RECIPIENT_INVALID', recipientsKey(['age1yubikey1qwt50d0']))).message, /plugin "yubikey"/);
    assert.match((await rejectsWith('RECIPIENT_INVALID', recipientsKey(['x']))).remedy, /age1/);
  });

  it('do not repeat a secret key that was taken for one', async () => {
    const { message, remedy, cause } = await rejectsWith('RECIPIENT_INVALID', recipientsKey([await generateX25519Identity()]));
    assert.match(message, /secret key/i);
    assert.ok(!`${message}${remedy}${String(cause)}`.includes('AGE-SECRET-KEY-1'));
  });
});

describe('identities', () => {
  it('are read from files as age-keygen writes them', async () => {
    const [one, two] = [await generateX25519Identity(), await generateHybridIdentity()];
    writeFileSync(inFolder('a.txt'), `# created: 2026-11-07\n# public key: ${recipient}\n${one}\n`);
    writeFileSync(inFolder('b.txt'), `\ufeff\r\n  # both\r\n${two}\r\n\r\n${one}`);
    assert.deepEqual(await identitiesKey([inFolder('a.txt')]), { kind: 'identities', identities: [one] });
    assert.deepEqual(await identitiesKey([inFolder('a.txt'), inFolder('b.txt')]), { kind: 'identities', identities: [one, two] });
  });

  for (const [what, text] of [
    ['nothing', ''],
    ['comments only', '# AGE-SECRET-KEY-1\n'],
    ['a recipient', recipient],
    ['a key that lacks its end', 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAE'],
    ['a plugin’s', 'AGE-PLUGIN-YUBIKEY-1QQQQQQQQ'],
    ['a key of SSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n'],
    ['an encrypted file', 'age-encryption.org/v1\n-> scrypt'],
  ] as const) {
    it(`are refused: ${what}`, () => rejectsWith('IDENTITY_INVALID', parseIdentities(text, 'key.txt')));
  }

  it('are never said, but their line', async () => {
    const { message, cause } = await rejectsWith('IDENTITY_INVALID', parseIdentities(`# mine\n${await generateX25519Identity()}x\n`, 'key.txt'));
    assert.equal(message, 'Line 2 of key.txt is no identity.');
    assert.equal(cause, undefined);
  });

  it('need their file', () => rejectsWith('FILE_MISSING', identitiesKey([inFolder('none')])));
});

describe('a passphrase', () => {
  for (const [what, text, expected] of [
    ['without a newline', 'correct horse', 'correct horse'],
    ['with a newline', 'correct horse\n', 'correct horse'],
    ['with a newline of Windows', 'correct horse\r\n', 'correct horse'],
    ['followed by lines', 'first\nsecond\n', 'first'],
    ['with blanks around it', '  blank \n', '  blank '],
    ['with an order mark', '\ufeffmarked\r\n', 'marked'],
    ['of one letter', 'x', 'x'],
    ['in any script', 'größe 🐘\n', 'größe 🐘'],
  ] as const) {
    it(`is read from a file ${what}`, async () => {
      writeFileSync(inFolder('p'), text);
      assert.deepEqual(await passphraseFromFile(inFolder('p')), { kind: 'passphrase', passphrase: expected });
    });
  }

  for (const [what, bytes, code] of [
    ['an empty file', '', 'PASSPHRASE_MISSING'],
    ['an empty line', '\nsecret\n', 'PASSPHRASE_MISSING'],
    ['an empty line of Windows', '\r\nsecret', 'PASSPHRASE_MISSING'],
    ['UTF-16', Buffer.from('secret', 'utf16le'), 'KEY_FILE_FOREIGN'],
    ['Latin-1', Buffer.from('größe', 'latin1'), 'KEY_FILE_FOREIGN'],
  ] as const) {
    it(`is not taken from ${what}`, async () => {
      writeFileSync(inFolder('p'), bytes);
      const { message } = await rejectsWith(code, passphraseFromFile(inFolder('p')));
      assert.ok(!message.includes('secret'));
    });
  }

  it('comes from the environment', async () => {
    assert.deepEqual(passphraseFromEnvironment({ CONTAINER_DATABASES_PASSPHRASE: 'a b' }), { kind: 'passphrase', passphrase: 'a b' });
    assert.equal(passphraseFromEnvironment({}), undefined);
    await rejectsWith('PASSPHRASE_MISSING', () => passphraseFromEnvironment({ CONTAINER_DATABASES_PASSPHRASE: '' }));
  });
});
