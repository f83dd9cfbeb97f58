import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { decryptionKeyOf, decryptionOptions, encryptionKeyOf, encryptionOptions } from '../../../src/cli/encryptionKeys';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';

const inFolder = temporaryFolder();
const inEnvironment = { CONTAINER_DATABASES_PASSPHRASE: 'from outside' };
const passphrase = (text: string): unknown => ({ kind: 'passphrase', passphrase: text });

describe('the options that encrypt', () => {
  let identity: string;
  let recipient: string;

  beforeEach(async () => {
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    writeFileSync(inFolder('phrase'), 'from a file\n');
    writeFileSync(inFolder('key'), `${identity}\n`);
  });

  it('are none by default', async () => {
    assert.equal(await encryptionKeyOf({}, {}), undefined);
    assert.equal(await decryptionKeyOf({}, {}), undefined);
  });

  it('take recipients, one or several', async () => {
    assert.deepEqual(await encryptionKeyOf({ encryptRecipient: recipient }, {}), { kind: 'recipients', recipients: [recipient] });
    const other = await identityToRecipient(await generateX25519Identity());
    assert.deepEqual(await encryptionKeyOf({ encryptRecipient: [recipient, other] }, inEnvironment), { kind: 'recipients', recipients: [recipient, other] });
    await rejectsWith('RECIPIENT_INVALID', encryptionKeyOf({ encryptRecipient: [recipient, 'bob'] }, {}));
  });

  it('take a passphrase from a file before the environment', async () => {
    assert.deepEqual(await encryptionKeyOf({ encryptPassphraseFile: inFolder('phrase') }, inEnvironment), passphrase('from a file'));
    assert.deepEqual(await decryptionKeyOf({ passphraseFile: inFolder('phrase') }, inEnvironment), passphrase('from a file'));
    assert.deepEqual(await encryptionKeyOf({}, inEnvironment), passphrase('from outside'));
    assert.deepEqual(await decryptionKeyOf({}, inEnvironment), passphrase('from outside'));
  });

  it('take identities from files before the environment', async () => {
    assert.deepEqual(await decryptionKeyOf({ identity: inFolder('key') }, inEnvironment), { kind: 'identities', identities: [identity] });
    assert.deepEqual(await decryptionKeyOf({ identity: [inFolder('key'), inFolder('key')] }, {}), { kind: 'identities', identities: [identity] });
    await rejectsWith('FILE_MISSING', decryptionKeyOf({ identity: inFolder('none') }, {}));
  });

  it('exclude one another', async () => {
    await rejectsWith('USAGE', encryptionKeyOf({ encryptRecipient: [recipient], encryptPassphraseFile: inFolder('phrase') }, {}));
    await rejectsWith('USAGE', decryptionKeyOf({ identity: inFolder('key'), passphraseFile: inFolder('phrase') }, {}));
  });

  it('never write an open backup when the passphrase in the environment is empty, but read one', async () => {
    await rejectsWith('PASSPHRASE_MISSING', encryptionKeyOf({}, { CONTAINER_DATABASES_PASSPHRASE: '' }));
    assert.equal(await decryptionKeyOf({}, { CONTAINER_DATABASES_PASSPHRASE: '' }), undefined);
  });

  it('are read under the names that commander gives them', () => {
    const named = (options: typeof encryptionOptions): readonly string[] => {
      const command = new Command();
      for (const [flags, description] of options) command.option(flags, description);
      return command.options.map((option) => option.attributeName());
    };
    assert.deepEqual(named(encryptionOptions), ['encryptRecipient', 'encryptPassphraseFile']);
    assert.deepEqual(named(decryptionOptions), ['identity', 'passphraseFile']);
  });
});
