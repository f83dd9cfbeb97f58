import { readdir, rm, stat } from 'node:fs/promises';
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

/** Milliseconds after which nobody works with a copy any more that no journal tells of. */
const abandoned = 24 * 3_600_000;

/** Removes what killed processes left in the folder for copies; never one that `isOpen` says is still being worked with. Never throws. */
export async function sweepCopies(folder: string, isOpen: (id: string) => boolean, now: Date): Promise<void> {
  for (const id of await readdir(folder).catch(() => [])) {
    const found = await stat(path.join(folder, id)).catch(() => undefined);
    if (found === undefined || isOpen(id) || now.getTime() - found.mtimeMs < abandoned) continue;
    await removeCopy(folder, id).catch(() => undefined); // tried again at the next start
  }
}
