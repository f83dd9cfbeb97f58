import { createHash } from 'node:crypto';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { readPieces } from '../operations/readPieces';
import { Failure } from '../protocol/failure';
import { ArchiveFolderCheck } from './archiveFolder';
import type { Backup } from './catalogue';
import type { Packing } from './dumpScript';
import type { DecryptionKey } from './encryption/keys';
import type { BackupFormat } from './manifest';

/** What `pg_dump` made of a backup's file, or what is inside its encryption. */
export interface Content {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly format: BackupFormat;
  /** Of a plain dump: what it is packed with. */
  readonly packing: Packing;
  /** The bytes, with progress under the given words. */
  readonly pieces: (operation: Operation, message: string) => AsyncIterable<Buffer>;
}

/** How every archive in the custom format begins (pg_backup_archiver.c). */
const archiveStart = Buffer.from('PGDMP', 'latin1');

export function isEncrypted({ file, manifest }: Backup): boolean {
  return manifest === undefined ? /\.age$/i.test(file) : manifest.encryption !== 'none';
}

/** The bytes that are inside: of an encrypted file, decrypted. Throws what `decryptPieces` and `readPieces` throw. */
export async function* contentPieces(backup: Backup, key: DecryptionKey | undefined, operation: Operation, message: string): AsyncGenerator<Buffer> {
  const pieces = readPieces(backup.file, operation, message);
  if (!isEncrypted(backup)) return yield* pieces;
  const { decryptPieces } = await import('./encryption/streams');
  yield* decryptPieces(pieces, key);
}

/** Watches a content pass by and says at the end what it is. */
export class ContentScan {
  private readonly hash = createHash('sha256');
  private readonly format: BackupFormat;
  private readonly members: ArchiveFolderCheck | undefined;
  private start: Buffer = Buffer.alloc(0);
  private sizeBytes = 0;

  constructor(
    private readonly backup: Backup,
    lookInside = true,
  ) {
    this.format = backup.manifest?.format ?? 'custom';
    this.members = lookInside && this.format === 'directory' ? new ArchiveFolderCheck() : undefined;
  }

  async add(piece: Buffer): Promise<void> {
    if (this.start.length < archiveStart.length) this.start = Buffer.concat([this.start, piece]).subarray(0, archiveStart.length);
    this.hash.update(piece);
    this.sizeBytes += piece.length;
    await this.members?.add(piece);
  }

  get size(): number {
    return this.sizeBytes;
  }

  digest(): string {
    return this.hash.digest('hex');
  }

  /** What it is. Throws `BACKUP_FOREIGN` when that is not what it should be. */
  async finish(sha256: string, key: DecryptionKey | undefined): Promise<Content> {
    const { backup, format, sizeBytes } = this;
    await this.members?.finish(backup.file);
    if (format === 'custom' && !this.start.equals(archiveStart)) {
      throw new Failure(
        'BACKUP_FOREIGN',
        `${backup.file} is no archive of pg_dump in the custom format.`,
        'Choose a .dump file that was made by "Back up database" or by pg_dump -Fc.',
      );
    }
    const pieces: Content['pieces'] = (operation, message) => contentPieces(backup, key, operation, message);
    return { sizeBytes, sha256, format, packing: packingOf(this.start), pieces };
  }
}

function packingOf(start: Buffer): Packing {
  if (start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  return start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? 'zstd' : 'none';
}

/** Decrypts a backup whose file was found to be what was written, and looks at what is inside. Throws `BACKUP_DAMAGED` too. */
export async function readEncrypted(backup: Backup, key: DecryptionKey | undefined, operation: Operation): Promise<Content> {
  const scan = new ContentScan(backup);
  for await (const piece of contentPieces(backup, key, operation, 'Decrypting the file')) {
    throwIfCancelled(operation);
    await scan.add(piece);
  }
  const sha256 = scan.digest();
  const expected = backup.manifest?.content;
  if (expected !== undefined && (expected.sha256 !== sha256 || expected.sizeBytes !== scan.size)) {
    throw new Failure('BACKUP_DAMAGED', `${backup.file} does not hold what was encrypted.`, 'Use another backup; this one is not to be relied on.');
  }
  return scan.finish(sha256, key);
}
