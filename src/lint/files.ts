import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileFailure } from '../operations/files';

const skipped = new Set(['node_modules', 'site-packages', '__pycache__', 'venv', 'env', 'dist', 'build', 'out', 'target', 'vendor']);

/** A file that may hold a migration, and how it can be told that it is still the same. */
export interface CandidateFile {
  readonly file: string;
  readonly sizeBytes: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
}

/** The files to look at: those that were named, and in folders what looks like a migration. Throws `FILE_MISSING`. */
export async function candidateFiles(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly files: readonly CandidateFile[]; readonly walked: readonly string[] }> {
  const found = new Map<string, CandidateFile>();
  const walked: string[] = [];
  for (const given of paths) {
    const file = path.resolve(given);
    const facts = await stat(file, { bigint: true }).catch((error: unknown) => {
      throw fileFailure(error, given);
    });
    if (!facts.isDirectory()) found.set(file, { file, sizeBytes: Number(facts.size), modified: facts.mtimeNs });
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
  const files = entries.filter((entry) => entry.isFile() && mayBeMigration(path.join(folder, entry.name)));
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name));
  const own = await Promise.all(
    files.map(async ({ name }): Promise<readonly CandidateFile[]> => {
      const file = path.join(folder, name);
      const facts = await lstat(file, { bigint: true }).catch(() => undefined); // removed since
      return facts === undefined ? [] : [{ file, sizeBytes: Number(facts.size), modified: facts.mtimeNs }];
    }),
  );
  const inner: CandidateFile[] = [];
  for (const each of folders) inner.push(...(await inFolder(path.join(folder, each.name), signal)));
  return [...own.flat(), ...inner];
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
