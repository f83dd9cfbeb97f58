import { cp, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { ensureDocker } from '../../lab/docker';
import { ensurePostgresImage, type PostgresMajor } from '../../lab/images';
import { repositoryRoot } from '../../lab/paths';
import { ensurePodman, loadPostgresImageIntoPodman } from '../../lab/podman';
import { composeDown, composeUp, engineCommand, waitForHealthy, waitForPostgres, type EngineName, type StackOptions } from '../../lab/stacks';
import { waitFor } from '../../lab/process';
import type { Place } from './sql';
import { sql } from './sql';
import { atTheEnd, once, runName, tempFolder } from './shared';

export type StackName = 'reims' | 'budgie' | 'bigskies' | 'fastapi' | 'expenses' | 'expenses-prod';

export const stackNames: readonly StackName[] = ['reims', 'bigskies', 'fastapi', 'expenses', 'expenses-prod', 'budgie'];

/** What `expected.json` says of a stack; see the README beside it. */
export interface Expected {
  readonly folder: string;
  readonly engine: EngineName;
  readonly composeFiles: readonly string[];
  readonly project: string;
  readonly service: string;
  readonly container: string;
  readonly image: string;
  readonly major: PostgresMajor;
  readonly database: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly volume: {
    readonly kind: 'volume' | 'bind';
    readonly key?: string;
    readonly explicitName?: boolean;
    readonly source?: string;
    readonly destination: string;
  };
  readonly dataDirectory: string;
  readonly dependents: readonly { readonly service: string; readonly container: string; readonly sessions: number }[];
  readonly servicesWithoutSessions: readonly { readonly service: string; readonly container: string }[];
  readonly initServices: readonly { readonly service: string; readonly container: string }[];
  readonly tableCount: number;
  readonly totalRows: number;
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly migrations: { readonly versionRows: readonly string[]; readonly tool: string };
}

/** A copy of one of the five stacks, running under a name of its own. */
export interface Stack extends Place {
  readonly name: StackName;
  readonly expected: Expected;
  readonly project: string;
  readonly service: string;
  readonly folder: string;
  readonly options: StackOptions;
  /** The container of a service, by the name that the original has. */
  readonly containerNamed: (original: string) => string;
}

export async function readExpected(): Promise<Readonly<Record<StackName, Expected>>> {
  return JSON.parse(await readFile(path.join(repositoryRoot, 'test/fixtures/stacks/expected.json'), 'utf8')) as Record<StackName, Expected>;
}

/** A running copy of a stack, healthy and with all its dependents connected. The same one for every file of the run. */
export async function startStack(name: StackName): Promise<Stack> {
  return once(`stack ${name}`, () => start(name));
}

async function start(name: StackName): Promise<Stack> {
  const expected = (await readExpected())[name];
  const { engine, major } = expected;
  await (engine === 'podman' ? loadPostgresImageIntoPodman(major) : ensurePostgresImage(major));
  const stack = await prepare(name, expected);
  atTheEnd(async () => {
    // What the server wrote into bind mounts is not Compose's to remove; the folder as a whole is removed later.
    await composeDown(expected.folder, stack.options);
  });
  await composeUp(expected.folder, stack.options);
  await waitForPostgres(stack.container, stack);
  await waitForHealthy(stack.container, stack);
  await waitForDependents(stack);
  return stack;
}

/** Copies a stack's files and names the copy, without starting it. */
export async function prepare(name: StackName, expected: Expected): Promise<Stack> {
  const { engine, environment, database, user, service } = expected;
  const project = `${runName}-${name}`;
  const folder = path.join(await tempFolder(name), expected.folder);
  await cp(path.join(repositoryRoot, 'test/fixtures/stacks', expected.folder), folder, {
    recursive: true,
    filter: (file) => !/(?:tracker|prod)-data$|backups$/.test(file),
  });
  const port = engine === 'podman' ? String(await freePort()) : '0';
  const values: Readonly<Record<string, string>> = { prefix: project, port, http: port, volume: `${project}-data` };
  const env = Object.fromEntries(Object.entries(environment).flatMap(([kind, variable]) => (values[kind] === undefined ? [] : [[variable, values[kind]]])));
  const containerNamed = (original: string): string => original.replace(expected.project, project);
  return {
    name,
    expected,
    project,
    service,
    folder,
    engine,
    database,
    user,
    container: containerNamed(expected.container),
    containerNamed,
    options: { engine, projectName: project, cwd: folder, env, files: expected.composeFiles },
  };
}

/** Waits until every dependent that ought to runs and holds its sessions. */
export async function waitForDependents(place: Stack): Promise<void> {
  const { expected } = place;
  await waitFor(`the sessions of ${expected.dependents.map(({ service }) => service).join(', ')}`, async () => {
    const rows = await sql(place, 'postgres', 'SELECT application_name, count(*) FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY 1').catch(() => '');
    const sessions = new Map(rows.split('\n').map((row) => [row.split('|')[0], Number(row.split('|')[1])] as const));
    return expected.dependents.every(({ service, sessions: wanted }) => sessions.get(service) === wanted);
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server of its own, without Compose. */
export interface Server extends Place {
  readonly project: string;
  readonly service: string;
}

export interface ServerOptions {
  readonly image?: string;
  readonly engine?: EngineName;
  /** More arguments for `docker run`, before the image. */
  readonly arguments?: readonly string[];
  /** For the server, after the image. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  /** For our own psql, where local connections are not trusted. */
  readonly password?: string;
}

/** Starts a container with Postgres, whose database is called `app`, and waits until it answers. Gone after the run. */
export async function startServer(label: string, options: ServerOptions = {}): Promise<Server> {
  const { image = 'postgres:17', engine = 'docker', user = 'app' } = options;
  const major = Number(/:(\d+)/.exec(image)?.[1]);
  if (major in { 13: 1, 15: 1, 17: 1, 18: 1 }) await ensurePostgresImage(major as PostgresMajor);
  await (engine === 'podman' ? ensurePodman() : ensureDocker());
  await tempFolder('server'); // sweeps what killed runs left
  const container = `${runName}-${label}`;
  const env = Object.entries({ POSTGRES_USER: user, POSTGRES_DB: 'app', POSTGRES_PASSWORD: 'pw-Zq7!secret', ...options.env });
  const args = ['run', '--detach', '--name', container, ...(options.arguments ?? []), ...env.flatMap(([key, value]) => ['--env', `${key}=${value}`])];
  const { code, stderr } = await engineCommand([...args, image, ...(options.command ?? [])], { engine });
  if (code !== 0) throw new Error(stderr);
  await waitForPostgres(container, { engine });
  return {
    engine,
    container,
    project: container,
    service: container,
    user,
    database: 'app',
    ...(options.password === undefined ? {} : { password: options.password }),
  };
}

/** Removes a server before the end of the run. */
export async function removeServer({ container, engine }: Server): Promise<void> {
  await engineCommand(['rm', '--force', '--volumes', container], { engine });
}
