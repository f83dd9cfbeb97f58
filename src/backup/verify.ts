import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runExec, type ExecResult } from '../engine/exec';
import { errorCode, fileFailure, writeFileDurably } from '../operations/files';
import { containerFilePrefix, findRoomFor, removeContainerFile } from '../operations/containerFiles';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { readPieces } from '../operations/readPieces';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { checksumFile, manifestFile, readBackup, rolesFile, type Backup } from './catalogue';
import { ContentScan, isEncrypted, readEncrypted, type Content } from './content';
import { completeSql, packers } from './dumpScript';
import type { DecryptionKey } from './encryption/keys';
import { manifestVersion, writeManifest, type Verification } from './manifest';
import { readInFolder } from './upload';

/** What a file on disk is, and what it was when it was written. */
export interface FileState {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Whether there was a checksum to compare with. */
  readonly compared: boolean;
}

/**
 * Reads the whole file and compares it with what was written down when it was made.
 * Throws `BACKUP_EMPTY`, `BACKUP_TRUNCATED`, `BACKUP_DAMAGED`, `CANCELLED`.
 */
export async function checkHash(backup: Backup, operation: Operation): Promise<FileState> {
  return (await hashFile(backup, operation)).state;
}

/**
 * Like `checkHash`, and looks at what is inside; an encrypted file is decrypted once for that.
 * Throws `BACKUP_FOREIGN` too, and what decrypting throws, such as `KEY_WRONG`.
 */
export async function checkContent(backup: Backup, key: DecryptionKey | undefined, operation: Operation): Promise<Content> {
  const { state, scan } = await hashFile(backup, operation);
  return isEncrypted(backup) ? readEncrypted(backup, key, operation) : scan.finish(state.sha256, undefined);
}

async function hashFile(backup: Backup, operation: Operation): Promise<{ readonly state: FileState; readonly scan: ContentScan }> {
  const expected = backup.manifest?.sha256 ?? (await readChecksum(backup.file));
  const scan = new ContentScan(backup, !isEncrypted(backup));
  for await (const piece of readPieces(backup.file, operation, 'Checking the file')) {
    throwIfCancelled(operation);
    await scan.add(piece);
  }
  const sha256 = scan.digest();
  const whatToDo = 'Use another backup; this one is not to be relied on.';
  if (scan.size === 0) throw new Failure('BACKUP_EMPTY', `${backup.file} is empty.`, whatToDo);
  if (backup.manifest !== undefined && scan.size < backup.manifest.sizeBytes) {
    throw new Failure('BACKUP_TRUNCATED', `${backup.file} was cut short: ${scan.size} of ${backup.manifest.sizeBytes} bytes are there.`, whatToDo);
  }
  if (expected !== undefined && expected !== sha256) {
    throw new Failure('BACKUP_DAMAGED', `${backup.file} is not what was written: its checksum differs.`, whatToDo);
  }
  return { state: { sizeBytes: scan.size, sha256, compared: expected !== undefined }, scan };
}

/** The checksum beside a file, as `sha256sum` writes it. */
export async function readChecksum(file: string): Promise<string | undefined> {
  try {
    return /^[0-9a-f]{64}/.exec(await readFile(checksumFile(file), 'utf8'))?.[0];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, checksumFile(file));
  }
}

// The length is known, so the program ends without anybody closing its input. What the reader does not read is drained.
const reading = (read: string): string => `head -c "$1" | { { ${read}; }; code=$?; cat >/dev/null; exit "$code"; }`;

// Every member is read to its end, and both programs must have ended well. 127 says that one of them is not there.
const readTar = (unpack: string): string =>
  `{ ${unpack} || echo "error: unpacking failed" >&2; } | { tar -tf - >/dev/null; code=$?; cat >/dev/null; exit "$code"; }`;

/** The programs that a content is read with, and how. */
function readerOf({ format, packing }: Content): { readonly programs: readonly string[]; readonly read: string } {
  const { unpack } = packers[packing];
  const unpacker = packing === 'none' ? [] : [packing];
  if (format === 'volume') return { programs: [...unpacker, 'tar'], read: readTar(unpack) };
  return format === 'plain' ? { programs: unpacker, read: completeSql(unpack) } : { programs: ['pg_restore'], read: 'pg_restore -f /dev/null' };
}

