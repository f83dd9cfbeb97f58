import type { Backup } from '../backup/catalogue';
import type { ScheduleState } from '../backup/schedule/schedules';
import { composeOrigin } from '../compose/labels';
import type { ContainerSummary } from '../engine/containers';
import type { Engine } from '../engine/engine';
import { readExec } from '../engine/exec';
import { within } from '../engine/within';
import type { Problem, Project, Service } from '../inventory/model';
import { readServerFacts } from '../postgres/catalogue';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { asFailure } from '../protocol/failure';
import type { BackupFacts, ClusterHealthFacts, DatabaseHealthFacts, DependentFacts, HealthFacts } from './facts';
import { askHttp } from './http';
import { readCounters, readInside, readSessions } from './queries';

/** Milliseconds for any one statement. */
const statementTimeout = 2000;
/** Milliseconds for a whole look: a server that was frozen minds no timeout of its own. */
const usualPatience = 15_000;

/** What is known beside the server itself. */
export interface HealthSurroundings {
  readonly backups: readonly Backup[];
  readonly schedules: readonly ScheduleState[];
  /** Addresses to ask, by the service's name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Milliseconds after which the server counts as too slow to answer. */
  readonly patience?: number;
}

/**
 * Gathers what the health of a service is judged by. A server that cannot be asked is a finding, not an error; throws only
 * `CANCELLED`.
 */
export async function readHealthFacts(
  project: Project,
  service: Service,
  access: { readonly engine: Engine; readonly server: PostgresServer } | undefined,
  surroundings: HealthSurroundings,
  signal: AbortSignal,
): Promise<HealthFacts> {
  const declared = service.postgres.database;
  const isMissing = service.state === 'running' && service.problem === undefined && !service.databases.some(({ name }) => name === declared);
  const base = {
    service: service.name,
    state: service.state,
    ...(service.container?.exitCode === undefined ? {} : { exitCode: service.container.exitCode }),
    ...(service.health === undefined ? {} : { health: service.health }),
    ...(isMissing && declared !== 'postgres' ? { missingDatabase: declared } : {}),
    backups: backupFacts(project, service, surroundings),
  };
  if (access === undefined || service.state !== 'running' || service.problem !== undefined) {
    return { ...base, ...(service.problem === undefined ? {} : { problem: service.problem }), dependents: [], databases: [] };
  }
  const names = service.databases.map(({ name }) => name);
  try {
    const [dependents, asked] = await within(surroundings.patience ?? usualPatience, signal, (limit) =>
      Promise.all([readDependents(access.engine, service, surroundings.urls, limit), askServer(access.server, names, limit)]),
    );
    return { ...base, dependents, ...asked };
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = asFailure(error);
    const { code, message, remedy } = failure.code === 'CANCELLED' ? tooSlow : failure;
    return { ...base, problem: { code, message, remedy }, dependents: [], databases: [] };
  }
}

const tooSlow: Problem = { code: 'SERVER_SLOW', message: 'Postgres did not answer in time.', remedy: 'Look at what it is busy with, and at its log.' };

/** The one session is closed before others are opened: a server that is short of connections must not be made shorter. */
async function askServer(
  server: PostgresServer,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly cluster: ClusterHealthFacts; readonly databases: readonly DatabaseHealthFacts[] }> {
  const { cluster, counters, directory } = await withSession(server, server.maintenanceDatabase, { statementTimeout, signal }, async (session) => ({
    cluster: await readSessions(session),
    counters: await readCounters(session, names),
    directory: (await readServerFacts(session)).dataDirectory,
  }));
  const databases: DatabaseHealthFacts[] = [];
  for (const each of counters) databases.push({ ...each, ...(await inside(server, each.name, signal, readInside)) });
  const disk = await readDisk(server, directory, signal);
  return { cluster: { ...cluster, ...(disk === undefined ? {} : { disk }) }, databases };
}

/** One database that cannot be entered must not hide the others. */
async function inside<T extends object>(
  server: PostgresServer,
  database: string,
  signal: AbortSignal,
  read: (session: Session) => Promise<T>,
): Promise<Partial<T>> {
  try {
    return await withSession(server, database, { statementTimeout, signal }, read);
  } catch (error) {
    if (signal.aborted) throw error;
    return {};
  }
}

async function readDisk(server: PostgresServer, directory: string, signal: AbortSignal): Promise<ClusterHealthFacts['disk']> {
  const { stdout } = await readExec(server.engine, { container: server.container, argv: ['df', '-Pk', directory] }, signal);
  const [, total, , free] = (stdout.trim().split('\n').at(-1) ?? '').split(/\s+/);
  const [totalBytes, freeBytes] = [Number(total) * 1024, Number(free) * 1024];
  return Number.isFinite(totalBytes) && Number.isFinite(freeBytes) ? { totalBytes, freeBytes } : undefined;
}

async function readDependents(engine: Engine, service: Service, urls: HealthSurroundings['urls'], signal: AbortSignal): Promise<readonly DependentFacts[]> {
  const wanted = new Set([...service.dependents, ...Object.keys(urls)]);
  const found = (await engine.containers(signal)).flatMap((summary) => {
    const origin = composeOrigin(summary.labels, summary.name);
    const isMeant = origin?.project === service.projectName && !origin.oneOff && wanted.has(origin.service) && origin.service !== service.name;
    return isMeant ? [dependentFacts(origin.service, summary)] : [];
  });
  return Promise.all(
    found.map(async (facts) => {
      const url = urls[facts.service];
      return url === undefined || facts.state !== 'running' ? facts : { ...facts, http: await askHttp(url, signal) };
    }),
  );
}

/** From the engine's own words, such as "Up 3 hours (unhealthy)" and "Exited (1) 5 minutes ago". */
export function dependentFacts(service: string, { state, status }: Pick<ContainerSummary, 'state' | 'status'>): DependentFacts {
  const health = /\((healthy|unhealthy)\)/.exec(status)?.[1];
  const exitCode = /^Exited \((\d+)\)/.exec(status)?.[1];
  return { service, state, ...(health === undefined ? {} : { health }), ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }) };
}

/** What is known of the backups of each database, and of the one that the service was made for. */
export function backupFacts(project: Project, service: Service, { backups, schedules }: HealthSurroundings): readonly BackupFacts[] {
  const names = new Set(service.databases.map(({ name }) => name));
  return [...names].map((database) => {
    const verified = backups.filter(
      ({ manifest }) =>
        manifest?.service === service.name &&
        manifest.scope === 'full' &&
        (manifest.database === database || manifest.format === 'volume') &&
        (manifest.verified === 'read' || manifest.verified === 'restored'),
    );
    const newest = verified.toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime())[0];
    const state = schedules.find(({ schedule }) => schedule.project === project.name && schedule.service === service.name && schedule.database === database);
    const trouble = state?.last?.result === 'failed' ? 'failed' : state?.overdueSince === undefined ? undefined : 'overdue';
    return { database, ...(newest === undefined ? {} : { newestVerified: newest.finishedAt }), ...(trouble === undefined ? {} : { trouble }) };
  });
}
