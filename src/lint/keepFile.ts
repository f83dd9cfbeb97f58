import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { removeIfThere, writeFileDurably } from '../operations/files';

/** Milliseconds after which what nobody has looked at anew is forgotten. */
const longestKept = 60 * 24 * 60 * 60 * 1000;

/** Writes a file of what is remembered, and removes those beside it that are long out of date, such as of folders that are gone. */
export async function keepFile(file: string, text: string, now = Date.now()): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileDurably(file, text);
  for (const name of await readdir(folder)) {
    const other = path.join(folder, name);
    const status = await stat(other).catch(() => undefined);
    if (status?.isFile() === true && now - status.mtimeMs > longestKept) await removeIfThere(other);
  }
}
