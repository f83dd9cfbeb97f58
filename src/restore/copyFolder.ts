import { rm } from 'node:fs/promises';
import path from 'node:path';

/** The folder for the dump of one restore from another database. */
export function copyFolder(folder: string, id: string): string {
  return path.join(folder, path.basename(id));
}

/** Removes what a restore from another database dumped; nothing there is as good. */
export async function removeCopy(folder: string, id: string): Promise<void> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return; // from a file: never another folder than one of ours
  await rm(copyFolder(folder, id), { recursive: true, force: true });
}
