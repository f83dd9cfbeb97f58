import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { generateIdentity } from 'age-encryption';
import type { SecretStorage } from 'vscode';
import type { Backup } from '../../../src/backup/catalogue';
import type { DecryptionKey } from '../../../src/backup/encryption/keys';
import type { Manifest } from '../../../src/backup/manifest';
import { Failure } from '../../../src/protocol/failure';
import { BackupEncryption } from '../../../src/vscode/backupEncryption';
import { BackupKeys } from '../../../src/vscode/backupKeys';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { backup, english, foreignBackup } from './facts';

const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

interface User {
  readonly encryption: BackupEncryption;
  readonly asked: string[];
}

/** An editor with these settings and kept passphrases, and a user who types these texts and chooses these files. */
function userOf(
  settings: { readonly encryption?: string; readonly recipients?: readonly string[] },
  kept: Readonly<Record<string, string>> = {},
  typed: string[] = [],
  files: string[] = [],
): User {
  const stored = new Map(Object.entries(kept).map(([project, passphrase]) => [`backupPassphrase ${project}`, passphrase]));
  const asked: string[] = [];
  const secrets = {
    get: async (name: string) => stored.get(name),
    store: async (name: string, value: string) => void stored.set(name, value),
    delete: async (name: string) => void stored.delete(name),
  } as unknown as SecretStorage;
  const boxes = {
    showWarningMessage: async (_message: string, _options: unknown, button: string) => (asked.push('warning'), typed.length === 0 ? undefined : button),
    showInputBox: async () => (asked.push('box'), typed.shift()),
  } as unknown as ConstructorParameters<typeof BackupKeys>[2];
  const dialog = {
    showOpenDialog: async ({ title }: { readonly title: string }) => {
      asked.push(title);
      const file = files.shift();
      return file === undefined ? undefined : [{ fsPath: file }];
    },
  } as unknown as ConstructorParameters<typeof BackupEncryption>[3];
  const chosen = { encryption: 'none', recipients: [], ...settings };
  return { encryption: new BackupEncryption(new BackupKeys(secrets, english, boxes), () => chosen, english, dialog), asked };
}

function encrypted(encryption: Manifest['encryption']): Backup {
  return backup(5, { encryption });
}

/** A reading that takes only this passphrase, and says what it was given. */
function needing(passphrase: string, given: (string | undefined)[] = []): (key: DecryptionKey | undefined) => Promise<readonly (string | undefined)[]> {
  return async (key) => {
    const text = key?.kind === 'passphrase' ? key.passphrase : key?.kind;
    given.push(text);
    if (key === undefined) throw new Failure('PASSPHRASE_MISSING', 'Needs one.', 'Give it.');
    if (text !== passphrase) throw new Failure('KEY_WRONG', 'Wrong.', 'Give another.');
    return given;
  };
}

describe('BackupEncryption for new backups', () => {
  const key = { kind: 'passphrase', passphrase: 'four words' };

  it('is none by default', async () => assert.equal(await userOf({}).encryption.forNew('shop', 'manual'), undefined));

  it('refuses a setting that it does not understand, rather than to write in clear', async () => {
    await rejectsWith('ENCRYPTION_UNKNOWN', () => userOf({ encryption: 'passphrse' }).encryption.forNew('shop', 'manual'));
    await rejectsWith('ENCRYPTION_UNKNOWN', () => userOf({ encryption: '' }).encryption.forNew('shop', 'manual'));
  });

  it('takes the passphrase that is kept, also for schedules', async () => {
    for (const reason of ['manual', 'safety', 'scheduled'] as const) {
      const { encryption, asked } = userOf({ encryption: 'passphrase' }, { shop: 'four words' });
      assert.deepEqual([await encryption.forNew('shop', reason), asked], [key, []], reason);
    }
  });

  it('asks for it on first use, and makes no backup when the user would rather not', async () => {
    assert.deepEqual(await userOf({ encryption: 'passphrase' }, {}, ['four words', 'four words']).encryption.forNew('shop', 'safety'), key);
    await rejectsWith('CANCELLED', () => userOf({ encryption: 'passphrase' }).encryption.forNew('shop', 'manual'));
  });

  it('does not ask in the middle of the night', async () => {
    const { encryption, asked } = userOf({ encryption: 'passphrase' }, { blog: 'x' }, ['a', 'a']);
    await rejectsWith('PASSPHRASE_MISSING', () => encryption.forNew('shop', 'scheduled'));
    assert.deepEqual(asked, []);
  });

  it('takes the recipients of the settings, and refuses to have none', async () => {
    await rejectsWith('RECIPIENT_INVALID', () => userOf({ encryption: 'recipients' }).encryption.forNew('shop', 'manual'));
    await rejectsWith('RECIPIENT_INVALID', () => userOf({ encryption: 'recipients', recipients: ['age1nonsense'] }).encryption.forNew('shop', 'manual'));
    const { encryption } = userOf({ encryption: 'recipients', recipients: [recipient] });
    assert.deepEqual(await encryption.forNew('shop', 'scheduled'), { kind: 'recipients', recipients: [recipient] });
  });
});

