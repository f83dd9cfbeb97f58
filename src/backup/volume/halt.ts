import { composeOrigin } from '../../compose/labels';
import type { Engine } from '../../engine/engine';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Session, withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, Failure, messageOf } from '../../protocol/failure';

/** A container that ran and was stopped for a while. It is found by its id, or by its name when Compose made it anew. */
export interface HaltedContainer {
  readonly id: string;
  readonly name: string;
}

/** Seconds that a dependent gets to stop before it is killed; what Compose gives. */
const dependentSeconds = 10;
/** Seconds that a server gets: it ends its sessions and writes what it holds in memory. Killed, it would have to recover. */
const serverSeconds = 300;
/** Milliseconds within which a server should take connections again before its dependents are started all the same. */
const readyTimeout = 60_000;

/**
 * The containers of services that run now, in the order of the services: what to stop and to start again. Those that
 * the engine would remove when they stop are left out.
 */
export async function runningContainers(engine: Engine, project: string, services: readonly string[]): Promise<readonly HaltedContainer[]> {
  const running = (await engine.containers()).flatMap(({ id, name, labels, state }) => {
    const origin = composeOrigin(labels, name);
    return state === 'running' && origin?.project === project && !origin.oneOff ? [{ id, name, service: origin.service }] : [];
  });
  const found: HaltedContainer[] = [];
  for (const service of services) {
    for (const { id, name } of running.filter((each) => each.service === service)) {
      if ((await engine.inspect(id)).vanishes !== true) found.push({ id, name });
    }
  }
  return found;
}

/** Stops the dependents, those first that started last, and then the server, all cleanly. Throws `CANCELLED` between two of them. */
export async function haltAll(server: PostgresServer, dependents: readonly HaltedContainer[], operation: Operation): Promise<void> {
  const { engine } = server;
  for (const { id } of dependents.toReversed()) {
    throwIfCancelled(operation);
    await engine.stop(id, dependentSeconds);
  }
  throwIfCancelled(operation);
  await stopServer(server);
  throwIfCancelled(operation);
}

/** Where the container is stopped by SIGTERM, the server waits until the last session has ended, for ever if need be. */
async function stopServer(server: PostgresServer): Promise<void> {
  const last = await Session.open(server, server.maintenanceDatabase).catch(() => undefined);
  const done = new AbortController();
  const [stopped] = await Promise.allSettled([
    server.engine.stop(server.container, serverSeconds).finally(() => done.abort()),
    last === undefined ? undefined : showOut(last, done.signal),
  ]);
  if (stopped.status === 'rejected') throw stopped.reason;
}

/** Ends the sessions of others until none comes back, which tells that the server lets nobody in any more; then its own. */
async function showOut(session: Session, signal: AbortSignal): Promise<void> {
  try {
    for (let quietTimes = 0; quietTimes < 3 && !signal.aborted;) {
      const others = await session.query(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()",
      );
      quietTimes = others.length === 0 ? quietTimes + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch {
    // a server that stops at once ends this session too
  } finally {
    await session.close();
  }
}

/**
 * Starts what was stopped, in the order given; after the server it waits until that takes connections. Those that run are
 * left alone. For recovery after a crash too: it may be called any number of times. Throws `NOT_RESTARTED` when it
 * has tried them all.
 */
export async function startAgain(engine: Engine, halted: readonly HaltedContainer[], server?: PostgresServer): Promise<void> {
  const problems: string[] = [];
  for (const container of halted) {
    try {
      const id = await startOne(engine, container);
      if (server !== undefined && [container.id, container.name].includes(server.container)) await waitUntilReady({ ...server, container: id });
    } catch (error) {
      problems.push(`${container.name}: ${messageOf(error)}`);
    }
  }
  if (problems.length === 0) return;
  throw new Failure(
    'NOT_RESTARTED',
    `Not everything that was stopped could be started again (${problems.join('; ')}).`,
    'Start it with Compose, and look at its log.',
  );
}

async function startOne(engine: Engine, { id, name }: HaltedContainer): Promise<string> {
  try {
    await engine.start(id);
    return id;
  } catch (error) {
    if (asFailure(error).code !== 'CONTAINER_GONE') throw error;
    await engine.start(name);
    return (await engine.inspect(name)).id;
  }
}

async function waitUntilReady(server: PostgresServer): Promise<void> {
  const limit = Date.now() + readyTimeout;
  for (;;) {
    try {
      return await withSession(server, server.maintenanceDatabase, {}, async () => undefined);
    } catch (error) {
      if (Date.now() > limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
