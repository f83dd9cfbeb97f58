import type { ComposeOrigin } from '../compose/labels';
import { composeOrigin } from '../compose/labels';
import type { ContainerInspection, ContainerSummary } from '../engine/containers';
import type { Engine } from '../engine/engine';
import { readExec } from '../engine/exec';
import { within } from '../engine/within';
import type { PostgresServer } from '../postgres/server';
import { asFailure } from '../protocol/failure';
import type { Service, ServiceState } from './model';
import { readCluster, type ClusterFacts } from './readCluster';
import { postgresIdentity, type PostgresIdentity } from './postgresIdentity';
import { isPostgresProcess, possiblePostgres, recognisePostgres, type Recognition } from './recognise';
import { volumeOf } from './volume';

/** A container with the place that Compose gave it; one that Compose did not make stands for itself. */
export interface PlacedContainer {
  readonly summary: ContainerSummary;
  readonly origin: ComposeOrigin | undefined;
  readonly projectName: string;
  readonly serviceName: string;
}

export interface FoundService {
  readonly placed: PlacedContainer;
  readonly service: Service;
  readonly server: PostgresServer;
}

/** What one engine has: every container (as listed), and those that run Postgres (looked at closely). */
export interface EngineFindings {
  readonly containers: readonly PlacedContainer[];
  readonly services: readonly FoundService[];
}

/** Milliseconds that one server may take to say what it holds. */
const clusterTimeout = 10_000;

/** Milliseconds after which a container is given up for now. */
const containerTimeout = 30_000;

/** Reads one engine: a single list, then a closer look only at what may be Postgres, in the projects that are wanted. Throws what the engine throws. */
export async function readEndpoint(
  engine: Engine,
  endpointId: string,
  signal: AbortSignal,
  isWanted: (project: string) => boolean = () => true,
): Promise<EngineFindings> {
  const all = (await engine.containers(signal)).map(place);
  const containers = all.filter(({ origin, projectName }) => origin?.oneOff !== true && isWanted(projectName));
  const possible = containers.filter(({ summary }) => possiblePostgres({ ...summary, privatePorts: summary.ports.map(({ containerPort }) => containerPort) }));
  const found = await Promise.all(possible.map((placed) => unlessStuck(readContainer(engine, endpointId, placed, signal))));
  return { containers, services: onePerService(found.filter((service) => service !== undefined)) };
}

function place(summary: ContainerSummary): PlacedContainer {
  const origin = composeOrigin(summary.labels, summary.name);
  return { summary, origin, projectName: origin?.project ?? summary.name, serviceName: origin?.service ?? summary.name };
}

async function readContainer(engine: Engine, endpointId: string, placed: PlacedContainer, signal: AbortSignal): Promise<FoundService | undefined> {
  const inspection = await unlessStopped(engine.inspect(placed.summary.id, signal));
  if (inspection === undefined) return undefined;
  const recognition = recognisePostgres({ ...inspection, mountTargets: inspection.mounts.map(({ destination }) => destination) });
  if (!(await isServer(engine, inspection, recognition, signal))) return undefined;
  const flavour = recognition.verdict === 'server' ? recognition.flavour : undefined;
  const identity = await withFiles(engine, inspection, postgresIdentity(inspection.env, inspection.args, flavour), signal);
  const server = serverOf(engine, placed.summary, identity);
  const cluster = inspection.state === 'running' ? await askCluster(server, identity, signal) : undefined;
  return { placed, server, service: describe(endpointId, placed, inspection, identity, cluster) };
}

/** Docker gets stuck over a container that is paused while a program begins in it; undefined for such a one, so that it hides no other. */
async function unlessStuck<T>(reading: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), containerTimeout)));
  try {
    return await Promise.race([reading, patience]);
  } catch (error) {
    if (asFailure(error).code === 'ENGINE_SLOW') return undefined; // it has just listed its containers in time
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Containers stop and go between two questions; undefined for one that did, so that it hides no other. */
async function unlessStopped<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question;
  } catch (error) {
    const { code } = asFailure(error);
    if (code === 'CONTAINER_GONE' || code === 'CONTAINER_NOT_RUNNING') return undefined;
    throw error;
  }
}

async function isServer(engine: Engine, inspection: ContainerInspection, recognition: Recognition, signal: AbortSignal): Promise<boolean> {
  if (recognition.verdict !== 'unclear') return recognition.verdict === 'server';
  if (inspection.state !== 'running') return false;
  const processes = await unlessStopped(engine.processes(inspection.id, signal));
  return processes?.some(isPostgresProcess) === true;
}

/** User and database may be given by files in the container, as secrets are; those can be read while it runs. */
async function withFiles(engine: Engine, inspection: ContainerInspection, identity: PostgresIdentity, signal: AbortSignal): Promise<PostgresIdentity> {
  const read = async (path: string | undefined): Promise<string | undefined> => {
    if (path === undefined || inspection.state !== 'running') return undefined;
    const file = await unlessStopped(readExec(engine, { container: inspection.id, argv: ['cat', '--', path] }, signal));
    return file?.exitCode === 0 && file.stdout.trim() !== '' ? file.stdout.trim() : undefined;
  };
  const user = (await read(identity.files.user)) ?? identity.user;
  return { ...identity, user, database: (await read(identity.files.database)) ?? (identity.files.user === undefined ? identity.database : user) };
}

