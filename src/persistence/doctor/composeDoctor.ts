import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseComposeFile } from '../../compose/composeFile';
import type { ComposeFile, ComposeProblem, ComposeService } from '../../compose/composeModel';
import { projectDefinitions } from '../../compose/fileNames';
import { mergeServices } from '../../compose/merge';
import { readProjectFiles } from '../../inventory/composeProjects';
import { Failure } from '../../protocol/failure';
import { examineFile, unsetMark, type Diagnosis } from './examine';

/** What the doctor says of a project that is written down. */
export interface FileReport {
  /** In the order in which Compose lays them over one another. */
  readonly files: readonly string[];
  readonly services: readonly Diagnosis[];
  readonly problems: readonly ComposeProblem[];
}

/**
 * Examines Compose files, asking no engine. Of a single file, what Compose itself would lay over or under it is read
 * too. Throws `COMPOSE_UNREADABLE` and `COMPOSE_INVALID`.
 */
export async function examineFiles(given: readonly string[], environment: NodeJS.ProcessEnv): Promise<FileReport> {
  const absolute = given.map((file) => path.resolve(file));
  const [first = ''] = absolute;
  for (const file of absolute) {
    if (!(await isFile(file))) throw new Failure('COMPOSE_UNREADABLE', `There is no file ${file}.`, 'Give the path of a Compose file.');
  }
  const folder = path.dirname(first);
  const files = absolute.length > 1 ? absolute : await withCompanions(first);
  const read = await readMarked(files, folder, environment);
  if (read.services.length === 0 && read.errors.length > 0) {
    throw new Failure(
      'COMPOSE_INVALID',
      `${first} could not be read: ${read.errors[0]?.message ?? ''}`,
      'Correct the file; "docker compose config" says more.',
    );
  }
  const file = await withForeignBases(read, folder, environment);
  const dockerfiles = new Map(await Promise.all(file.services.map(async (service) => [service.name, await dockerfileOf(service, folder)] as const)));
  return { files, services: examineFile({ file, dockerfileOf: ({ name }) => dockerfiles.get(name) }), problems: file.errors };
}

/** The files that Compose takes together with this one, as its default ones or as the base of a variant. */
async function withCompanions(file: string): Promise<readonly string[]> {
  const folder = path.dirname(file);
  const name = path.basename(file);
  const definition = projectDefinitions(await readdir(folder)).find(({ files }) => files.includes(name));
  const inFolder = (names: readonly string[]): readonly string[] => names.map((each) => path.join(folder, each));
  if (definition === undefined) return [file];
  const { services } = parseComposeFile(await readFile(file, 'utf8'));
  const isComplete = services.every(({ image, build, extends: base }) => image !== undefined || build !== undefined || base !== undefined);
  return isComplete ? inFolder(definition.files) : inFolder([...definition.base, ...definition.files]);
}

/** Reads files; a variable without value leaves a mark, so that it is known what depends on it. */
async function readMarked(files: readonly string[], folder: string, environment: NodeJS.ProcessEnv): Promise<ComposeFile> {
  const plain = await readProjectFiles(files, folder, environment);
  if (plain === undefined) throw new Failure('COMPOSE_UNREADABLE', `${files.join(', ')} could not be read.`, 'See whether you may read it.');
  if (plain.file.unsetVariables.length === 0) return plain.file;
  const marks = Object.fromEntries(plain.file.unsetVariables.map((name) => [name, unsetMark]));
  const marked = await readProjectFiles(files, folder, { ...environment, ...marks });
  return marked?.file ?? plain.file;
}

/** Merges in the bases that `extends` names in other files; what cannot be read stays named. */
async function withForeignBases(file: ComposeFile, folder: string, environment: NodeJS.ProcessEnv): Promise<ComposeFile> {
  const services = await Promise.all(file.services.map((service) => withForeignBase(service, folder, environment, 5)));
  return { ...file, services };
}

async function withForeignBase(service: ComposeService, folder: string, environment: NodeJS.ProcessEnv, levels: number): Promise<ComposeService> {
  if (service.extends?.file === undefined || levels === 0) return service;
  const { extends: reference, ...own } = service;
  const file = path.resolve(folder, reference.file ?? '');
  if (!(await isFile(file))) return service;
  const { services } = await readMarked([file], path.dirname(file), environment);
  const found = services.find(({ name }) => name === reference.service);
  if (found === undefined) return service;
  const base = await withForeignBase(found, path.dirname(file), environment, levels - 1);
  const { extends: further } = base;
  return { ...mergeServices(base, own), ...(further === undefined ? {} : { extends: further }), name: service.name, range: service.range };
}

async function dockerfileOf({ build }: ComposeService, folder: string): Promise<string | undefined> {
  if (build === undefined) return undefined;
  const file = path.resolve(folder, build.context, build.dockerfile ?? 'Dockerfile');
  return build.dockerfileInline ?? readFile(file, 'utf8').catch(() => undefined);
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
