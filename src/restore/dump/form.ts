import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { contentPieces, isEncrypted } from '../../backup/content';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { headSize, recognise } from '../../backup/recognise/content';
import type { Packing, Recognised } from '../../backup/recognise/recognised';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';

/** How a dump is read: an archive by `pg_restore`, a folder in a tar likewise once it is laid out, SQL by `psql`. */
export interface DumpForm {
  readonly kind: 'archive' | 'folder' | 'sql';
  readonly packing: Packing;
  /** What `pg_dumpall` writes: several databases in one text. */
  readonly cluster: boolean;
  /** An archive that pg_restore reads from its beginning to its end only, so not several tables at once. */
  readonly serial?: true;
}

/** Major versions that the file itself tells, where it does. */
export interface DumpOrigin {
  readonly toolMajor?: number;
  readonly serverMajor?: number;
}

export interface KnownDump {
  readonly form: DumpForm;
  readonly origin: DumpOrigin;
}

const anotherBackup = 'Use another backup; this one is not to be relied on.';
const anyDump = 'Choose what pg_dump or pg_dumpall wrote: SQL, a custom or a tar archive, or a directory in a tar.';

/** What a backup is, by its manifest or by its content. An encrypted file without a manifest is decrypted for that. Throws what `formOf` refuses. */
export async function knowDump(backup: Backup, key: DecryptionKey | undefined, operation: Operation): Promise<KnownDump> {
  const { manifest, recognised, file, problem } = backup;
  if (manifest !== undefined) {
    const packing = manifest.format === 'plain' && (manifest.compression === 'gzip' || manifest.compression === 'zstd') ? manifest.compression : 'none';
    const kind = manifest.format === 'plain' ? 'sql' : manifest.format === 'directory' ? 'folder' : 'archive';
    return { form: { kind, packing, cluster: false }, origin: majors(manifest) };
  }
  if (problem !== undefined && recognised === undefined) throw problem;
  const found = isEncrypted(backup) ? recognise(await decryptedHead(backup, key, operation), path.basename(file).replace(/\.age$/i, '')) : recognised;
  return formOf(file, found ?? { kind: 'unknown', packed: 'none' });
}

async function decryptedHead(backup: Backup, key: DecryptionKey | undefined, operation: Operation): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of contentPieces(backup, key, operation, 'Decrypting the file')) {
    pieces.push(piece);
    size += piece.length;
    if (size >= headSize) break;
  }
  return Buffer.concat(pieces).subarray(0, headSize);
}

/** How a recognised file is read. Throws `BACKUP_EMPTY`, `BACKUP_FOREIGN`, `BACKUP_PHYSICAL`, `BACKUP_UTF16`. */
export function formOf(file: string, recognised: Recognised): KnownDump {
  const packing = recognised.packed;
  switch (recognised.kind) {
    case 'custom':
      return { form: { kind: 'archive', packing, cluster: false }, origin: majors(recognised) };
    case 'tar':
      return { form: { kind: 'archive', packing, cluster: false, serial: true }, origin: majors(recognised) };
    case 'directory':
      return { form: { kind: 'folder', packing, cluster: false }, origin: majors(recognised) };
    case 'plain':
    case 'cluster':
      if (recognised.utf16 === true) {
        throw new Failure(
          'BACKUP_UTF16',
          `${file} was turned into UTF-16, which psql cannot read.`,
          'Save it as UTF-8; a shell of Windows does this to what is redirected with ">".',
        );
      }
      return { form: { kind: 'sql', packing, cluster: recognised.kind === 'cluster' }, origin: majors(recognised) };
    case 'empty':
      throw new Failure('BACKUP_EMPTY', `${file} is empty.`, anotherBackup);
    case 'physical':
      throw new Failure('BACKUP_PHYSICAL', `${file} is a copy of a whole data directory, not a dump of a database.`, 'Restore it as the volume of a service.');
    case 'encrypted':
      throw new Failure('BACKUP_ENCRYPTED', `${file} is encrypted once more, inside its encryption.`, 'Decrypt it with age, then restore what comes out.');
    case 'unknown':
    case 'other':
      throw new Failure('BACKUP_FOREIGN', `${file} is no dump of Postgres, or its beginning is damaged.`, anyDump);
  }
}

function majors({ toolVersion, serverVersion }: { readonly toolVersion?: string; readonly serverVersion?: string }): DumpOrigin {
  const [toolMajor, serverMajor] = [toolVersion, serverVersion].map((version) => Number.parseInt(version ?? '', 10) || undefined);
  return { ...(toolMajor === undefined ? {} : { toolMajor }), ...(serverMajor === undefined ? {} : { serverMajor }) };
}
