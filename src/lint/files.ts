import { lstatSync, type Dirent, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileFailure } from '../operations/files';
import type { FileStamp } from './cacheFile';

const skipped = new Set(['node_modules', 'site-packages', '__pycache__', 'venv', 'env', 'dist', 'build', 'out', 'target', 'vendor']);

/** A file that may hold a migration, and how it can be told that it is still the same. */
export interface CandidateFile extends FileStamp {
  readonly file: string;
}

/** What there is to look at, and the folders in which it was found. */
export interface CandidateFiles {
  readonly files: readonly CandidateFile[];
  readonly walked: readonly string[];
}

export function candidateOf(file: string, { size, mtimeMs, ctimeMs, ino }: Stats): CandidateFile {
  return { file, sizeBytes: size, modified: mtimeMs, changed: ctimeMs, inode: ino };
}

/** The files to look at: those that were named, and in folders what looks like a migration. Throws `FILE_MISSING`. */
export async function candidateFiles(paths: readonly string[], signal: AbortSignal): Promise<CandidateFiles> {
  const found = new Map<string, CandidateFile>();
  const walked: string[] = [];
  for (const given of paths) {
    const file = path.resolve(given);
    const facts = await stat(file).catch((error: unknown) => {
      throw fileFailure(error, given);
    });
    if (!facts.isDirectory()) found.set(file, candidateOf(file, facts));
    else {
      walked.push(file);
      for (const candidate of await inFolder(file, signal)) found.set(candidate.file, candidate);
    }
  }
  return { files: [...found.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1)), walked };
}

async function inFolder(folder: string, signal: AbortSignal): Promise<readonly CandidateFile[]> {
  signal.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown): readonly Dirent[] => {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'ENOENT') return [];
    throw fileFailure(error, folder);
  });
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return [];
  const prefix = folder.endsWith(path.sep) ? folder : folder + path.sep;
  const files = entries.filter((entry) => entry.isFile() && mayBeMigration(prefix + entry.name));
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name));
  const found = files.flatMap(({ name }) => candidateAt(prefix + name) ?? []);
  for (const each of folders) found.push(...(await inFolder(path.join(folder, each.name), signal)));
  return found;
}

/** Asked at once, which is four times quicker than in turns; nothing else waits meanwhile. Undefined for what was removed since. */
function candidateAt(file: string): CandidateFile | undefined {
  try {
    return candidateOf(file, lstatSync(file));
  } catch {
    return undefined;
  }
}

/** Whether a file's name and place allow it to be a migration; its content decides. */
export function mayBeMigration(file: string): boolean {
  const name = path.basename(file);
  if (/^(\.#|__init__)/.test(name)) return false;
  if (/\.py$/i.test(name)) return true;
  const inMigrations = /(^|[\\/])[^\\/]*migrat[^\\/]*[\\/]/i.test(file);
  if (/\.sql$/i.test(name)) return inMigrations || /^([VU][\d._]+|R)__|^\d{3,}[_-]|\.(up|down)\.sql$/.test(name);
  return inMigrations && /\.[cm]?[jt]s$/i.test(name) && !/\.d\.[cm]?ts$|\.(test|spec)\.\w+$/i.test(name);
}

/** Whether a file lies where migrations usually do, so that it is worth a look before anybody opens it. */
export function isAmongMigrations(file: string): boolean {
  return mayBeMigration(file) && /(^|[\\/])([^\\/]*(migrat|alembic)[^\\/]*|versions)[\\/]/i.test(file);
}
