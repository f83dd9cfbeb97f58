import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, Failure, messageOf } from '../../protocol/failure';
import { haltAll, startAgain, type HaltedContainer } from './halt';
import { packed, streamPacked, type Packer, type VolumeReceipt, type WritePiece } from './stream';
import { withThrowaway } from './throwaway';

export interface StoppedRequest {
  readonly engine: Engine;
  /** Of the server, running or not. */
  readonly container: HaltedContainer;
  /** Present when the server runs. */
  readonly server?: PostgresServer;
  readonly dataDirectory: string;
  readonly packer: Packer;
  /** What runs and uses the server, in the order in which it starts; see `runningContainers`. */
  readonly dependents: readonly HaltedContainer[];
  /**
   * Keeps, so that it outlives a crash, what `startAgain` has to be called with: the containers before they are
   * stopped, and nothing once they run again.
   */
  readonly remember: (halted: readonly HaltedContainer[]) => Promise<void>;
}

/**
 * Copies the data directory of a server that is stopped for it, dependents first, and starts again what ran, whatever
 * happens. The files are read by a helping container of the same image, which may not write them.
 * Throws `STOP_UNCLEAN`, `VOLUME_CHANGED`, `COPY_FAILED`, `STREAM_DIFFERS`, `NOT_RESTARTED`, `THROWAWAY_FAILED`.
 */
export async function copyStopped(request: StoppedRequest, write: WritePiece, operation: Operation): Promise<VolumeReceipt> {
  const { engine, container } = request;
  const { imageId: image, id: mountsOf } = await engine.inspect(container.id, operation.signal);
  // The helper comes first: what can go wrong with it goes wrong while everything still runs.
  return withThrowaway(engine, { image, mountsOf }, operation, async (helper) => {
    await readControl(request, helper, operation.signal);
    return whileHalted(request, operation, () => copyQuiet(request, helper, write, operation));
  });
}

async function whileHalted<T>(request: StoppedRequest, operation: Operation, work: () => Promise<T>): Promise<T> {
  const { engine, container, server, dependents, remember } = request;
  if (server === undefined) return work();
  const halted = [container, ...dependents].map(({ id, name }) => ({ id, name })); // and nothing else that they may bring
  await checkpoint(server, operation);
  throwIfCancelled(operation);
  await remember(halted);
  const outcome = await attempt(async () => {
    operation.report({ message: 'Stopping the services' });
    await haltAll(server, dependents, operation);
    return work();
  });
  operation.report({ message: 'Starting the services' });
  if ('error' in outcome) operation.log.warn(`The copy came to nothing: ${outcome.error.message}`); // starting may fail as well
  await startAgain(engine, halted, server);
  await remember([]);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

async function attempt<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: Failure }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: asFailure(error) };
  }
}

/** What is written now need not be written while the services wait. */
async function checkpoint(server: PostgresServer, operation: Operation): Promise<void> {
  try {
    await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, (session) => session.execute('CHECKPOINT'));
  } catch (error) {
    throwIfCancelled(operation);
    operation.log.warn(`Stopping may take longer: ${messageOf(error)}`);
  }
}

/** Copies files that nobody writes, and proves that nobody did. */
async function copyQuiet(request: StoppedRequest, helper: string, write: WritePiece, operation: Operation): Promise<VolumeReceipt> {
  const { engine, container, packer, dataDirectory } = request;
  const { startedAt } = await engine.inspect(container.id);
  const before = await readControl(request, helper, operation.signal);
  const state = /^Database cluster state:\s+(.*)$/m.exec(before)?.[1] ?? 'unknown';
  // One that was killed before is copied as it lies: nobody writes it, and the proof shows whether it recovers.
  if (request.server !== undefined && !/^shut down(?: in recovery)?$/.test(state)) {
    throw new Failure(
      'STOP_UNCLEAN',
      `The server did not stop cleanly: its cluster is "${state}".`,
      'Nothing was kept. Back it up while it runs, or stop it yourself first.',
    );
  }
  // A manifest in it is that of a base backup that it once was put together from, and tells of other files.
  const argv = packed(packer, ['tar', '--numeric-owner', '--exclude=./backup_manifest', '-C', dataDirectory, '-cf', '-', '.']);
  const receipt = await streamPacked(engine, { container: helper, argv, env: { LC_ALL: 'C' } }, packer, write, operation, copyFailed);
  const after = await engine.inspect(container.id);
  if (after.state === 'running' || after.startedAt !== startedAt || (await readControl(request, helper, operation.signal)) !== before) {
    throw new Failure(
      'VOLUME_CHANGED',
      'Somebody started the server while its files were being copied.',
      'Nothing was kept. Let it stay stopped, and try again.',
    );
  }
  return receipt;
}

function copyFailed(exitCode: string, complaint: string): Failure {
  return new Failure(
    'COPY_FAILED',
    `tar failed: ${complaint || `it ended with exit code ${exitCode}`}`,
    'Nothing was kept. Mend what it says, then try again.',
  );
}

const readState = `cd -- "$1" || exit 1; [ -e postmaster.pid ] && echo "postmaster.pid"; pg_controldata .`;

/** What the cluster's control file says. Throws `NO_CLUSTER`, `TOOL_MISSING`. */
async function readControl({ engine, dataDirectory }: StoppedRequest, helper: string, signal: AbortSignal): Promise<string> {
  const command = { container: helper, argv: ['sh', '-c', readState, 'sh', dataDirectory], env: { LC_ALL: 'C' } };
  const { exitCode, stdout, stderr } = await readExec(engine, command, signal);
  if (exitCode === 0) return stdout;
  if (exitCode === 127) throw new Failure('TOOL_MISSING', 'The image has no pg_controldata.', 'Back it up while it runs.');
  throw new Failure('NO_CLUSTER', `There is no Postgres cluster in ${dataDirectory}: ${stderr}`, 'Check the mounts of the service.');
}
