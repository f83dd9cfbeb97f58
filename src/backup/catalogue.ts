import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { asFailure, type Failure } from '../protocol/failure';
import { errorCode, fileFailure, removeIfThere } from '../operations/files';
import { readManifest, type Manifest } from './manifest';

/** A backup that lies in a folder. The folder is the catalogue; there is no other store. */
export interface Backup {
  readonly file: string;
  readonly sizeBytes: number;
  /** When it was finished, by its manifest, else by the file's own time. */
  readonly finishedAt: Date;
  readonly manifest?: Manifest;
  /** Why there is no manifest, when the file has one that cannot be used. */
  readonly problem?: Failure;
}

/** Files that are backups by their name, although nothing else may be known of them. */
const backupName = /\.(?:dump|tar|sql|sql\.gz|sql\.zst)(?:\.age)?$/i;
const siblingName = /\.roles\.sql(?:\.age)?$/;
/** What a backup, its checksum or its manifest is called until it is whole. Other programs leave partial files too. */
const partialName = /\.(?:dump|tar|sql|sql\.gz|sql\.zst)(?:\.age)?(?:\.(?:json|sha256|roles\.sql(?:\.age)?)\.\d+)?\.partial$/;
/** Milliseconds after which a file that is still partial belongs to nobody any more. */
const abandonedAfter = 60 * 60 * 1000;

export function manifestFile(backup: string): string {
  return `${backup}.json`;
}

export function checksumFile(backup: string): string {
  return `${backup}.sha256`;
}

/** The roles of the server, beside a full backup. */
export function rolesFile(backup: string, encrypted = false): string {
  return `${backup}.roles.sql${encrypted ? '.age' : ''}`;
}

/** The backups in a folder, newest first; none when there is no such folder. */
export async function listBackups(folder: string): Promise<readonly Backup[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw fileFailure(error, folder);
  }
  const files = names.filter((name) => backupName.test(name) && !siblingName.test(name)).map((name) => path.join(folder, name));
  const backups = await Promise.all(files.map((file) => readBackup(file)));
  return backups.filter((backup) => backup !== undefined).sort((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime());
}

/** One backup with what is known of it; undefined when the file is gone or is no file. */
export async function readBackup(file: string): Promise<Backup | undefined> {
  try {
    const status = await stat(file);
    if (!status.isFile()) return undefined;
    return { file, sizeBytes: status.size, finishedAt: status.mtime, ...(await knowledgeOf(file)) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, file);
  }
}

async function knowledgeOf(file: string): Promise<Pick<Backup, 'manifest' | 'problem'> & { readonly finishedAt?: Date }> {
  try {
    const manifest = readManifest(await readFile(manifestFile(file), 'utf8'));
    return { manifest, finishedAt: new Date(manifest.finishedAt) };
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? {} : { problem: asFailure(error) };
  }
}

/** Whether a backup is of this database: by its manifest, not by its name. */
export function isBackupOf(backup: Backup, project: string, service: string, database: string): boolean {
  const { manifest } = backup;
  return manifest?.project === project && manifest.service === service && manifest.database === database;
}

/** Removes a backup with what lies beside it; the manifest goes last, so that a crash leaves nothing unknown. */
export async function deleteBackup(file: string): Promise<void> {
  await removeIfThere(file);
  await removeIfThere(rolesFile(file));
  await removeIfThere(rolesFile(file, true));
  await removeIfThere(checksumFile(file));
  await removeIfThere(manifestFile(file));
}

/** Removes what interrupted backups left in a folder. */
export async function sweepPartials(folder: string, now: Date): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((each) => partialName.test(each))) {
    const file = path.join(folder, name);
    const status = await stat(file).catch(() => undefined);
    if (status?.isFile() === true && now.getTime() - status.mtimeMs > abandonedAfter) await removeIfThere(file);
  }
}
