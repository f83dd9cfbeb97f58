import { haltAll } from '../../backup/volume/halt';
import { withThrowaway } from '../../backup/volume/throwaway';
import { createVolume, removeVolume, volumeExists } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import type { EntryStore } from '../../operations/entryStore';
import type { Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, messageOf, type Failure } from '../../protocol/failure';
import { exchange, keepReplaced, spentMount, undoMount, type Lent } from './exchange';
import type { VolumeEntry } from './journal';
import { presentContainer, startDependents, startServer } from './services';

export interface VolumeRestoreTools {
  readonly engine: Engine;
  readonly journal: EntryStore<VolumeEntry>;
}

/** Seconds that a server gets to stop that has only just been started. */
const stopSeconds = 30;

/** How an exchange ended. */
interface Outcome {
  /** Volumes of ours that nobody needs any more. */
  readonly unneeded: readonly string[];
  readonly error?: Failure;
}

/**
 * Restores a data directory. `lay` puts the new data beside the present ones, in `newFolder`, while the server still runs on
 * those. What fails before the exchange leaves everything as it was; what fails in it is taken back, also when the server
 * does not start on the new data. Throws what `lay` and stopping throw, `EXCHANGE_FAILED`, `SERVER_NOT_STARTED`,
 * `NOT_RESTARTED`, `UNDO_NOT_KEPT`, `CANCELLED`.
 */
export async function runVolumeRestore(
  entry: VolumeEntry,
  tools: VolumeRestoreTools & { readonly server?: PostgresServer },
  lay: (lent: Lent) => Promise<void>,
  operation: Operation,
): Promise<void> {
  const { engine, journal, server } = tools;
  const steady = uncancellable(operation);
  let now = entry;
  await journal.write(entry);
  const step = async (phase: VolumeEntry['phase']): Promise<void> => journal.write((now = { ...entry, phase }));
  let outcome: Outcome;
  try {
    await createVolume(engine, entry.undo, entry.undoLabels);
    outcome = await withPlace(engine, entry, operation, async (lent) => {
      operation.report({ message: 'Laying the new data beside the present ones' });
      await lay(lent);
      await step('stopping');
      operation.report({ message: 'Stopping the services' });
      if (server !== undefined) await haltAll(server, entry.dependents, operation);
      await step('exchanging');
      return carryOn(now, tools, lent, steady);
    });
  } catch (error) {
    if (now.phase !== 'exchanging') await rollBack(now, tools, steady).catch((second: unknown) => leave(operation, second));
    throw error;
  }
  await conclude(outcome, tools, operation);
}

/** Goes on with an exchange that was interrupted, in whichever direction it went. Throws what `runVolumeRestore` does. */
export async function resumeExchange(entry: VolumeEntry, tools: VolumeRestoreTools, operation: Operation): Promise<void> {
  const { engine } = tools;
  const outcome = await withPlace(engine, entry, operation, async (lent) =>
    entry.phase === 'returning' ? takeBack(entry, tools, lent, operation) : carryOn(entry, tools, lent, operation),
  );
  await conclude(outcome, tools, operation);
}

/** From the exchange to the end, whichever step was the last. What cannot be done now is done at the next start. */
async function carryOn(entry: VolumeEntry, tools: VolumeRestoreTools, lent: Lent, operation: Operation): Promise<Outcome> {
  const { engine, journal } = tools;
  try {
    operation.report({ message: 'Exchanging the data' });
    if (entry.phase === 'exchanging') await exchange(lent, 'forward');
    await journal.write({ ...entry, phase: 'exchanged' });
    operation.report({ message: 'Starting the server' });
    await startServer(engine, entry);
  } catch (error) {
    // When an engine is gone, for instance, nobody knows how it ended.
    if (!['EXCHANGE_FAILED', 'SERVER_NOT_STARTED'].includes(asFailure(error).code)) throw error;
    return { ...(await takeBack(entry, tools, lent, operation)), error: asFailure(error) };
  }
  const dependents = await startDependents(engine, entry).then(
    () => ({}),
    (error: unknown) => ({ error: asFailure(error) }),
  );
  operation.report({ message: 'Keeping what was replaced' });
  await keepReplaced(lent);
  await journal.remove(entry.id);
  return { unneeded: entry.spent === undefined ? [] : [entry.spent], ...dependents };
}

/** Takes an exchange back, wherever it stands, and starts what ran. */
async function takeBack(entry: VolumeEntry, tools: VolumeRestoreTools, lent: Lent, operation: Operation): Promise<Outcome> {
  const { engine, journal } = tools;
  operation.report({ message: 'Taking the exchange back' });
  await journal.write({ ...entry, phase: 'returning' });
  await engine.stop(await presentContainer(engine, entry.container), stopSeconds);
  await exchange(lent, 'back');
  await startServer(engine, entry);
  await startDependents(engine, entry);
  await journal.remove(entry.id);
  return { unneeded: [entry.undo] };
}

/** Undoes what comes before the exchange: removes what lies beside the data, and starts what was stopped. */
export async function rollBack(entry: VolumeEntry, tools: VolumeRestoreTools, operation: Operation): Promise<void> {
  const { engine, journal } = tools;
  if (await volumeExists(engine, entry.undo)) await withPlace(engine, entry, operation, (lent) => exchange(lent, 'back'));
  if (entry.phase === 'stopping') {
    await startServer(engine, entry);
    await startDependents(engine, entry);
  }
  await journal.remove(entry.id);
  await conclude({ unneeded: [entry.undo] }, tools, operation);
}

/** Lends a container that may write the data directory, with the undo volume and with one that is put back. */
async function withPlace<T>(engine: Engine, entry: VolumeEntry, operation: Operation, work: (lent: Lent) => Promise<T>): Promise<T> {
  const { image, undo, spent, dataDirectory } = entry;
  const mountsOf = await presentContainer(engine, entry.container);
  const volumes = [{ name: undo, target: undoMount }, ...(spent === undefined ? [] : [{ name: spent, target: spentMount }])];
  return withThrowaway(engine, { image, mountsOf, writesMounts: true, volumes }, operation, (helper) => work({ engine, helper, dataDirectory }));
}

/** What follows an exchange must not be broken off halfway. */
export function uncancellable(operation: Operation): Operation {
  return { signal: new AbortController().signal, log: operation.log, report: (progress) => operation.report(progress) };
}

/** Removes volumes when no container has them any more; one that stays goes at its expiry. */
async function conclude({ unneeded, error }: Outcome, { engine }: VolumeRestoreTools, operation: Operation): Promise<void> {
  for (const volume of unneeded) {
    await removeVolume(engine, volume).catch((problem: unknown) => operation.log.warn(`The volume ${volume} is left: ${messageOf(problem)}`));
  }
  if (error !== undefined) throw error;
}

function leave(operation: Operation, error: unknown): void {
  operation.log.warn(`The rest of the interrupted restore is cleaned up at the next start: ${messageOf(error)}`);
}
