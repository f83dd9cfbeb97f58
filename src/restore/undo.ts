import { randomUUID } from 'node:crypto';
import type { ServiceTarget } from '../inventory/target';
import type { UndoDatabase } from '../inventory/model';
import { readUndoRecord, undoPrefix } from '../inventory/undoName';
import type { Operation } from '../operations/operation';
import { listDatabases } from '../postgres/catalogue';
import { asFailure, Failure, messageOf } from '../protocol/failure';
import { findDependents, startServices } from '../operations/dependents';
import { exchange } from './exchange';
import type { JournalEntry } from './journal';
import { undoLifetime } from './plan';
import type { RestoreTools } from './run';

export interface UndoResult {
  readonly database: string;
  /** The name under which what was undone is kept, so that undo can be undone. */
  readonly undo?: string;
  /** When the database that is back was replaced. */
  readonly replacedAt: string;
}

/** The newest undo of a database. Throws `UNDO_MISSING`. */
export function findUndo({ service, databaseName }: ServiceTarget): UndoDatabase {
  const [newest] = service.undos.filter(({ of }) => of === databaseName).toSorted((a, b) => b.replacedAt.localeCompare(a.replacedAt));
  if (newest !== undefined) return newest;
  throw new Failure('UNDO_MISSING', `There is nothing to undo for "${databaseName}".`, 'Restores can be undone for a day. Older states are among the backups.');
}

/** Gives a database back what the last restore replaced; what is there now becomes the undo. */
export async function undoRestore(target: ServiceTarget, tools: Omit<RestoreTools, 'safetyBackup'>, operation: Operation): Promise<UndoResult> {
  const { engine, session, journal } = tools;
  const undo = findUndo(target);
  const id = randomUUID();
  const now = new Date();
  const databases = await listDatabases(session);
  const present = databases.some(({ name }) => name === target.databaseName);
  const record = readUndoRecord(undo.name, databases.find(({ name }) => name === undo.name)?.comment ?? null);
  const kept = `${undoPrefix}${id.slice(0, 8)}`;
  const running = (await findDependents(engine, target.service, session)).filter((dependent) => dependent.running).map(({ service }) => service);
  const entry: JournalEntry = {
    schemaVersion: 1,
    id,
    kind: 'undo',
    startedAt: now.toISOString(),
    endpointId: tools.endpointId,
    project: target.project.name,
    service: target.service.name,
    database: target.databaseName,
    replacement: undo.name,
    undo: kept,
    phase: 'swapping',
    stopped: running,
  };
  const swap = {
    database: target.databaseName,
    replacement: undo.name,
    undo: kept,
    replacedAt: now,
    expiresAt: new Date(now.getTime() + undoLifetime),
    comment: record?.comment ?? null,
  };
  try {
    await exchange(entry, swap, tools, operation);
    return { database: target.databaseName, ...(present ? { undo: kept } : {}), replacedAt: undo.replacedAt };
  } catch (error) {
    await startServices(engine, target.project.name, running)
      .then(() => journal.remove(id))
      .catch((second: unknown) => operation.log.warn(`The rest of the interrupted undo is cleaned up at the next start: ${messageOf(second)}`));
    throw asFailure(error);
  }
}
