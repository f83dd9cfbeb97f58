import { startServices } from '../operations/dependents';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { messageOf } from '../protocol/failure';
import { exchange } from '../restore/exchange';
import { copyDatabaseSettings } from '../restore/copySettings';
import { dropOwnDatabase } from '../restore/swap';
import { copyDatabase } from './copyDatabase';
import { entryFor, type SnapshotTools } from './entry';
import type { RollBackPlan } from './plan';

export interface RollBackResult {
  readonly database: string;
  readonly snapshot: string;
  /** The name under which what was there is kept; absent when there was nothing. */
  readonly undo?: string;
  readonly expiresAt: string;
}

/** Goes back to a snapshot, which stays: a copy of it is exchanged with the database, which is kept as undo. */
export async function rollBackTo(plan: RollBackPlan, tools: SnapshotTools, operation: Operation): Promise<RollBackResult> {
  const { session, journal, server } = tools;
  const { database, snapshot, scratch, undo = '', replacedAt, expiresAt, comment, strategy } = plan;
  const entry = entryFor('rollback', plan, tools.endpointId, { replacement: scratch, undo });
  await journal.write(entry);
  try {
    operation.report({ message: 'Copying the snapshot' });
    await copyDatabase({ server, session, from: snapshot.name, to: scratch, strategy }, operation);
    await copyDatabaseSettings(session, snapshot.name, scratch);
    throwIfCancelled(operation);
    await exchange(entry, { database, replacement: scratch, undo, replacedAt, expiresAt, comment }, tools, operation);
  } catch (error) {
    await tidyUp(plan, tools, operation);
    throw error;
  }
  return { database, snapshot: snapshot.label, ...(plan.undo === undefined ? {} : { undo }), expiresAt: expiresAt.toISOString() };
}

/** What cannot be removed now stays in the journal, for the next start. */
async function tidyUp(plan: RollBackPlan, { engine, session, journal }: SnapshotTools, operation: Operation): Promise<void> {
  try {
    await dropOwnDatabase(session, plan.scratch);
    await startServices(engine, plan.project, plan.dependents);
    await journal.remove(plan.id);
  } catch (error) {
    operation.log.warn(`The rest of the interrupted rollback is cleaned up at the next start: ${messageOf(error)}`);
  }
}
