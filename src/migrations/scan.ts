import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Workspace } from './model';

/** Folders that hold what others wrote, or what was built. */
const skipped = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'vendor',
  '.venv',
  'venv',
  'env',
  'site-packages',
  '__pycache__',
  'dist',
  'build',
  'target',
  'deps',
  '_build',
  '.next',
  'backups',
]);
const depth = 8;
/** More than any project has that somebody wrote; a home directory has more. */
const mostFiles = 50_000;
const largest = 1_000_000;
const atOnce = 32;

/** The files below a folder. What cannot be read is passed over. */
export async function scanFolder(folder: string): Promise<Workspace> {
  const files: string[] = [];
  const walk = async (below: string, levels: number): Promise<void> => {
    if (files.length >= mostFiles) return;
    const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isFile()) files.push(below === '' ? entry.name : `${below}/${entry.name}`);
    if (levels === 0) return;
    const folders = entries.filter((entry) => entry.isDirectory() && !skipped.has(entry.name));
    await Promise.all(folders.map(({ name }) => walk(below === '' ? name : `${below}/${name}`, levels - 1)));
  };
  await walk('', depth);
  return { files: files.toSorted(), read: (file) => readText(path.join(folder, file)) };
}

/** The texts of files, those that can be read. */
export async function readTexts(workspace: Workspace, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = await severalAtOnce(files, atOnce, async (file) => [file, await workspace.read(file)] as const);
  return new Map(texts.flatMap(([file, text]) => (text === undefined ? [] : [[file, text] as const])));
}

/** Does work for every item, so many at once; the results are in the order of the items. */
export async function severalAtOnce<T, R>(items: readonly T[], most: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const open = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of open) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file);
    return text.length > largest ? undefined : text.toString('utf8');
  } catch {
    return undefined; // gone, or not ours to read
  }
}

/** Whether there is such a folder on this host. */
export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
