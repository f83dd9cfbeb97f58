import { existsSync, readFileSync, statSync, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { asFailure, Failure } from '../protocol/failure';
import { errorCode, fileFailure, removeIfThere } from '../operations/files';
import { inSlices } from '../operations/inSlices';
import { inTurns } from '../operations/inTurns';
import { readStart } from '../operations/readStart';
import { readManifest, type Manifest } from './manifest';
import { headSize, recognise } from './recognise/content';
import { isBackupName, isOwnPartial } from './recognise/names';
import type { Recognised } from './recognise/recognised';
import { RememberedFiles } from './recognise/rememberedFiles';

/** A backup that lies in a folder. The folder is the catalogue; there is no other store. */
export interface Backup {
  readonly file: string;
  readonly sizeBytes: number;
  /** When it was finished, by its manifest or its content, else by the file's own time. */
  readonly finishedAt: Date;
  readonly manifest?: Manifest;
  /** What the content says, where there is no manifest. */
  readonly recognised?: Recognised;
  /** Why there is no manifest or no content, when the file has one that cannot be used. */
  readonly problem?: Failure;
}

/** Milliseconds after which a file that is still partial belongs to nobody any more. */
const abandonedAfter = 60 * 60 * 1000;
/** Files that are looked into at once: the threads that do it are few, and other work wants them too. */
const atOnce = 8;
/** Bytes of a manifest; one with ten thousand tables has less than one megabyte. */
const largestManifest = 16 * 1024 * 1024;

/** What earlier lists have read, so that the next one reads only what is new. Bounded. */
export class CatalogueMemory {
  readonly manifests = new RememberedFiles<Manifest>(64 * 1024 * 1024); // bytes of text
  readonly contents = new RememberedFiles<Recognised>(10_000); // files
}

export function manifestFile(backup: string): string {
  return `${backup}.json`;
}

export function checksumFile(backup: string): string {
  return `${backup}.sha256`;
}

/** What lies in the checksum file of a backup of this name, for `sha256sum -c`. */
export function checksumText(name: string, { sha256, rolesSha256 }: Pick<Manifest, 'sha256' | 'rolesSha256'>): string {
  const roles = rolesSha256 === undefined ? '' : `${rolesSha256}  ${rolesFile(name)}\n`;
  return `${sha256}  ${name}\n${roles}`;
}

/** The roles of the server, beside a full backup; encrypted when that is. */
export function rolesFile(backup: string): string {
  return /\.age$/i.test(backup) ? `${backup}.roles.sql.age` : `${backup}.roles.sql`;
}

/**
 * The backups in a folder and in the folders in it, newest first; none when there is no such folder. Files without a
 * manifest are looked into, and those that surely are no backup of Postgres are left out. What cannot be read is listed
 * with the reason, or left out where it cannot even be told to be a file.
 */
export async function listBackups(folder: string, memory = new CatalogueMemory()): Promise<readonly Backup[]> {
  const { names, folders } = await namesIn(folder);
  const inner = await inTurns(folders, atOnce, async (name) => {
    const found = await namesIn(path.join(folder, name)).catch(() => ({ names: [] })); // not ours to complain about
    return found.names.map((file) => path.join(name, file));
  });
  const all = new Set([...names, ...inner.flat()]);
  const wanted = [...all].filter((name) => isBackupName(path.basename(name)));
  const found = await inSlices(wanted, (name) => findQuietly(path.join(folder, name), memory, all.has(manifestFile(name))));
  const backups = await inTurns(
    found.filter((each) => each !== undefined),
    atOnce,
    (each) => lookInto(each, memory),
  );
  return backups.filter(mayBeBackup).toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime());
}

async function namesIn(folder: string): Promise<{ readonly names: readonly string[]; readonly folders: readonly string[] }> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return {
      names: entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name),
      folders: entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name),
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return { names: [], folders: [] };
    throw fileFailure(error, folder);
  }
}

function mayBeBackup({ recognised, problem }: Backup): boolean {
  return problem !== undefined || recognised?.kind !== 'other';
}

