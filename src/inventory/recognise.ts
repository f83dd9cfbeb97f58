import { mentionsHost } from '../compose/dependents';
import { shellWords } from '../compose/shellWords';
import { readCommand, type CommandReading } from './commandLine';
import { flavourOfImage, isOtherTool, suggestsPostgres, type PostgresFlavour } from './imageName';

/** What the engine's list says of a container. */
export interface ListedContainer {
  readonly image: string;
  readonly command: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly privatePorts: readonly number[];
  readonly mountTargets: readonly string[];
}

/** What inspection says of a container. */
export interface InspectedContainer {
  readonly image: string;
  /** With `args`: what the engine runs, entrypoint and command put together. */
  readonly path: string;
  readonly args: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly number[];
  readonly mountTargets: readonly string[];
}

/** Whether something is a Postgres server. `evidence` and `reason` never hold values of variables. */
export type Recognition =
  | { readonly verdict: 'server'; readonly flavour: PostgresFlavour; readonly evidence: readonly string[] }
  | { readonly verdict: 'unrelated'; readonly reason: string }
  /** The running processes decide. */
  | { readonly verdict: 'unclear'; readonly evidence: readonly string[] };

/** On containers that we make ourselves to look at a volume, and remove again. */
export const throwawayLabel = 'container-databases.throwaway';

/** Where server images keep their data. */
export const dataPath = /^\/(?:var\/lib\/(?:postgresql|pgsql|postgres|edb)|bitnami\/postgresql|pgdata|home\/postgres\/pgdata|opt\/bitnami\/postgresql)(?:\/|$)/;

/**
 * Whether a container of the list may be a Postgres server and is worth an inspection. Cheap, and wrong only in saying
 * yes.
 */
export function possiblePostgres(listed: ListedContainer): boolean {
  if (throwawayLabel in listed.labels || isOtherTool(listed.image)) return false;
  const { kind } = readCommand(shellWords(listed.command));
  if (kind === 'other') return false;
  const looksSo =
    flavourOfImage(listed.image) !== undefined ||
    suggestsPostgres(listed.image) ||
    listed.privatePorts.includes(5432) ||
    listed.mountTargets.some((target) => dataPath.test(target));
  return kind === 'server' || looksSo;
}

/** Tells a server from a client, a sidecar or something else, by what the container runs and what its image brings. */
export function recognisePostgres(inspected: InspectedContainer): Recognition {
  const argv = inspected.path === '' ? [...inspected.entrypoint, ...inspected.cmd] : [inspected.path, ...inspected.args];
  const evidence = [
    ...imageEvidence(inspected.image),
    ...environmentEvidence(inspected.env),
    ...(inspected.exposedPorts.includes(5432) ? ['exposes port 5432'] : []),
    ...inspected.mountTargets.filter((target) => dataPath.test(target)).map((target) => `mounts ${target}`),
  ];
  return judge({ image: inspected.image, env: inspected.env, command: readCommand(argv), evidence, ownNames: [] });
}

/** Whether a process of this command line, as `top` lists it, is a Postgres server or one of its children. */
export function isPostgresProcess(command: string): boolean {
  const line = command.trim();
  // The server titles its children "postgres: checkpointer"; clients appear under their own names.
  return /^postgres: /.test(line) || /^(?:\S*\/)?(?:postgres|postmaster|edb-postgres)(?:\s|$)/.test(line);
}

/** What is known before the verdict. */
export interface Clues {
  readonly image: string;
  readonly env: Readonly<Record<string, string | null>>;
  readonly command: CommandReading;
  readonly evidence: readonly string[];
  /** Host names that mean the thing itself. */
  readonly ownNames: readonly string[];
}

/** Images that start their server by a script of their own. */
const scripted: ReadonlySet<PostgresFlavour> = new Set<PostgresFlavour>(['bitnami', 'postgis', 'spilo', 'crunchy', 'edb', 'redhat']);

/** The verdict that containers and written services share. */
export function judge({ image, env, command, evidence, ownNames }: Clues): Recognition {
  if (isOtherTool(image)) return { verdict: 'unrelated', reason: `${image} is a tool for Postgres, not a server` };
  if (command.kind === 'other') return { verdict: 'unrelated', reason: `it runs ${command.program}, not the server` };
  const flavour = flavourOf(image, env);
  const server: Recognition = { verdict: 'server', flavour, evidence: [`runs ${command.program}`, ...evidence] };
  if (command.kind === 'server') return server;
  const known = flavourOfImage(image);
  if (known !== undefined && (command.kind !== 'unclear' || scripted.has(known))) return server;
  if (evidence.length === 0) return { verdict: 'unrelated', reason: 'nothing about it tells of Postgres' };
  if (command.kind === 'serverOptions') return server;
  if (isClient(env, ownNames)) return { verdict: 'unrelated', reason: 'its environment leads to a server elsewhere' };
  return { verdict: 'unclear', evidence: server.evidence };
}

/** What an image's name tells, as evidence. */
export function imageEvidence(image: string): readonly string[] {
  return flavourOfImage(image) === undefined ? [] : [`image ${image}`];
}

/** Variables that server images set or read. Their names only. */
export function environmentEvidence(env: Readonly<Record<string, string | null>>): readonly string[] {
  const names = [
    'PGDATA',
    'PG_MAJOR',
    'POSTGRES_PASSWORD',
    'POSTGRES_PASSWORD_FILE',
    'POSTGRES_HOST_AUTH_METHOD',
    'POSTGRESQL_PASSWORD',
    'SPILO_CONFIGURATION',
  ];
  const bitnami = /^postgresql/.test(env.BITNAMI_APP_NAME ?? '') ? ['BITNAMI_APP_NAME'] : [];
  return [...names.filter((name) => env[name]), ...bitnami].map((name) => `sets ${name}`);
}

/** Variables by which clients find their server; a server has no use for them, except for itself. */
function isClient(env: Readonly<Record<string, string | null>>, ownNames: readonly string[]): boolean {
  const own = new Set(['', 'localhost', '::1', '0.0.0.0', ...ownNames]);
  const hosts = ['PGHOST', 'POSTGRES_HOST', 'POSTGRES_SERVER', 'DB_HOST', 'DATABASE_HOST'].map((name) => env[name] ?? '');
  if (hosts.some((host) => !own.has(host) && !/^(?:127\.|\/)/.test(host))) return true;
  const url = env.DATABASE_URL ?? '';
  return /^postgres/.test(url) && !mentionsHost({ url }, [...own, '127.0.0.1']);
}

function flavourOf(image: string, env: Readonly<Record<string, string | null>>): PostgresFlavour {
  const named = flavourOfImage(image);
  if (named !== undefined) return named;
  if (/^postgresql/.test(env.BITNAMI_APP_NAME ?? '')) return 'bitnami';
  if (env.POSTGIS_MAJOR || env.POSTGIS_VERSION) return 'postgis';
  return env.SPILO_CONFIGURATION || env.PGPASSWORD_SUPERUSER ? 'spilo' : 'custom';
}
