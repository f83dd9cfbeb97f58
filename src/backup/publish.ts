import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileFailure, removeIfThere, writeFileDurably } from '../operations/files';
import { nameTaken, renameToNew } from '../operations/renameToNew';
import { checksumFile, checksumText, deleteBackup, manifestFile, partialFile, rolesFile, type Backup } from './catalogue';
import { writeManifest, type Manifest } from './manifest';

/** What is written about a backup. */
export interface Description {
  readonly manifest: Manifest;
  readonly roles?: Buffer | undefined;
}

/**
 * Writes the roles, the checksum and the manifest, and only then gives the finished file beside them its name: a crash at any
 * moment leaves a whole backup, or none. One that cannot have all of them is none. Throws `FILE_EXISTS` instead of taking
 * another file's place. Whoever has the partial file has the name.
 */
export async function publish(file: string, describe: () => Promise<Description>): Promise<Backup> {
  const partial = partialFile(file);
  try {
    const { manifest, roles } = await describe();
    if (existsSync(file)) throw nameTaken(file);
    if (roles !== undefined) await writeFileDurably(rolesFile(file), roles);
    await writeFileDurably(checksumFile(file), checksumText(path.basename(file), manifest));
    await writeFileDurably(manifestFile(file), writeManifest(manifest));
    await renameToNew(partial, file);
    return { file, sizeBytes: manifest.sizeBytes, finishedAt: new Date(manifest.finishedAt), manifest };
  } catch (error) {
    if (!existsSync(file)) await deleteBackup(file); // what lies beside it, without it
    await removeIfThere(partial);
    throw fileFailure(error, file);
  }
}
