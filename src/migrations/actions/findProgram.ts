import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { isWithin } from '../owners';
import type { Program } from './toolCommands';

/** Where a program is looked for. */
export interface ProgramPlace {
  /** Where the tool is run. */
  readonly root: string;
  /** The folder that was searched, above which nothing is the project's own. */
  readonly base: string;
  readonly platform: NodeJS.Platform;
  readonly path: string;
}

/** The start of the argument list that runs a tool on this host; undefined when it is not installed. */
export async function findProgram(program: Program, place: ProgramPlace): Promise<readonly string[] | undefined> {
  switch (program.kind) {
    case 'python':
      return one((await inEnvironment(program.name, place)) ?? (await onPath(program.name, place)));
    case 'python script': {
      const python = (await inEnvironment('python', place)) ?? (await onPath('python3', place)) ?? (await onPath('python', place));
      return python === undefined ? undefined : [python, program.file];
    }
    case 'node':
      return inNodeModules(program.package, program.name, place);
    case 'program': {
      const own = program.name.includes('/') ? path.join(place.root, program.name) : undefined;
      return one(own === undefined ? await onPath(program.name, place) : (await isRunnable(own)) ? own : undefined);
    }
  }
}

/** The folder of the tool and those above it, up to the one that was searched. */
function upwards({ root, base }: ProgramPlace): readonly string[] {
  const folders = [root];
  for (let folder = path.dirname(root); isWithin(folder, base); folder = path.dirname(folder)) folders.push(folder);
  return folders;
}

async function inEnvironment(name: string, place: ProgramPlace): Promise<string | undefined> {
  const windows = place.platform === 'win32';
  const files = upwards(place).flatMap((folder) =>
    ['.venv', 'venv', 'env'].map((environment) =>
      windows ? path.join(folder, environment, 'Scripts', `${name}.exe`) : path.join(folder, environment, 'bin', name),
    ),
  );
  return firstRunnable(files);
}

async function onPath(name: string, place: ProgramPlace): Promise<string | undefined> {
  const windows = place.platform === 'win32';
  const names = windows ? [`${name}.exe`] : [name];
  const folders = place.path.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  // An editor that was started from a desktop may not have the shell's PATH.
  const usual = windows ? [] : ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/bin'];
  return firstRunnable([...folders, ...usual].flatMap((folder) => names.map((each) => path.join(folder, each))));
}

const packageSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** By the package's own script, not by the link in `.bin`: that is a shell script on Windows. */
async function inNodeModules(name: string, bin: string, place: ProgramPlace): Promise<readonly string[] | undefined> {
  for (const folder of upwards(place)) {
    const home = path.join(folder, 'node_modules', name);
    const text = await readFile(path.join(home, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { bin: bins } = packageSchema.parse(JSON.parse(text));
    const script = typeof bins === 'string' ? bins : (bins[bin] ?? Object.values(bins)[0]);
    const node = await onPath('node', place);
    return script === undefined || node === undefined ? undefined : [node, path.join(home, script)];
  }
  return undefined;
}

async function firstRunnable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isRunnable(file)) return file;
  return undefined;
}

async function isRunnable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function one(program: string | undefined): readonly string[] | undefined {
  return program === undefined ? undefined : [program];
}
