import { createHash } from 'node:crypto';
import type { Backup } from '../../backup/catalogue';
import { contentPieces, isEncrypted, type Content } from '../../backup/content';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { checkContent, checkHash } from '../../backup/verify';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';

/**
 * The content of a backup, proven to be what was written down when it was made. Of a file that we did not make, any dump: its
 * bytes as they are, whatever is inside. Throws what `checkHash` and decrypting throw.
 */
export async function provenContent(backup: Backup, key: DecryptionKey | undefined, operation: Operation): Promise<Content> {
  if (backup.manifest !== undefined) return checkContent(backup, key, operation);
  const pieces: Content['pieces'] = (own, message) => contentPieces(backup, key, own, message);
  const rest = { format: 'custom', packing: 'none', pieces } as const;
  const state = await checkHash(backup, operation);
  if (!isEncrypted(backup)) return { ...state, ...rest };
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of pieces(operation, 'Decrypting the file')) {
    throwIfCancelled(operation);
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { ...rest, sizeBytes, sha256: hash.digest('hex') };
}

/** Throws `FILE_CHANGED` when a content is another than the one that a plan was made of. */
export function checkUnchanged({ sha256 }: Content, planned: string | undefined, file: string): void {
  if (planned === undefined || planned === sha256) return;
  throw new Failure(
    'FILE_CHANGED',
    `${file} is not the one any more that the restore was planned with.`,
    'Wait until nobody writes to it, then start the restore again.',
  );
}