describe('BackupEncryption for reading', () => {
  const inFolder = temporaryFolder();

  it('asks nothing for a backup that is not encrypted', async () => {
    const { encryption, asked } = userOf({}, { reims: 'x' });
    assert.deepEqual([await encryption.reading(backup(5), 'reims', async (key) => key), asked], [undefined, []]);
  });

  it('takes the kept passphrase, of the project that the manifest names', async () => {
    const { encryption, asked } = userOf({}, { reims: 'right', elsewhere: 'other' });
    assert.deepEqual(await encryption.reading(encrypted('age-passphrase'), 'elsewhere', needing('right')), ['right']);
    assert.deepEqual(asked, []);
  });

  it('asks again for as long as it is wrong', async () => {
    const { encryption } = userOf({}, { reims: 'old' }, ['typo', 'right']);
    assert.deepEqual(await encryption.reading(encrypted('age-passphrase'), 'reims', needing('right')), ['old', 'typo', 'right']);
  });

  it('ends when the user enters none', async () => {
    await rejectsWith('CANCELLED', () => userOf({}).encryption.reading(encrypted('age-passphrase'), 'reims', needing('right')));
    await rejectsWith('CANCELLED', () => userOf({}).encryption.reading(encrypted('age-recipients'), 'reims', needing('right')));
  });

  it('asks for the file of an identity once, and for another when it does not fit', async () => {
    const [one, two] = [inFolder('one.txt'), inFolder('two.txt')];
    const right = await generateIdentity();
    await writeFile(one, await generateIdentity());
    await writeFile(two, right);
    const { encryption, asked } = userOf({}, {}, [], [one, two]);
    const work = async (key: DecryptionKey | undefined): Promise<string> => {
      if (key?.kind === 'identities' && key.identities.includes(right)) return 'read';
      throw new Failure('KEY_WRONG', 'Wrong.', 'Give another.');
    };
    for (let time = 0; time < 2; time += 1) assert.equal(await encryption.reading(encrypted('age-recipients'), 'reims', work), 'read');
    assert.deepEqual(asked, ['The backup is encrypted: choose the identity file', 'None of those identities fits this backup. Choose another file']);
  });

  it('finds out what a file without a manifest needs', async () => {
    const { encryption } = userOf({}, {}, ['right']);
    assert.deepEqual(await encryption.reading(foreignBackup(5), 'reims', needing('right')), [undefined, 'right']);
  });

  it('passes on what else goes wrong', async () => {
    const fails = async (): Promise<never> => Promise.reject(new Failure('BACKUP_DAMAGED', 'Damaged.', 'Use another.'));
    await rejectsWith('BACKUP_DAMAGED', () => userOf({}, { reims: 'x' }).encryption.reading(encrypted('age-passphrase'), 'reims', fails));
    const never = async (): Promise<never> => Promise.reject(new Failure('PASSPHRASE_MISSING', 'Needs one.', 'Give it.'));
    await rejectsWith('PASSPHRASE_MISSING', () => userOf({}, { reims: 'x' }).encryption.reading(encrypted('age-passphrase'), 'reims', never));
  });
});
