import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createApp, type App, type AppSettings } from '../../../src/app';
import type { BackupWishes } from '../../../src/backup/backups';
import type { Backup } from '../../../src/backup/catalogue';
import type { Project, Service } from '../../../src/inventory/model';
import type { DatabaseTarget, ServiceTarget } from '../../../src/inventory/target';
import type { Operation, Progress } from '../../../src/operations/operation';
import { Failure } from '../../../src/protocol/failure';
import type { RestoreOptions } from '../../../src/restore/restores';
import type { RestoreResult } from '../../../src/restore/run';
import { repositoryRoot } from '../../lab/paths';
import { ensurePodman } from '../../lab/podman';
import { runName, tempFolder } from './shared';

export interface AppOptions {
  /** Where journals lie; a folder of its own by default. */
  readonly state?: string;
  /** Where backups go; the projects' own folders by default. */
  readonly backups?: string;
  /** As if it were the workspace. */
  readonly folders?: readonly string[];
  readonly endpoint?: string;
  /** The projects that are looked at; those of this run by default, for others run at the same time. */
  readonly projects?: readonly string[];
  readonly encryption?: AppSettings['encryption'];
}

/** The product's object graph, as the editor and the command line build it, with all that it logged. */
export interface OpenApp extends App {
  readonly state: string;
  readonly logged: readonly string[];
}

/** Builds the app and lets it look around once. */
export async function openApp(options: AppOptions = {}): Promise<OpenApp> {
  const state = options.state ?? (await tempFolder('state'));
  const before = process.env['CONTAINER_DATABASES_STATE'];
  process.env['CONTAINER_DATABASES_STATE'] = state; // read once, when the app is built
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  try {
    const app = createApp(
      {
        endpoint: () => options.endpoint,
        backupFolder: () => options.backups ?? '',
        projects: () => options.projects ?? [`${runName}*`],
        folders: () => options.folders ?? [],
        ...(options.encryption === undefined ? {} : { encryption: options.encryption }),
      },
      { debug: log, info: log, warn: log, error: log },
    );
    await app.inventory.refresh();
    return { ...app, state, logged };
  } finally {
    if (before === undefined) delete process.env['CONTAINER_DATABASES_STATE'];
    else process.env['CONTAINER_DATABASES_STATE'] = before;
  }
}

/** The address of the lab's Podman, as a setting would have it. */
export async function podmanAddress(): Promise<string> {
  return `unix://${(await ensurePodman()).socket}`;
}

/** Like `operation`, remembering what was reported. */
export function operation(options: { readonly signal?: AbortSignal; readonly onReport?: (progress: Progress) => void } = {}): Operation & {
  readonly reports: readonly Progress[];
  readonly warnings: readonly string[];
} {
  const reports: Progress[] = [];
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  return {
    reports,
    warnings,
    signal: options.signal ?? new AbortController().signal,
    log: { debug: ignore, info: ignore, warn: (message) => void warnings.push(message), error: (message) => void warnings.push(message) },
    report: (progress) => {
      reports.push(progress);
      options.onReport?.(progress);
    },
  };
}

interface Named {
  readonly project: string;
  readonly service: string;
}

/** A service in what the app knows. Throws when it is not there. */
export function serviceOf(app: App, { project: projectName, service: serviceName }: Named): { readonly project: Project; readonly service: Service } {
  const project = app.inventory.current.projects.find(({ name }) => name === projectName);
  const service = project?.services.find(({ name }) => name === serviceName);
  if (project === undefined || service === undefined) {
    const problems = app.inventory.current.endpoints.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem.message}`]));
    throw new Error(`The inventory lacks ${projectName}/${serviceName}; ${problems.join('; ')}`);
  }
  return { project, service };
}

/** A database in what the app knows. Throws when it is not there. */
export function databaseOf(app: App, named: Named, database: string): DatabaseTarget {
  const { project, service } = serviceOf(app, named);
  const found = service.databases.find(({ name }) => name === database);
  if (found === undefined) throw new Error(`The inventory lacks the database ${database}`);
  return { project, service, database: found };
}

/** A place for a database that may or may not be there. */
export function placeOf(app: App, named: Named, databaseName: string): ServiceTarget {
  return { ...serviceOf(app, named), databaseName };
}

export async function backUp(app: App, named: Named, database: string, own: Operation = operation(), wishes: Partial<BackupWishes> = {}): Promise<Backup> {
  return app.backups.backUp(databaseOf(app, named, database), { reason: 'manual', ...wishes }, own);
}

/** Plans a restore and carries it out. */
export async function restore(
  app: App,
  named: Named,
  database: string,
  file: string,
  own: Operation = operation(),
  options: RestoreOptions = {},
): Promise<RestoreResult> {
  const target = placeOf(app, named, database);
  const plan = await app.restores.plan(target, await app.backups.read(file), options, own.signal);
  return app.restores.run(plan, target, options, own);
}

/** The code of the failure that something ends with. Throws what is no failure, and when there is none. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (outcome instanceof Failure) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`It should have failed, and gave ${JSON.stringify(outcome)}`);
}

/** The files in a folder, hidden ones too; none when there is no such folder. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => name !== '.gitignore').toSorted();
}

/** The journals in a state folder. */
export async function journalFiles(state: string): Promise<readonly string[]> {
  return filesIn(path.join(state, 'journal'));
}

/** The bytes in a file that is being written; 0 while there is none. */
export async function bytesIn(folder: string, suffix: string): Promise<number> {
  const name = (await filesIn(folder)).find((each) => each.endsWith(suffix));
  return name === undefined
    ? 0
    : stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly state?: string;
}

export interface CliResult {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
}

const everything: string[] = [];

/** All that the command line printed in this file, for a look at whether a password is among it. */
export function printedByCli(): string {
  return everything.join('\n');
}

/** Starts the built command line as a process of its own. */
export async function startCli(args: readonly string[], options: CliOptions = {}): Promise<RunningCli> {
  const state = options.state ?? (await tempFolder('state'));
  await mkdir(state, { recursive: true });
  const child = spawn(process.execPath, [path.join(repositoryRoot, 'dist/cli.js'), ...args], {
    cwd: options.cwd ?? state,
    env: { ...process.env, CONTAINER_DATABASES_STATE: state, CONTAINER_DATABASES_PROJECT: `${runName}*`, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      everything.push(stdout, stderr);
      resolve({ code: code ?? -1, signal, stdout, stderr });
    });
  });
  return { child, ended };
}

/** Runs the built command line to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return (await startCli(args, options)).ended;
}

/** Runs it with `--json` and gives the document, after checking that standard output holds nothing else. */
export async function cliJson<T>(args: readonly string[], options: CliOptions = {}): Promise<T> {
  const { code, stdout, stderr } = await cli([...args, '--json'], options);
  if (code !== 0) throw new Error(`The command line ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}
