import path from 'node:path';
import { removeIfThere, writeFileDurably } from '../operations/files';
import { takeName } from '../operations/renameToNew';
import { checksumFile, checksumText, deleteBackup, manifestFile, rolesFile, type Backup } from './catalogue';
import { writeManifest, type Manifest } from './manifest';

/** What is written about a backup. */
export interface Description {
  readonly manifest: Manifest;
  readonly roles?: Buffer | undefined;
}

/**
 * Gives a finished file its name once all that is said of it is known, and puts the roles, the checksum and then the manifest
 * beside it; a backup that cannot have all of them is none, and nothing of it is left. Throws `FILE_EXISTS` instead of taking
 * another file's place.
 */
export async function publish(partial: string, file: string, describe: () => Promise<Description>): Promise<Backup> {
  let description: Description;
  try {
    description = await describe();
    await takeName(partial, file);
  } catch (error) {
    await removeIfThere(partial);
    throw error;
  }
  return writeBeside(file, description); // which makes the name last, too
}

async function writeBeside(file: string, { manifest, roles }: Description): Promise<Backup> {
  try {
    if (roles !== undefined) await writeFileDurably(rolesFile(file), roles);
    await writeFileDurably(checksumFile(file), checksumText(path.basename(file), manifest));
    await writeFileDurably(manifestFile(file), writeManifest(manifest));
  } catch (error) {
    await deleteBackup(file);
    throw error;
  }
  return { file, sizeBytes: manifest.sizeBytes, finishedAt: new Date(manifest.finishedAt), manifest };
}
