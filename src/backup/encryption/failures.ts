import { Failure } from '../../protocol/failure';

/** What a backup can be decrypted with. */
export type KeyKind = 'passphrase' | 'identities';

/** The failure of a file that is not what was encrypted. */
export function damaged(cause?: unknown): Failure {
  return new Failure(
    'BACKUP_DAMAGED',
    'The encrypted backup is damaged: its bytes are not those that were written, or some are missing.',
    'Use another backup. If this one was copied, copy it again from where it came from.',
    cause,
  );
}

/** The failure of a recipient that nothing can be encrypted for. */
export function recipientInvalid(message: string, cause?: unknown): Failure {
  const remedy = 'Give the public key that age-keygen prints; it begins with "age1" (or "age1pq1", "age1tag1", "age1tagpq1").';
  return new Failure('RECIPIENT_INVALID', message, remedy, cause);
}

/** The failure of a text that should be a secret key. It never says the text. */
export function identityInvalid(message: string): Failure {
  return new Failure('IDENTITY_INVALID', message, 'Give a file as age-keygen writes it, with lines that begin with "AGE-SECRET-KEY-".');
}

/** The failure of a backup that needs a key that was not given. */
export function keyMissing(kind: KeyKind): Failure {
  return kind === 'passphrase'
    ? new Failure('PASSPHRASE_MISSING', 'The backup is encrypted with a passphrase.', 'Give the passphrase that was in use when the backup was made.')
    : new Failure('IDENTITY_MISSING', 'The backup is encrypted for recipients.', 'Give the file with the identity (the secret key) of one of them.');
}

/** The failure of a key that does not fit. A header that is damaged just there looks the same. */
export function keyWrong(kind: KeyKind): Failure {
  return kind === 'passphrase'
    ? new Failure('KEY_WRONG', 'The passphrase is not the one of this backup.', 'Give the passphrase that was in use when the backup was made.')
    : new Failure('KEY_WRONG', 'None of the identities is one that this backup is encrypted for.', 'Give the identity of one of its recipients.');
}
