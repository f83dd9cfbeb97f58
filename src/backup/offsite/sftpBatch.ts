import type { OffsiteFile } from './store';
import { isPlainName } from './fileName';

/**
 * A word of a batch of `sftp`, taken for nothing but itself. Between double quotes, sftp takes wildcards for themselves
 * (`makeargv` in its sftp.c escapes them for its `glob`), a quote has to be escaped, and so has a backslash, which `glob`
 * or `undo_glob_escape` would take for an escape. There is no way to write a line break: such names are refused before.
 */
export function batchWord(word: string): string {
  return `"${word.replace(/["\\]/g, '\\$&')}"`;
}

/** A file in the current folder, for which no word can be taken for an option. */
export function fileWord(name: string): string {
  return batchWord(`./${name}`);
}

/** The lines of a batch that work in a folder of the host. */
export function inFolder(folder: string, ...lines: readonly string[]): string {
  return [`cd ${batchWord(folder)}`, ...lines, ''].join('\n');
}

/** The folders that lead to one, outermost first: `/a/b` gives `/a` and `/a/b`. */
export function foldersTo(folder: string): readonly string[] {
  const parts = folder.split('/');
  return parts.flatMap((part, index) => (part === '' || part === '.' ? [] : [parts.slice(0, index + 1).join('/')]));
}

/** What `ls -ln` prints of a file: mode, links, owner, group, size, time (twelve characters), name. */
const listing = /^-[rwxsStT-]{9}[.+@]?\s+\S+\s+\S+\s+\S+\s+(\d+) .{12} (.+)$/;

/** The files in what `ls -ln` prints; folders, links and names that lead elsewhere are left out. */
export function readListing(output: string): readonly OffsiteFile[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [, size, name] = listing.exec(line) ?? [];
    return size === undefined || name === undefined || !isPlainName(name) ? [] : [{ name, sizeBytes: Number(size) }];
  });
}

/** The free bytes in what `df` prints, a table of kilobytes; undefined where the host does not tell. */
export function readFreeBytes(output: string): number | undefined {
  const available = /Avail[^\n]*\n\s*\d+\s+\d+\s+(\d+)\s/.exec(output)?.[1];
  return available === undefined ? undefined : Number(available) * 1024;
}
