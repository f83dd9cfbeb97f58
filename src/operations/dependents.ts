import { dependentsOf } from '../compose/dependents';
import { composeOrigin } from '../compose/labels';
import type { Engine } from '../engine/engine';
import type { Service } from '../inventory/model';
import type { Session } from '../postgres/session';
import { asFailure } from '../protocol/failure';
import { isOwnContainer, readOwnTraces, type OwnTraces } from './ownContainer';

/** A service of the project that uses the database, and whether it runs now. */
export interface DependentService {
  readonly service: string;
  readonly running: boolean;
  /** Whether we run in its container ourselves; then it is not to be stopped, and counts as not running. */
  readonly hostsUs?: true;
}

/** Seconds that a dependent gets to stop before it is killed; what Compose gives. */
const stopSeconds = 10;

/**
 * The services that use a database service, in the order in which they start: those that wait for it, that name its
 * host in their environment, or that hold sessions right now. One-shot services that have ended do not run; those that others
 * wait for to be completed count as ended, for they are never run a second time. `traces` tell which container is our own.
 */
export async function findDependents(
  engine: Engine,
  service: Service,
  session: Session,
  traces: OwnTraces = readOwnTraces(),
): Promise<readonly DependentService[]> {
  const siblings = await siblingsOf(engine, service);
  const oneShots = new Set(siblings.flatMap(({ completes }) => completes));
  const clients = await clientAddresses(session);
  const links = siblings.map(({ name, dependsOn, env, addresses }) => {
    const connected = addresses.some((address) => clients.has(address));
    return { name, dependsOn: connected ? [...dependsOn, service.name] : dependsOn, environment: env };
  });
  const hosts = [service.name, ...(service.container === undefined ? [] : [service.container.name])];
  const { startOrder } = dependentsOf(service.name, [...links, ...linksFromInventory(service, links)], hosts);
  return startOrder.map(({ service: name }) => {
    const own = siblings.filter((each) => each.name === name);
    const hostsUs = own.some(({ containerId }) => isOwnContainer(containerId, traces));
    return { service: name, running: !hostsUs && !oneShots.has(name) && own.some((each) => each.running), ...(hostsUs ? { hostsUs } : {}) };
  });
}

/** What the Compose files tell where labels do not (podman-compose), as the inventory found it. */
function linksFromInventory(
  service: Service,
  known: readonly { readonly name: string }[],
): readonly { readonly name: string; readonly dependsOn: readonly string[] }[] {
  return service.dependents.filter((name) => !known.some((each) => each.name === name)).map((name) => ({ name, dependsOn: [service.name] }));
}

interface Sibling {
  readonly name: string;
  readonly containerId: string;
  readonly running: boolean;
  readonly dependsOn: readonly string[];
  /** Services that it waits for to have done their work. */
  readonly completes: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
}

async function siblingsOf(engine: Engine, service: Service): Promise<readonly Sibling[]> {
  const rows = (await engine.containers()).flatMap((summary) => {
    const origin = composeOrigin(summary.labels, summary.name);
    return origin?.project === service.projectName && !origin.oneOff && summary.id !== service.container?.id ? [{ summary, origin }] : [];
  });
  const read = rows.map(async ({ summary, origin }): Promise<readonly Sibling[]> => {
    try {
      const { env, addresses } = await engine.inspect(summary.id);
      const dependsOn = origin.dependsOn.map((condition) => condition.service);
      const fromFile = dependsOn.length === 0 && service.dependents.includes(origin.service) ? [service.name] : dependsOn;
      const completes = origin.dependsOn.filter(({ condition }) => condition === 'service_completed_successfully').map((each) => each.service);
      return [{ name: origin.service, containerId: summary.id, running: summary.state === 'running', dependsOn: fromFile, completes, env, addresses }];
    } catch (error) {
      if (asFailure(error).code === 'CONTAINER_GONE') return [];
      throw error;
    }
  });
  return (await Promise.all(read)).flat();
}

async function clientAddresses(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ address: string }>('SELECT DISTINCT host(client_addr) AS address FROM pg_stat_activity WHERE client_addr IS NOT NULL');
  return new Set(rows.map(({ address }) => address));
}

/** Stops services of a project, those first that others do not wait for. Containers are found by label, not by id. */
export async function stopServices(engine: Engine, project: string, services: readonly string[]): Promise<void> {
  for (const service of services.toReversed()) {
    const running = (await containersOf(engine, project, service)).filter(({ state }) => state === 'running');
    await Promise.all(running.map(({ id }) => engine.stop(id, stopSeconds)));
  }
}

/** Starts services of a project in the given order; those that run are left alone. */
export async function startServices(engine: Engine, project: string, services: readonly string[]): Promise<void> {
  for (const service of services) {
    const stopped = (await containersOf(engine, project, service)).filter(({ state }) => state !== 'running');
    await Promise.all(stopped.map(({ id }) => engine.start(id)));
  }
}

/**
 * Restarts what runs of services of a project, in the given order. Each container is restarted by one request, which the engine
 * carries out whatever becomes of us: no crash leaves one stopped.
 */
export async function restartServices(engine: Engine, project: string, services: readonly string[]): Promise<void> {
  for (const service of services) {
    const running = (await containersOf(engine, project, service)).filter(({ state }) => state === 'running');
    await Promise.all(running.map(({ id }) => engine.restart(id, stopSeconds)));
  }
}

async function containersOf(engine: Engine, project: string, service: string): Promise<readonly { readonly id: string; readonly state: string }[]> {
  return (await engine.containers()).filter(({ labels, name }) => {
    const origin = composeOrigin(labels, name);
    return origin?.project === project && origin.service === service && !origin.oneOff;
  });
}
