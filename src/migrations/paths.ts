import { posix } from 'node:path';

/** The folder of a path below the searched folder; empty for that folder itself. */
export function folderOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? '' : folder;
}

export function joinPath(...parts: readonly string[]): string {
  const joined = posix.normalize(parts.filter((part) => part !== '').join('/') || '.').replace(/\/$/, '');
  return joined === '.' ? '' : joined;
}

/** A file's name without its last ending. */
export function stemOf(file: string): string {
  return posix.basename(file).replace(/\.[^.]+$/, '');
}

/** The folder and all that it lies in, nearest first. */
export function ancestorsOf(folder: string): readonly string[] {
  if (folder === '') return [''];
  const parts = folder.split('/');
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), ''];
}

/** Files by their folders. */
export function byFolder(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const group = groups.get(folderOf(file));
    if (group === undefined) groups.set(folderOf(file), [file]);
    else group.push(file);
  }
  return groups;
}

/** The nearest folder, from this one upwards, that has one of these files. */
export function nearestWith(names: readonly string[], folder: string, files: ReadonlySet<string>): string | undefined {
  return ancestorsOf(folder).find((each) => names.some((name) => files.has(joinPath(each, name))));
}
