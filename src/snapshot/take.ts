import type { SnapshotDatabase } from '../inventory/model';
import { writeSnapshotRecord } from '../inventory/snapshotName';
import { startServices } from '../operations/dependents';
import type { Operation } from '../operations/operation';
import { identifier, literal } from '../postgres/quote';
import { messageOf } from '../protocol/failure';
import { copyDatabaseSettings } from '../restore/copySettings';
import { dropOwnDatabase } from '../restore/swap';
import { copyDatabase } from './copyDatabase';
import { entryFor, type SnapshotTools } from './entry';
import type { SnapshotPlan } from './plan';

export interface SnapshotResult {
  readonly snapshot: SnapshotDatabase;
  /** Older ones that went, as the retention wants it. */
  readonly deleted: readonly SnapshotDatabase[];
}

/**
 * Takes a snapshot. It gets its name, and with it its record, in one transaction when it is whole; before, it is a scratch
 * database, which a later start drops.
 */
export async function takeSnapshot(plan: SnapshotPlan, tools: SnapshotTools, operation: Operation): Promise<SnapshotResult> {
  const { engine, session, journal, server } = tools;
  const { database: from, scratch, snapshot, record, strategy } = plan;
  await journal.write(entryFor('snapshot', plan, tools.endpointId, { replacement: scratch, undo: snapshot }));
  try {
    operation.report({ message: 'Copying the database' });
    await copyDatabase({ server, session, from, to: scratch, strategy }, operation);
    await copyDatabaseSettings(session, from, scratch);
    await session.execute(
      `BEGIN; ALTER DATABASE ${identifier(scratch)} RENAME TO ${identifier(snapshot)}; COMMENT ON DATABASE ${identifier(snapshot)} IS ${literal(writeSnapshotRecord(record))}; COMMIT`,
    );
  } catch (error) {
    await rollBack(plan, tools, operation);
    throw error;
  }
  await startServices(engine, plan.project, plan.dependents);
  await journal.remove(plan.id);
  for (const { name } of plan.superfluous) await dropOwnDatabase(session, name);
  return { snapshot: listed(plan), deleted: plan.superfluous };
}

function listed({ snapshot: name, sizeBytes, record }: SnapshotPlan): SnapshotDatabase {
  const { of, label, takenAt, migrationRevision, git } = record;
  return { name, of, label, takenAt, sizeBytes, ...(migrationRevision === undefined ? {} : { migrationRevision }), ...(git === undefined ? {} : { git }) };
}

/** What cannot be removed now stays in the journal, for the next start. */
async function rollBack(plan: SnapshotPlan, { engine, session, journal }: SnapshotTools, operation: Operation): Promise<void> {
  try {
    await session.execute('ROLLBACK');
    await dropOwnDatabase(session, plan.scratch);
    await startServices(engine, plan.project, plan.dependents);
    await journal.remove(plan.id);
  } catch (error) {
    operation.log.warn(`The rest of the interrupted snapshot is cleaned up at the next start: ${messageOf(error)}`);
  }
}
