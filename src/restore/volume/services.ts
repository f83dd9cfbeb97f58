import { startAgain } from '../../backup/volume/halt';
import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { asFailure, Failure } from '../../protocol/failure';
import type { VolumeEntry } from './journal';

/** Milliseconds within which a server should take connections again; recovery of a live copy takes its time. */
const patience = 300_000;
/** Milliseconds between two looks. */
const interval = 200;

/**
 * Starts the server, if it ran, and waits until it takes connections for as long as it lives.
 * Throws `SERVER_NOT_STARTED` when it ends instead.
 */
export async function startServer(engine: Engine, { container, ran, port }: VolumeEntry): Promise<void> {
  if (!ran) return;
  const id = await presentContainer(engine, container);
  await engine.start(id);
  const limit = Date.now() + patience;
  for (;;) {
    const { state } = await engine.inspect(id);
    if (state !== 'running' || Date.now() > limit) throw notStarted(container.name, state);
    if (await takesConnections(engine, id, port)) return;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

/** Starts the dependents that ran. Throws `NOT_RESTARTED` when it has tried them all. */
export async function startDependents(engine: Engine, { dependents }: VolumeEntry): Promise<void> {
  await startAgain(engine, dependents);
}

/** A container by its id, or by its name when Compose made it anew. Throws `CONTAINER_GONE`. */
export async function presentContainer(engine: Engine, { id, name }: VolumeEntry['container']): Promise<string> {
  try {
    return (await engine.inspect(id)).id;
  } catch (error) {
    if (asFailure(error).code !== 'CONTAINER_GONE') throw error;
    return (await engine.inspect(name)).id;
  }
}

async function takesConnections(engine: Engine, container: string, port: number): Promise<boolean> {
  const argv = ['sh', '-c', 'exec pg_isready -q -h 127.0.0.1 -p "$1"', 'sh', String(port)];
  try {
    return (await readExec(engine, { container, argv })).exitCode === 0;
  } catch (error) {
    if (asFailure(error).code === 'CONTAINER_NOT_RUNNING') return false; // it is looked at again, and then seen to have ended
    throw error;
  }
}

function notStarted(name: string, state: string): Failure {
  return new Failure('SERVER_NOT_STARTED', `The server does not start on the restored data (${name} is ${state}).`, 'Its log says why.');
}