/** Has the container read a backup to its end, as a restore would. Throws `ARCHIVE_UNREADABLE`, `BACKUP_NEWER` or `TOOL_MISSING`. */
export async function checkReadable(server: PostgresServer, file: string, content: Content, operation: Operation): Promise<void> {
  if (content.format === 'directory') return checkFolderReadable(server, file, content, operation);
  const { programs, read } = readerOf(content);
  const present = programs.map((program) => `command -v ${program} >/dev/null || { echo "no ${program}" >&2; exit 127; }; `).join('');
  const result = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', `${present}${reading(read)}`, 'sh', String(content.sizeBytes)], env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: content.pieces(operation, 'Reading the archive') },
  );
  judge(file, result);
}

function judge(file: string, { exitCode, stderr }: ExecResult): void {
  if (exitCode === 0 && !/unpacking failed/.test(stderr)) return;
  // A program that is missing or was killed says nothing about the file.
  if (exitCode === 127) throw toolMissing(file, stderr.trim());
  if (exitCode > 128) {
    throw new Failure('READER_ENDED', `The program that read ${file} was ended before it was through.`, 'Look at the memory of the container, then try again.');
  }
  throw unreadable(file, stderr);
}

function toolMissing(file: string, said: string): Failure {
  return new Failure(
    'TOOL_MISSING',
    `The container has no program to read ${file} with (${said}).`,
    'Verify it with a service of the image that it was made of; the backup itself may be whole.',
  );
}

/** pg_restore needs the folder itself, so it lies in the container for a moment. */
async function checkFolderReadable(server: PostgresServer, file: string, content: Content, operation: Operation): Promise<void> {
  const room = await findRoomFor(server, content.sizeBytes, operation.signal);
  const folder = `${room}/${containerFilePrefix}${randomUUID()}`;
  try {
    judge(file, await readInFolder(server, content, folder, operation));
  } finally {
    await removeContainerFile(server, folder);
  }
}

/** What `pg_restore` says when it cannot read an archive, as a Failure. */
export function unreadable(file: string, stderr: string): Failure {
  const said = stderr.split('\n')[0]?.replace(/^pg_restore: (error: )?/, '') ?? '';
  // Of Postgres 16 and newer, and of older ones.
  if (/build does not support compression|compression not supported in this installation/i.test(said)) return toolMissing(file, said);
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

/** What a backup is read with: the programs of a running server and, where it is encrypted, a key. */
export interface Reader {
  readonly server: PostgresServer;
  readonly key?: DecryptionKey;
}

/** Verifies a backup by its hash alone or, with a reader, by reading it whole; a copy of a data directory by its hash only. */
export async function verifyBackup(backup: Backup, reader: Reader | undefined, operation: Operation): Promise<Proof> {
  // The programs of a server read dumps. A copy of a data directory is none, and was proven by booting it.
  const dumpReader = backup.manifest?.format === 'volume' ? undefined : reader;
  const proof = await recordVerification(backup, dumpReader === undefined ? 'hash' : 'read', async () => {
    if (dumpReader === undefined) await checkHash(backup, operation);
    else await checkReadable(dumpReader.server, backup.file, await checkContent(backup, dumpReader.key, operation), operation);
    return {};
  });
  await checkRoles(backup);
  return proof;
}

/** Compares the roles beside a backup with what was written; the backup itself may be good without them. Throws `ROLES_DAMAGED`. */
export async function checkRoles({ file, manifest }: Backup): Promise<void> {
  if (manifest?.rolesSha256 === undefined) return;
  const roles = rolesFile(file);
  const found = await readFile(roles).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, roles);
  });
  if (found !== undefined && createHash('sha256').update(found).digest('hex') === manifest.rolesSha256) return;
  throw new Failure(
    'ROLES_DAMAGED',
    `The backup is good, but ${roles}, the roles of its server, ${found === undefined ? 'is not there' : 'is not what was written'}.`,
    'Fetch it from a copy in another place, or back up again.',
  );
}

/**
 * Does what proves a backup, and writes into its manifest what is proven: never less than before, but nothing at all once the
 * backup itself has turned out to be bad.
 */
export async function recordVerification(backup: Backup, level: Verification, prove: () => Promise<Omit<Proof, 'verified'>>): Promise<Proof> {
  const { manifest, file } = backup;
  const write = async (verified: Verification): Promise<void> => {
    // As it is by now: proving takes long, and meanwhile the backup may have been copied elsewhere, or removed.
    const now = (await readBackup(file))?.manifest;
    if (now !== undefined && now.id === manifest?.id && now.verified !== verified) {
      await writeFileDurably(manifestFile(file), writeManifest({ ...now, schemaVersion: manifestVersion, verified }));
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
