import {
  identitiesKey,
  passphraseFromEnvironment,
  passphraseFromFile,
  passphraseVariable,
  recipientsKey,
  type DecryptionKey,
  type EncryptionKey,
} from '../backup/encryption/keys';
import { Failure } from '../protocol/failure';
import { textOption, type CommandOption } from './command';

type Options = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** The options of commands that write backups. */
export const encryptionOptions: readonly CommandOption[] = [
  ['--encrypt-recipient <age1…>', 'encrypt for whoever holds the secret key of this public one; may be given several times', 'repeated'],
  ['--encrypt-passphrase-file <path>', `encrypt with the first line of this file; or set ${passphraseVariable}`],
];

/** The options of commands that read backups. */
export const decryptionOptions: readonly CommandOption[] = [
  ['--identity <file>', 'decrypt with the secret keys in this file; may be given several times', 'repeated'],
  ['--passphrase-file <path>', `decrypt with the first line of this file; or set ${passphraseVariable}`],
];

/**
 * What a new backup is to be encrypted with; undefined when it is not. A passphrase in the environment is taken when no
 * option says otherwise, and one that is empty is refused: a secret that a scheduler did not find must not pass for "none".
 * Throws `USAGE`, `RECIPIENT_INVALID`, `PASSPHRASE_MISSING`, and what reading a file throws.
 */
export async function encryptionKeyOf(options: Options, env: Environment = process.env): Promise<EncryptionKey | undefined> {
  const recipients = textsOption(options, 'encryptRecipient');
  const file = textOption(options, 'encryptPassphraseFile');
  if (recipients.length > 0 && file !== undefined) {
    throw new Failure('USAGE', 'age encrypts for recipients or with a passphrase, not both.', 'Leave out --encrypt-recipient or --encrypt-passphrase-file.');
  }
  if (recipients.length > 0) return recipientsKey(recipients);
  return file === undefined ? passphraseFromEnvironment(env) : passphraseFromFile(file);
}

/**
 * What a backup can be decrypted with; undefined when nothing was given, which is enough for one that is not encrypted.
 * Throws `USAGE`, `IDENTITY_INVALID`, `PASSPHRASE_MISSING`, and what reading a file throws.
 */
export async function decryptionKeyOf(options: Options, env: Environment = process.env): Promise<DecryptionKey | undefined> {
  const identities = textsOption(options, 'identity');
  const file = textOption(options, 'passphraseFile');
  if (identities.length > 0 && file !== undefined) {
    throw new Failure('USAGE', 'A backup is encrypted for recipients or with a passphrase, not both.', 'Leave out --identity or --passphrase-file.');
  }
  if (identities.length > 0) return identitiesKey(identities);
  if (file !== undefined) return passphraseFromFile(file);
  return env[passphraseVariable] === '' ? undefined : passphraseFromEnvironment(env);
}

/** The texts of an option that may be repeated, be it collected or given once. */
function textsOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string' && each !== '');
}
