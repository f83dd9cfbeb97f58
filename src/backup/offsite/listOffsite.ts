import { asFailure } from '../../protocol/failure';
import { checksumFile, manifestFile, rolesFile, type Backup } from '../catalogue';
import { readManifest } from '../manifest';
import { differs } from './problems';
import type { OffsiteFile, OffsiteStore } from './store';

/** Bytes that no manifest has; what is larger is not read. */
const largestManifest = 16 * 1024 * 1024;

/** The names of all that belongs to a backup, its manifest last. */
export function partsOf(name: string): readonly string[] {
  return [name, rolesFile(name), checksumFile(name), manifestFile(name)];
}

/**
 * The backups in a place for copies, newest first; `file` is the name there. A backup whose manifest has not come yet is
 * none. One that is not what its manifest says has a `problem` and no manifest, so that nothing relies on it.
 */
export async function listOffsite(store: OffsiteStore, signal: AbortSignal): Promise<readonly Backup[]> {
  const files = await store.list(signal);
  const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const described = files.filter(({ name }) => (sizes.get(manifestFile(name)) ?? largestManifest) < largestManifest);
  const texts = await store.read(
    described.map(({ name }) => manifestFile(name)),
    signal,
  );
  const backups = described.flatMap((file) => {
    const text = texts.get(manifestFile(file.name));
    return text === undefined ? [] : [knownBackup(file, text, store.describe())];
  });
  return backups.sort((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime());
}

function knownBackup({ name, sizeBytes }: OffsiteFile, text: string, place: string): Backup {
  try {
    const manifest = readManifest(text);
    const finishedAt = new Date(manifest.finishedAt);
    if (manifest.sizeBytes !== sizeBytes) return { file: name, sizeBytes, finishedAt, problem: differs(place, name) };
    return { file: name, sizeBytes, finishedAt, manifest };
  } catch (error) {
    return { file: name, sizeBytes, finishedAt: new Date(0), problem: asFailure(error) };
  }
}
