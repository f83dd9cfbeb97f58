import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runExec } from '../engine/exec';
import { errorCode, fileFailure, writeFileDurably } from '../operations/files';
import { containerFilePrefix, findRoomFor, removeContainerFile } from '../operations/containerFiles';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { readPieces } from '../operations/readPieces';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { ArchiveFolderCheck } from './archiveFolder';
import { checksumFile, manifestFile, type Backup } from './catalogue';
import { completeSql, packers, type Packing } from './dumpScript';
import { manifestVersion, writeManifest, type Manifest, type Verification } from './manifest';
import { uploadFile } from './upload';

/** What a file on disk is, and what it was when it was written. */
export interface FileState {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly format: Manifest['format'];
  /** Of a plain dump: what it is packed with. */
  readonly packing: Packing;
  /** Whether there was a checksum to compare with. */
  readonly compared: boolean;
}

/**
 * Reads the whole file and compares it with what was written down when it was made.
 * Throws `BACKUP_EMPTY`, `BACKUP_TRUNCATED`, `BACKUP_DAMAGED`, `BACKUP_FOREIGN`, `CANCELLED`.
 */
export async function checkHash(backup: Backup, operation: Operation): Promise<FileState> {
  const expected = backup.manifest?.sha256 ?? (await readChecksum(backup.file));
  const format = backup.manifest?.format ?? 'custom';
  const members = format === 'directory' ? new ArchiveFolderCheck() : undefined;
  const { start, sizeBytes, sha256 } = await hashFile(backup.file, members, operation);
  const whatToDo = 'Use another backup; this one is not to be relied on.';
  if (sizeBytes === 0) throw new Failure('BACKUP_EMPTY', `${backup.file} is empty.`, whatToDo);
  if (backup.manifest !== undefined && sizeBytes < backup.manifest.sizeBytes) {
    throw new Failure('BACKUP_TRUNCATED', `${backup.file} was cut short: ${sizeBytes} of ${backup.manifest.sizeBytes} bytes are there.`, whatToDo);
  }
  if (expected !== undefined && expected !== sha256) {
    throw new Failure('BACKUP_DAMAGED', `${backup.file} is not what was written: its checksum differs.`, whatToDo);
  }
  await members?.finish(backup.file);
  if (format === 'custom' && !start.equals(archiveStart)) {
    throw new Failure(
      'BACKUP_FOREIGN',
      `${backup.file} is no archive of pg_dump in the custom format.`,
      'Choose a .dump file that was made by "Back up database" or by pg_dump -Fc.',
    );
  }
  return { sizeBytes, sha256, format, packing: packingOf(start), compared: expected !== undefined };
}

/** How every archive in the custom format begins (pg_backup_archiver.c). */
const archiveStart = Buffer.from('PGDMP', 'latin1');

function packingOf(start: Buffer): Packing {
  if (start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return 'gzip';
  return start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? 'zstd' : 'none';
}

async function hashFile(
  file: string,
  members: ArchiveFolderCheck | undefined,
  operation: Operation,
): Promise<{ readonly start: Buffer; readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let start = Buffer.alloc(0);
  for await (const piece of readPieces(file, operation, 'Checking the file')) {
    throwIfCancelled(operation);
    if (start.length < archiveStart.length) start = Buffer.concat([start, piece]).subarray(0, archiveStart.length);
    hash.update(piece);
    sizeBytes += piece.length;
    await members?.add(piece);
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

// The length is known, so the program ends without anybody closing its input. What the reader does not read is drained.
const reading = (read: string): string => `head -c "$1" | { { ${read}; }; code=$?; cat >/dev/null; exit "$code"; }`;

/** Has the container read a backup to its end, as a restore would. Throws `ARCHIVE_UNREADABLE` or `BACKUP_NEWER`. */
export async function checkReadable(server: PostgresServer, file: string, state: FileState, operation: Operation): Promise<void> {
  if (state.format === 'directory') return checkFolderReadable(server, file, state, operation);
  const read = state.format === 'plain' ? completeSql(packers[state.packing].unpack) : 'pg_restore -f /dev/null';
  const result = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', reading(read), 'sh', String(state.sizeBytes)], env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: readPieces(file, operation, 'Reading the archive') },
  );
  if (result.exitCode === 0) return;
  throw unreadable(file, result.stderr);
}

/** pg_restore needs the folder itself, so it lies in the container for a moment. */
async function checkFolderReadable(server: PostgresServer, file: string, state: FileState, operation: Operation): Promise<void> {
  const room = await findRoomFor(server, state.sizeBytes, operation.signal);
  const folder = `${room}/${containerFilePrefix}${randomUUID()}`;
  try {
    await uploadFile(server, { path: file, sizeBytes: state.sizeBytes, sha256: state.sha256, isFolder: true }, folder, operation);
    const command = { container: server.container, argv: ['pg_restore', '-f', '/dev/null', folder], env: { LC_ALL: 'C' } };
    const { exitCode, stderr } = await runExec(server.engine, command, { signal: operation.signal });
    if (exitCode !== 0) throw unreadable(file, stderr);
  } finally {
    await removeContainerFile(server, folder);
  }
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

/** What a verification has shown. The counts are there when it was restored. */
export interface Proof {
  readonly verified: Verification;
  readonly tables?: number;
  readonly rows?: number;
}

const levels: readonly Verification[] = ['none', 'hash', 'read', 'restored'];
/** Failures that say that the file itself is bad, and not its surroundings. */
const badBackup = new Set(['BACKUP_EMPTY', 'BACKUP_TRUNCATED', 'BACKUP_DAMAGED', 'BACKUP_FOREIGN', 'ARCHIVE_UNREADABLE', 'ROWS_DIFFER']);

/** Verifies a backup by its hash and, for `read`, by having a server's programs read it whole. */
export async function verifyBackup(backup: Backup, level: 'hash' | 'read', server: PostgresServer | undefined, operation: Operation): Promise<Proof> {
  return recordVerification(backup, level, async () => {
    const state = await checkHash(backup, operation);
    if (level === 'read' && server !== undefined) await checkReadable(server, backup.file, state, operation);
    return {};
  });
}

/**
 * Does what proves a backup, and writes into its manifest what is proven: never less than before, but nothing at all once the
 * backup itself has turned out to be bad.
 */
export async function recordVerification(backup: Backup, level: Verification, prove: () => Promise<Omit<Proof, 'verified'>>): Promise<Proof> {
  const { manifest, file } = backup;
  const write = async (verified: Verification): Promise<void> => {
    if (manifest !== undefined && manifest.verified !== verified) {
      await writeFileDurably(manifestFile(file), writeManifest({ ...manifest, schemaVersion: manifestVersion, verified }));
    }
  };
  try {
    const shown = await prove();
    const before = manifest?.verified ?? 'none';
    const verified = levels.indexOf(before) > levels.indexOf(level) ? before : level;
    await write(verified);
    return { ...shown, verified };
  } catch (error) {
    if (error instanceof Failure && badBackup.has(error.code)) await write('none');
    throw error;
  }
}
