import { readFile } from 'node:fs/promises';
import { fileFailure } from '../../operations/files';
import { Failure } from '../../protocol/failure';
import { isIdentity, isRecipient } from './age';
import { identityInvalid, recipientInvalid } from './failures';

/** A secret that both encrypts and decrypts. */
export interface PassphraseKey {
  readonly kind: 'passphrase';
  readonly passphrase: string;
}

/** What a backup is encrypted with: a passphrase, or the public keys of those who may read it. */
export type EncryptionKey = PassphraseKey | { readonly kind: 'recipients'; readonly recipients: readonly string[] };

/** What a backup is decrypted with: the passphrase, or secret keys of which one has to fit. */
export type DecryptionKey = PassphraseKey | { readonly kind: 'identities'; readonly identities: readonly string[] };

/** The environment variable that may hold the passphrase. An argument never does: every user of the machine can see those. */
export const passphraseVariable = 'CONTAINER_DATABASES_PASSPHRASE';

/** Bytes of a file of identities or with a passphrase; what is larger is something else. */
const longestKeyFile = 1024 * 1024;

/** The key for those who hold the secret keys of these public ones. Throws `RECIPIENT_INVALID`. */
export async function recipientsKey(texts: readonly string[]): Promise<EncryptionKey> {
  const recipients = [...new Set(texts.map((text) => text.trim()))];
  if (recipients.length === 0) throw recipientInvalid('There is no recipient.');
  for (const recipient of recipients) {
    const problem =
      recipientProblem(recipient) ?? ((await isRecipient(recipient)) ? undefined : `${shown(recipient)} is no recipient: it was not copied whole.`);
    if (problem !== undefined) throw recipientInvalid(problem);
  }
  return { kind: 'recipients', recipients };
}

/** What can be told of a recipient at a glance. A secret key that was taken for a public one is not repeated. */
function recipientProblem(text: string): string | undefined {
  if (/^AGE-(SECRET-KEY|PLUGIN)-/i.test(text)) return 'A secret key was given as a recipient.';
  if (/^(ssh|ecdsa|sk-ssh)-/.test(text)) return 'Keys of SSH are not supported as recipients.';
  if (!text.startsWith('age1')) return 'A recipient does not begin with "age1".';
  const plugin = /^age1(?!pq1|tag1|tagpq1)([a-z0-9-]+)1[02-9ac-hj-np-z]+$/.exec(text)?.[1];
  return plugin === undefined ? undefined : `Recipients of the plugin "${plugin}" are not supported.`;
}

function shown(recipient: string): string {
  return recipient.length > 24 ? `${recipient.slice(0, 24)}…` : recipient;
}

/** The secret keys in these files, as `age-keygen` writes them. Throws `IDENTITY_INVALID`, and what the file system says. */
export async function identitiesKey(files: readonly string[]): Promise<DecryptionKey> {
  const found = await Promise.all(files.map(async (file) => parseIdentities(await readKeyFile(file), file)));
  return { kind: 'identities', identities: [...new Set(found.flat())] };
}

/** The secret keys in the text of a file; errors speak of it as `name`, and never of what it holds. Throws `IDENTITY_INVALID`. */
export async function parseIdentities(text: string, name: string): Promise<readonly string[]> {
  if (/^-----BEGIN AGE ENCRYPTED FILE-----|^age-encryption\.org\//.test(text)) throw identityInvalid(`${name} is itself encrypted.`);
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw identityInvalid(`${name} is no identity of age. Keys of SSH are not supported.`);
  const identities: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const identity = line.trim();
    if (identity === '' || identity.startsWith('#')) continue;
    if (!(await isIdentity(identity))) throw identityInvalid(`Line ${index + 1} of ${name} is no identity.`);
    identities.push(identity);
  }
  if (identities.length === 0) throw identityInvalid(`${name} holds no identity.`);
  return identities;
}

/** The passphrase that is a file's first line. Throws `PASSPHRASE_MISSING`, and what the file system says. */
export async function passphraseFromFile(file: string): Promise<PassphraseKey> {
  return passphraseKey(await readKeyFile(file), `The first line of ${file}`);
}

/** The passphrase in the environment; undefined where the variable is not set. Throws `PASSPHRASE_MISSING` where it is empty. */
export function passphraseFromEnvironment(env: Readonly<Record<string, string | undefined>>): PassphraseKey | undefined {
  const text = env[passphraseVariable];
  return text === undefined ? undefined : passphraseKey(text, passphraseVariable);
}

/** The first line of a text as a passphrase. Blanks belong to it. Throws `PASSPHRASE_MISSING`. */
function passphraseKey(text: string, name: string): PassphraseKey {
  const passphrase = (text.split('\n', 1)[0] ?? '').replace(/\r$/, '');
  if (passphrase !== '') return { kind: 'passphrase', passphrase };
  throw new Failure('PASSPHRASE_MISSING', `${name} is empty.`, 'Write the passphrase there.');
}

/** A small file that holds text. An order mark, as editors on Windows write it, is left out. */
async function readKeyFile(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fileFailure(error, file);
  }
  const foreign = (cause?: unknown): Failure => new Failure('KEY_FILE_FOREIGN', `${file} is no text in UTF-8.`, 'Name the file that holds the key.', cause);
  if (bytes.length > longestKeyFile || bytes.includes(0)) throw foreign();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw foreign(error);
  }
}
