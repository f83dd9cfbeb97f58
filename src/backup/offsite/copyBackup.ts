import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeFileDurably } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import { checksumFile, checksumText, manifestFile, rolesFile, type Backup } from '../catalogue';
import { readManifest, writeManifest, type Manifest } from '../manifest';
import { assertPlainName } from './fileName';
import { describeFile } from './localFiles';
import { persistently } from './persistently';
import { maybeResumed, taken } from './problems';
import type { LocalFile, OffsiteStore } from './store';

/**
 * Copies a backup with all that belongs to it, its manifest last, and notes in its own manifest that there is a copy.
 * A backup that is there already is compared. Gives the backup as it is known then. Throws `MANIFEST_MISSING`,
 * `BACKUP_DAMAGED`, `OFFSITE_DIFFERS` and what stores throw.
 */
export async function copyBackup(backup: Backup, store: OffsiteStore, operation: Operation): Promise<Backup> {
  const name = path.basename(backup.file);
  assertPlainName(name);
  const manifest = manifestOf(backup);
  const payload = await whatWasWritten(backup.file, manifest.sha256, operation);
  const roles = manifest.rolesSha256 === undefined ? undefined : await whatWasWritten(rolesFile(backup.file), manifest.rolesSha256, operation);
  const before = new Set((await store.list(operation.signal)).map((file) => file.name));
  if (before.has(manifestFile(name))) await assertSame(name, manifest, store, operation);
  const added: string[] = [];
  operation.log.info(`Copying ${backup.file} to ${store.describe()}`);
  try {
    await withSmallFiles(name, manifest, operation, async (checksum, description) => {
      const parts = [[payload, name], ...(roles === undefined ? [] : [[roles, rolesFile(name)] as const]), [checksum, checksumFile(name)]] as const;
      for (const [file, as] of parts) {
        await put(file, as, store, operation);
        if (!before.has(as)) added.push(as);
      }
      if (!before.has(manifestFile(name))) await put(description, manifestFile(name), store, operation);
    });
  } catch (error) {
    if (!maybeResumed(error)) await tidy(added, store);
    throw error;
  }
  return noteCopy(backup, store.describe());
}

async function put(file: LocalFile, name: string, store: OffsiteStore, operation: Operation): Promise<void> {
  throwIfCancelled(operation);
  await persistently(operation, () => store.put(file, name, operation));
}

/** Removes what came of a copy that is not going to be finished. Never throws. */
async function tidy(added: readonly string[], store: OffsiteStore): Promise<void> {
  for (const name of added) await store.remove(name).catch(() => undefined);
}

function manifestOf({ file, manifest, problem }: Backup): Manifest {
  if (manifest !== undefined) return manifest;
  if (problem !== undefined) throw problem;
  throw new Failure('MANIFEST_MISSING', `${file} has no manifest, so a copy of it could not be told from a broken one.`, 'Copy a backup that was made here.');
}

/** Reads a file to its end. A damaged backup is not worth a copy, which would pass for a good one. */
async function whatWasWritten(file: string, sha256: string, operation: Operation): Promise<LocalFile> {
  const found = await describeFile(file, operation, 'Checking the backup');
  if (found.sha256 === sha256) return found;
  throw new Failure('BACKUP_DAMAGED', `${file} is not what was written: its checksum differs.`, 'It was not copied. Use another backup.');
}

/** Throws when the manifest that is there is that of another backup. */
async function assertSame(name: string, manifest: Manifest, store: OffsiteStore, operation: Operation): Promise<void> {
  const text = (await store.read([manifestFile(name)], operation.signal)).get(manifestFile(name));
  const other = text === undefined ? undefined : readOrUndefined(text);
  if (other?.id !== manifest.id || other.sha256 !== manifest.sha256) throw taken(store.describe(), name);
}

function readOrUndefined(text: string): Manifest | undefined {
  try {
    return readManifest(text);
  } catch {
    return undefined;
  }
}

/** Writes checksum and manifest into a folder of their own, where nobody changes them while they are copied. */
async function withSmallFiles(
  name: string,
  manifest: Manifest,
  operation: Operation,
  work: (checksum: LocalFile, description: LocalFile) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-'));
  try {
    const write = async (file: string, content: string): Promise<LocalFile> => {
      await writeFileDurably(path.join(folder, file), content);
      return describeFile(path.join(folder, file), operation, 'Copying');
    };
    const checksum = await write(checksumFile(name), checksumText(name, manifest));
    await work(checksum, await write(manifestFile(name), writeManifest(manifest)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Notes in a backup's manifest, as it is by now, that there is a copy. */
async function noteCopy(backup: Backup, location: string): Promise<Backup> {
  const file = manifestFile(backup.file);
  const current = readManifest(await readFile(file, 'utf8'));
  const others = (current.offsite ?? []).filter((each) => each.location !== location);
  const manifest: Manifest = { ...current, offsite: [...others, { location, copiedAt: new Date().toISOString() }] };
  await writeFileDurably(file, writeManifest(manifest));
  return { ...backup, manifest };
}
