import path from 'node:path';
import { writeFileDurably } from '../operations/files';
import { checksumFile, checksumText, deleteBackup, manifestFile, rolesFile, type Backup } from './catalogue';
import { writeManifest, type Manifest } from './manifest';

/** Puts the roles, the checksum and then the manifest beside a finished file; a backup that cannot have all of them is none. */
export async function publish(file: string, manifest: Manifest, roles: Buffer | undefined): Promise<Backup> {
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
