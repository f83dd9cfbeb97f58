import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseComposeFile } from '../compose/composeFile';
import type { ComposeFile } from '../compose/composeModel';
import { parseDotenv } from '../compose/dotenv';
import { withEnvironmentFiles } from '../compose/environmentFiles';
import { projectDefinitions } from '../compose/fileNames';
import { mergeComposeFiles } from '../compose/merge';
import { composeProjectName } from '../compose/projectName';

/** A Compose project that is written down in a folder, whether or not anything of it was ever started. */
export interface WrittenProject {
  readonly name: string;
  readonly folder: string;
  readonly configFiles: readonly string[];
  readonly file: ComposeFile;
}

/** Folders that hold other people's Compose files, or none at all. */
const skipped = new Set(['node_modules', '.git', '.hg', '.svn', 'vendor', '.venv', 'venv', 'dist', 'build', 'target']);
/** How deep below a workspace folder Compose files are looked for. */
const depth = 2;

/** The Compose projects written down in these folders. Files are read only; what cannot be read is passed over. */
export async function readWrittenProjects(folders: readonly string[], environment: NodeJS.ProcessEnv): Promise<readonly WrittenProject[]> {
  const found = await Promise.all(folders.map((folder) => search(folder, depth, environment)));
  const byFiles = new Map(found.flat().map((project) => [project.configFiles.join('\n'), project]));
  return [...byFiles.values()];
}

/** A project from the very files that its containers were made from; undefined when they are not on this host. */
export async function readProjectFiles(files: readonly string[], folder: string, environment: NodeJS.ProcessEnv): Promise<WrittenProject | undefined> {
  const variables = { ...(await readVariables(path.join(folder, '.env'), environment)), ...environment };
  const texts = await Promise.all(files.map((file) => readText(file)));
  const present = texts.flatMap((text, index) => (text === undefined ? [] : [{ text, file: files[index] ?? '' }]));
  if (present.length === 0) return undefined;
  const merged = mergeComposeFiles(present.map((each) => parseComposeFile(each.text, variables, each.file)));
  const paths = [...new Set(merged.services.flatMap(({ envFiles }) => envFiles))];
  const values = new Map(await Promise.all(paths.map(async (each) => [each, await readVariables(path.resolve(folder, each), variables)] as const)));
  const file = withEnvironmentFiles(merged, (each) => values.get(each));
  const name = composeProjectName({ folder, environment: variables, ...(file.name === undefined ? {} : { name: file.name }) });
  return { name, folder, configFiles: present.map((each) => each.file), file };
}

async function search(folder: string, levels: number, environment: NodeJS.ProcessEnv): Promise<readonly WrittenProject[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const here = await Promise.all(
    projectDefinitions(names).map(async ({ files, base }) => {
      const complete = await readProjectFiles(
        files.map((name) => path.join(folder, name)),
        folder,
        environment,
      );
      if (complete === undefined || base.length === 0 || isComplete(complete.file)) return complete;
      return readProjectFiles(
        [...base, ...files].map((name) => path.join(folder, name)),
        folder,
        environment,
      );
    }),
  );
  const folders = entries.filter((entry) => entry.isDirectory() && !skipped.has(entry.name)).map(({ name }) => path.join(folder, name));
  const below = levels === 0 ? [] : await Promise.all(folders.map((each) => search(each, levels - 1, environment)));
  return [...here.filter((project) => project !== undefined), ...below.flat()];
}

/** A file whose services lack images is meant to be laid over another. */
function isComplete(file: ComposeFile): boolean {
  return file.services.every(({ image, build, extends: base }) => image !== undefined || build !== undefined || base !== undefined);
}

/** The variables in a file; `shell` fills in those that it refers to. */
async function readVariables(file: string, shell: Readonly<Record<string, string | undefined>>): Promise<Readonly<Record<string, string>>> {
  const text = await readText(file);
  return text === undefined ? {} : parseDotenv(text, (name) => shell[name]).values;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined; // not on this host, or not readable: then the labels have to do
  }
}