/** One backup with what is known of it; undefined when the file is gone or is no file. */
export async function readBackup(file: string): Promise<Backup | undefined> {
  const memory = new CatalogueMemory();
  const found = findFile(file, memory, true);
  return found === undefined ? undefined : lookInto(found, memory);
}

interface Found {
  readonly backup: Backup;
  readonly status: Stats;
}

/** A file with its manifest, where it has one. Throws what the file system says of the file. */
function findFile(file: string, memory: CatalogueMemory, mayHaveManifest: boolean): Found | undefined {
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    if (status?.isFile() !== true) return undefined;
    return { status, backup: { file, sizeBytes: status.size, finishedAt: status.mtime, ...(mayHaveManifest ? readKnowledge(file, memory) : {}) } };
  } catch (error) {
    throw fileFailure(error, file);
  }
}

/** In a list, what cannot even be told to be a file is left out, such as a link that leads to itself. */
function findQuietly(file: string, memory: CatalogueMemory, mayHaveManifest: boolean): Found | undefined {
  try {
    return findFile(file, memory, mayHaveManifest);
  } catch {
    return undefined;
  }
}

function readKnowledge(file: string, memory: CatalogueMemory): Pick<Backup, 'manifest' | 'problem'> & { readonly finishedAt?: Date } {
  try {
    const manifest = manifestIn(manifestFile(file), memory);
    return { manifest, finishedAt: new Date(manifest.finishedAt) };
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? {} : { problem: asFailure(error) };
  }
}

function manifestIn(file: string, memory: CatalogueMemory): Manifest {
  const status = statSync(file);
  const remembered = memory.manifests.get(file, status);
  if (remembered !== undefined) return remembered;
  if (!status.isFile() || status.size > largestManifest) {
    throw new Failure('MANIFEST_DAMAGED', 'What lies in the place of the manifest is none.', 'The backup itself may be whole: verify it.');
  }
  // At once: the way to a thread and back costs ten times what a small file does, and there are many.
  const manifest = readManifest(readFileSync(file, 'utf8'));
  memory.manifests.set(file, status, manifest, status.size);
  return manifest;
}

/** Adds what the content says where there is no manifest; a file that cannot be read is a backup with a problem. */
async function lookInto({ backup, status }: Found, memory: CatalogueMemory): Promise<Backup> {
  if (backup.manifest !== undefined) return backup;
  try {
    const remembered = memory.contents.get(backup.file, status);
    const recognised = remembered ?? recognise(await readStart(backup.file, headSize), path.basename(backup.file));
    if (remembered === undefined) memory.contents.set(backup.file, status, recognised, 1);
    const createdAt = 'createdAt' in recognised ? recognised.createdAt : undefined;
    // A copy of the file is younger than what it holds. A file that is older comes of a clock in another zone.
    const finishedAt = createdAt !== undefined && createdAt < backup.finishedAt ? createdAt : backup.finishedAt;
    return { ...backup, finishedAt, recognised };
  } catch (error) {
    return { ...backup, problem: backup.problem ?? fileFailure(error, backup.file) };
  }
}

/** Whether a backup is of this database: by its manifest, not by its name. */
export function isBackupOf(backup: Backup, project: string, service: string, database: string): boolean {
  const { manifest } = backup;
  return manifest?.project === project && manifest.service === service && manifest.database === database;
}

/** What a backup is called until it is whole. */
export function partialFile(backup: string): string {
  return `${backup}.partial`;
}

/** Removes a backup with what lies beside it; the manifest goes last, so that a crash leaves nothing unknown. */
export async function deleteBackup(file: string): Promise<void> {
  await removeIfThere(file);
  await removeIfThere(rolesFile(file));
  await removeIfThere(checksumFile(file));
  await removeIfThere(manifestFile(file));
}

/** Removes what interrupted backups left in a folder. */
export async function sweepPartials(folder: string, now: Date): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter(isOwnPartial)) {
    const file = path.join(folder, name);
    const status = await stat(file).catch(() => undefined);
    if (status?.isFile() !== true || now.getTime() - status.mtimeMs <= abandonedAfter) continue;
    const whole = path.join(folder, name.slice(0, -partialFile('').length));
    if (!existsSync(whole)) await deleteBackup(whole); // it has no name yet, but perhaps a manifest
    await removeIfThere(file);
  }
}
