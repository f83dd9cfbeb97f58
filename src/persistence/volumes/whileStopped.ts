import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { haltAll, startAgain, type HaltedContainer } from '../../backup/volume/halt';
import type { HaltedStore } from '../../backup/volume/halted';
import type { ContainerInspection } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import type { Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { messageOf } from '../../protocol/failure';

export interface StopRequest {
  readonly engine: Engine;
  readonly endpointId: string;
  readonly project: string;
  /** What is to be stopped, as far as it runs. */
  readonly containers: readonly ContainerInspection[];
  /** Of those, the servers that answer. */
  readonly servers: readonly PostgresServer[];
  readonly halted: HaltedStore;
}

/**
 * Does work while containers are stopped: the servers last and cleanly. When it fails, what ran is started again, also after a
 * crash, unless the work has said before that they are not to run any more.
 */
export async function whileStopped<T>(request: StopRequest, operation: Operation, work: (committed: () => Promise<void>) => Promise<T>): Promise<T> {
  const { engine, endpointId, project, servers, halted } = request;
  const running = request.containers.filter(({ state, vanishes }) => state === 'running' && vanishes !== true);
  const own = servers.filter(({ container }) => running.some(({ id }) => id === container));
  const isServer = ({ id }: HaltedContainer): boolean => own.some(({ container }) => container === id);
  const inOrder = running.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).map(({ id, name }) => ({ id, name }));
  const stopped = [...inOrder.filter(isServer), ...inOrder.filter((each) => !isServer(each))];
  const maker = { host: hostname(), pid: process.pid };
  const entry = { id: randomUUID(), endpointId, project, service: 'its services', process: maker, since: new Date().toISOString() };
  await halted.remember(entry, stopped);
  try {
    operation.report({ message: 'Stopping the services' });
    await haltEach(
      own,
      stopped.filter((each) => !isServer(each)),
      engine,
      operation,
    );
    const result = await work(() => halted.remember(entry, []));
    await halted.remember(entry, []);
    return result;
  } catch (error) {
    // What cannot be started now is started by the next start of the editor or the command line.
    await startAgain(engine, stopped).then(
      () => halted.remember(entry, []),
      (second: unknown) => operation.log.warn(messageOf(second)),
    );
    throw error;
  }
}

async function haltEach(servers: readonly PostgresServer[], others: readonly HaltedContainer[], engine: Engine, operation: Operation): Promise<void> {
  const [first, ...more] = servers;
  if (first === undefined) for (const { id } of others.toReversed()) await engine.stop(id, 10);
  else await haltAll(first, others, operation);
  for (const server of more) await haltAll(server, [], operation);
}
