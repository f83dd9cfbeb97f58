import type { Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { decryptPieces } from '../../backup/encryption/streams';
import type { Manifest } from '../../backup/manifest';
import type { VolumeArchive } from '../../backup/volume/unpack';
import { readPieces } from '../../operations/readPieces';
import type { RowCounts } from '../../postgres/catalogue';
import { Failure } from '../../protocol/failure';

/** A volume backup as it is unpacked, decrypted on the way where it is encrypted. Throws `KEY_MISSING`. */
export async function readVolumeArchive({ file, manifest }: Backup & { readonly manifest: Manifest }, key: DecryptionKey | undefined): Promise<VolumeArchive> {
  const { sizeBytes, sha256, content, databaseSizeBytes: dataBytes } = manifest;
  const compression = manifest.compression === 'zstd' ? 'zstd' : 'gzip';
  if (manifest.encryption === 'none') return { path: file, sizeBytes, sha256, compression, dataBytes };
  if (key === undefined || content === undefined) {
    throw new Failure('KEY_MISSING', `${file} is encrypted.`, 'Give the passphrase or the identity that it was encrypted for.');
  }
  return { path: file, ...content, compression, dataBytes, read: (operation) => decryptPieces(readPieces(file, operation, 'Decrypting the file'), key) };
}

/** The rows in the manifest of a volume, `"app".public.users`, by database and table. */
export function rowsByDatabase(rows: RowCounts): Readonly<Record<string, RowCounts>> {
  const found: Record<string, Record<string, number>> = {};
  for (const [name, count] of Object.entries(rows)) {
    const [, quoted, table] = /^"((?:[^"]|"")+)"\.(.+)$/su.exec(name) ?? [];
    if (quoted === undefined || table === undefined) continue;
    const database = quoted.replaceAll('""', '"');
    found[database] = { ...found[database], [table]: count };
  }
  return found;
}
