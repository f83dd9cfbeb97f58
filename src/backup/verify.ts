import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runExec } from '../engine/exec';
import { errorCode, fileFailure, writeFileDurably } from '../operations/files';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { readPieces } from '../operations/readPieces';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { checksumFile, manifestFile, type Backup } from './catalogue';
import { writeManifest, type Verification } from './manifest';

/** What a file on disk is, and what it was when it was written. */
export interface FileState {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Whether there was a checksum to compare with. */
  readonly compared: boolean;
}

/**
 * Reads the whole file and compares it with what was written down when it was made.
 * Throws `BACKUP_EMPTY`, `BACKUP_TRUNCATED`, `BACKUP_DAMAGED`, `BACKUP_FOREIGN`, `CANCELLED`.
 */
export async function checkHash(backup: Backup, operation: Operation): Promise<FileState> {
  const expected = backup.manifest?.sha256 ?? (await readChecksum(backup.file));
  const { start, sizeBytes, sha256 } = await hashFile(backup.file, operation);
  const whatToDo = 'Use another backup; this one is not to be relied on.';
  if (sizeBytes === 0) throw new Failure('BACKUP_EMPTY', `${backup.file} is empty.`, whatToDo);
  if (backup.manifest !== undefined && sizeBytes < backup.manifest.sizeBytes) {
    throw new Failure('BACKUP_TRUNCATED', `${backup.file} was cut short: ${sizeBytes} of ${backup.manifest.sizeBytes} bytes are there.`, whatToDo);
  }
  if (expected !== undefined && expected !== sha256) {
    throw new Failure('BACKUP_DAMAGED', `${backup.file} is not what was written: its checksum differs.`, whatToDo);
  }
  if (!start.equals(archiveStart)) {
    throw new Failure(
      'BACKUP_FOREIGN',
      `${backup.file} is no archive of pg_dump in the custom format.`,
      'Choose a .dump file that was made by "Back up database" or by pg_dump -Fc.',
    );
  }
  return { sizeBytes, sha256, compared: expected !== undefined };
}

/** How every archive in the custom format begins (pg_backup_archiver.c). */
const archiveStart = Buffer.from('PGDMP', 'latin1');

async function hashFile(file: string, operation: Operation): Promise<{ readonly start: Buffer; readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let start = Buffer.alloc(0);
  for await (const piece of readPieces(file, operation, 'Checking the file')) {
    throwIfCancelled(operation);
    if (start.length < archiveStart.length) start = Buffer.concat([start, piece]).subarray(0, archiveStart.length);
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { start, sizeBytes, sha256: hash.digest('hex') };
}

/** The checksum beside a file, as `sha256sum` writes it. */
async function readChecksum(file: string): Promise<string | undefined> {
  try {
    return /^[0-9a-f]{64}/.exec(await readFile(checksumFile(file), 'utf8'))?.[0];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, checksumFile(file));
  }
}

// The length is known, so the program ends without anybody closing its input. What pg_restore does not read is drained.
const readArchive = 'head -c "$1" | { pg_restore -f /dev/null; code=$?; cat >/dev/null; exit "$code"; }';

/** Has the container read an archive to its end, as a restore would. Throws `ARCHIVE_UNREADABLE` or `BACKUP_NEWER`. */
export async function checkReadable(server: PostgresServer, file: string, sizeBytes: number, operation: Operation): Promise<void> {
  const result = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', readArchive, 'sh', String(sizeBytes)], env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: readPieces(file, operation, 'Reading the archive') },
  );
  if (result.exitCode === 0) return;
  throw unreadable(file, result.stderr);
}

/** What `pg_restore` says when it cannot read an archive, as a Failure. */
export function unreadable(file: string, stderr: string): Failure {
  const said = stderr.split('\n')[0]?.replace(/^pg_restore: (error: )?/, '') ?? '';
  if (/unsupported version/.test(said)) {
    return new Failure(
      'BACKUP_NEWER',
      `${file} was made by a newer Postgres than the one in the container (${said}).`,
      'Restore it into a service with that version or a newer one.',
    );
  }
  return new Failure('ARCHIVE_UNREADABLE', `${file} cannot be read to its end: ${said}`, 'Use another backup; this one is not to be relied on.');
}

/** Verifies a backup by hash and by reading it whole, and writes into its manifest what is proven. */
export async function verifyBackup(backup: Backup, server: PostgresServer, operation: Operation): Promise<Verification> {
  const { sizeBytes } = await checkHash(backup, operation);
  await checkReadable(server, backup.file, sizeBytes, operation);
  const { manifest } = backup;
  if (manifest !== undefined && (manifest.verified === 'none' || manifest.verified === 'hash')) {
    await writeFileDurably(manifestFile(backup.file), writeManifest({ ...manifest, verified: 'read' }));
  }
  return manifest?.verified === 'restored' ? 'restored' : 'read';
}