function serverOf(engine: Engine, summary: ContainerSummary, identity: PostgresIdentity): PostgresServer {
  const port = summary.ports.find(({ containerPort, hostPort }) => containerPort === identity.port && hostPort !== undefined);
  return {
    engine,
    container: summary.id,
    user: identity.user,
    maintenanceDatabase: 'postgres',
    port: identity.port,
    password: identity.passwordSource,
    ...(port?.hostPort === undefined ? {} : { published: { host: reachable(port.hostAddress), port: port.hostPort } }),
  };
}

/** An address to bind to as an address to connect to. */
function reachable(address: string | undefined): string {
  return address === undefined || address === '' || address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
}

type ClusterAnswer = { readonly facts: ClusterFacts } | { readonly problem: NonNullable<Service['problem']> };

async function askCluster(server: PostgresServer, identity: PostgresIdentity, signal: AbortSignal): Promise<ClusterAnswer> {
  try {
    return { facts: await within(clusterTimeout, signal, (limit) => readCluster(server, identity.database, limit)) };
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message, remedy } = asFailure(error);
    if (code !== 'CANCELLED') return { problem: { code, message, remedy } };
    return { problem: { code: 'SERVER_SLOW', message: 'Postgres did not answer in time.', remedy: 'Refresh when the server is less busy.' } };
  }
}

function describe(
  endpointId: string,
  { summary, projectName, serviceName }: PlacedContainer,
  inspection: ContainerInspection,
  identity: PostgresIdentity,
  cluster: ClusterAnswer | undefined,
): Service {
  const facts = cluster !== undefined && 'facts' in cluster ? cluster.facts : undefined;
  const problem = cluster !== undefined && 'problem' in cluster ? cluster.problem : undefined;
  const major = facts === undefined ? Number(inspection.env['PG_MAJOR']) || undefined : Number.parseInt(facts.version, 10);
  const dataDirectory = facts?.dataDirectory ?? identity.pgdata ?? defaultDataDirectory(major);
  const published = summary.ports.find(({ containerPort, hostPort }) => containerPort === identity.port && hostPort !== undefined);
  return {
    id: `${endpointId}|${projectName}|${serviceName}`,
    name: serviceName,
    projectName,
    state: stateOf(inspection, problem),
    ...(inspection.health === undefined ? {} : { health: inspection.health }),
    container: {
      endpointId,
      id: inspection.id,
      name: inspection.name,
      image: inspection.image,
      imageId: inspection.imageId,
      startedAt: inspection.startedAt,
      ...(inspection.exitCode === undefined ? {} : { exitCode: inspection.exitCode }),
    },
    postgres: {
      user: identity.user,
      database: identity.database,
      ...(facts === undefined ? {} : { version: facts.version }),
      ...(major === undefined ? {} : { major }),
    },
    ...(published?.hostPort === undefined ? {} : { published: { address: published.hostAddress ?? '', port: published.hostPort } }),
    databases: facts?.databases ?? [],
    undos: facts?.undos ?? [],
    snapshots: facts?.snapshots ?? [],
    hasScratch: facts?.hasScratch === true,
    volume: { ...volumeOf(inspection.mounts, dataDirectory), ...(facts?.dataBytes === undefined ? {} : { sizeBytes: facts.dataBytes }) },
    dependents: [],
    ...(problem === undefined || isBetweenStates(problem) ? {} : { problem }),
  };
}

// Since 18 the official images keep each major in a folder of its own (docker-library/postgres #1259).
function defaultDataDirectory(major: number | undefined): string {
  return major !== undefined && major >= 18 ? `/var/lib/postgresql/${major}/docker` : '/var/lib/postgresql/data';
}

/** Not up yet, or on its way down for a restart: either is soon over, and no fault. */
function isBetweenStates({ code }: NonNullable<Service['problem']>): boolean {
  return code === 'SERVER_STARTING' || code === 'SESSION_ENDED';
}

function stateOf(inspection: ContainerInspection, problem: Service['problem']): ServiceState {
  switch (inspection.state) {
    case 'running':
      // A server that answers runs, whatever its health check says: without systemd Podman never runs one.
      return problem !== undefined && isBetweenStates(problem) ? 'starting' : 'running';
    case 'paused':
      return 'paused';
    case 'restarting':
      return 'restarting';
    default:
      return 'stopped';
  }
}

/** Of several containers of a service, the one that runs, else the one with the lowest number. */
function onePerService(found: readonly FoundService[]): readonly FoundService[] {
  const rank = ({ service, placed }: FoundService): number => (service.state === 'stopped' ? 1000 : 0) + (placed.origin?.containerNumber ?? 1);
  const byId = new Map<string, FoundService>();
  for (const each of found.toSorted((a, b) => rank(a) - rank(b))) {
    if (!byId.has(each.service.id)) byId.set(each.service.id, each);
  }
  return [...byId.values()];
}
