import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createBackupFolder, errorCode, fileFailure, freeBytes, removeIfThere, writeFileDurably } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { renameToNew } from '../../operations/renameToNew';
import { Failure } from '../../protocol/failure';
import { checksumFile, checksumText, manifestFile, rolesFile, type Backup } from '../catalogue';
import { readManifest, type Manifest } from '../manifest';
import { assertPlainName, partialName } from './fileName';
import { describeFile, sizeOf } from './localFiles';
import { persistently } from './persistently';
import { differs, maybeResumed, missing } from './problems';
import type { OffsiteStore } from './store';

/**
 * Fetches a backup from a place for copies into a folder of this host, and gives it as it lies there. It gets its name
 * when it is what its manifest says. Throws `OFFSITE_MISSING`, `OFFSITE_DIFFERS`, `FILE_EXISTS`, `DISK_FULL`, and what
 * stores throw.
 */
export async function fetchBackup(store: OffsiteStore, name: string, folder: string, operation: Operation): Promise<Backup> {
  assertPlainName(name);
  const text = (await store.read([manifestFile(name)], operation.signal)).get(manifestFile(name));
  if (text === undefined) throw missing(store.describe(), `A backup ${name}`);
  const manifest = readManifest(text);
  const file = path.join(folder, name);
  await createBackupFolder(folder, undefined);
  await assertFree(file, text);
  await fetchPart(store, { from: name, sizeBytes: manifest.sizeBytes, sha256: manifest.sha256 }, partialName(file), operation);
  if (manifest.rolesSha256 !== undefined) await fetchRoles(store, name, manifest.rolesSha256, rolesFile(file), operation);
  return publish(file, text, manifest, operation);
}

interface Part {
  readonly from: string;
  /** What it should have; 0 where that is not known. */
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Throws when there is a backup of that name here, or the manifest of another one. */
async function assertFree(file: string, manifest: string): Promise<void> {
  const known = await readFile(manifestFile(file), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return manifest;
    throw fileFailure(error, manifestFile(file));
  });
  if (known === manifest && (await sizeOf(file)) === undefined) return;
  throw new Failure('FILE_EXISTS', `There is a backup ${file} already.`, 'It stays as it is. Choose another folder.');
}

/** Fetches the roles beside a backup; an earlier attempt may have come as far as that. */
async function fetchRoles(store: OffsiteStore, name: string, sha256: string, file: string, operation: Operation): Promise<void> {
  if ((await sizeOf(file)) !== undefined && (await describeFile(file, operation, 'Comparing the copy')).sha256 === sha256) return;
  await fetchPart(store, { from: rolesFile(name), sizeBytes: 0, sha256 }, partialName(file), operation);
  await renameToNew(partialName(file), file);
}

/** Fetches one file under a temporary name, going on where an earlier attempt stopped, and compares it. */
async function fetchPart(store: OffsiteStore, part: Part, partial: string, operation: Operation): Promise<void> {
  try {
    let resumed = await prepare(part, partial);
    for (;;) {
      if (!(await isWhole(part, partial))) await persistently(operation, () => store.get(part.from, partial, operation));
      throwIfCancelled(operation);
      if ((await describeFile(partial, operation, 'Comparing the copy')).sha256 === part.sha256) return;
      if (!resumed) throw differs(store.describe(), part.from);
      await removeIfThere(partial); // its beginning was of something else
      resumed = false;
    }
  } catch (error) {
    if (!maybeResumed(error)) await removeIfThere(partial);
    throw error;
  }
}

/** Gives whether the beginning of a file is here; what cannot be one is removed. Throws `DISK_FULL`. */
async function prepare({ sizeBytes }: Part, partial: string): Promise<boolean> {
  const here = (await sizeOf(partial)) ?? 0;
  if (here > sizeBytes) await removeIfThere(partial);
  const free = await freeBytes(path.dirname(partial));
  const needed = here > sizeBytes ? sizeBytes : sizeBytes - here;
  if (free !== undefined && free < needed) throw fileFailure({ code: 'ENOSPC' }, partial);
  return here > 0 && here <= sizeBytes;
}

async function isWhole({ sizeBytes }: Part, partial: string): Promise<boolean> {
  return sizeBytes > 0 && (await sizeOf(partial)) === sizeBytes;
}

/** Puts what belongs to it beside a backup and then gives it its name; one that cannot have all is none. */
async function publish(file: string, text: string, manifest: Manifest, operation: Operation): Promise<Backup> {
  throwIfCancelled(operation);
  await writeFileDurably(checksumFile(file), checksumText(path.basename(file), manifest));
  await writeFileDurably(manifestFile(file), text);
  await renameToNew(partialName(file), file);
  return { file, sizeBytes: manifest.sizeBytes, finishedAt: new Date(manifest.finishedAt), manifest };
}
