import type { Backup } from '../backup/catalogue';
import type { Content } from '../backup/content';
import type { DecryptionKey } from '../backup/encryption/keys';
import { checkContent, checkReadable } from '../backup/verify';
import type { Engine } from '../engine/engine';
import type { Operation } from '../operations/operation';
import { throwIfCancelled } from '../operations/operation';
import { sideBySide } from '../operations/sideBySide';
import type { RowCounts } from '../postgres/catalogue';
import type { Session } from '../postgres/session';
import { applySurroundings } from '../postgres/surroundings';
import type { PostgresServer } from '../postgres/server';
import { messageOf } from '../protocol/failure';
import { startServices, stopServices } from '../operations/dependents';
import { copyDatabaseSettings } from './copySettings';
import type { Journal, JournalEntry } from './journal';
import { loadCopy } from './loadCopy';
import type { RestorePlan } from './plan';
import { dropOwnDatabase, swapDatabases } from './swap';

/** What a restore works with. The session is on the maintenance database and holds the claim. */
export interface RestoreTools {
  readonly engine: Engine;
  readonly endpointId: string;
  readonly server: PostgresServer;
  readonly session: Session;
  readonly journal: Journal;
  /** For a backup that is encrypted. */
  readonly key?: DecryptionKey | undefined;
  /** Backs the present database up, verified. */
  readonly safetyBackup: (operation: Operation) => Promise<Backup>;
}

export interface RestoreResult {
  readonly database: string;
  /** The name under which the replaced database is kept; absent when there was none. */
  readonly undo?: string;
  /** The file of the backup that was made before. */
  readonly safetyBackup?: string;
  readonly tables: number;
  readonly rows: number;
}

/**
 * Carries a plan out. Until the swap the live database is only read; the swap is one transaction. When anything fails
 * or is cancelled before it, what was made is removed and what was stopped is started again.
 */
export async function runRestore(plan: RestorePlan, tools: RestoreTools, operation: Operation): Promise<RestoreResult> {
  const content = await checkContent(plan.backup, tools.key, operation);
  const entry = entryOf(plan, tools.endpointId);
  await tools.journal.write(entry);
  const state = { entry };
  try {
    if (plan.backup.manifest === undefined) await checkReadable(tools.server, plan.backup.file, content, operation);
    // Neither touches what the other works on, and both must have succeeded before anything is exchanged.
    const [safety, counts] = await sideBySide(operation, [(own) => backUpFirst(plan, tools, own), (own) => loadBeside(plan, tools, content, state, own)]);
    throwIfCancelled(operation);
    await exchange(plan, tools, state, operation);
    await tools.journal.remove(plan.id);
    return resultOf(plan, safety, counts);
  } catch (error) {
    await rollBack(plan, tools, state.entry, operation);
    throw error;
  }
}

interface JournalState {
  entry: JournalEntry;
}

function entryOf(plan: RestorePlan, endpointId: string): JournalEntry {
  return {
    schemaVersion: 1,
    id: plan.id,
    kind: 'restore',
    startedAt: plan.replacedAt.toISOString(),
    endpointId,
    project: plan.project,
    service: plan.service,
    database: plan.database,
    replacement: plan.scratch,
    undo: plan.undo ?? '',
    phase: 'preparing',
    stopped: [],
  };
}

async function backUpFirst(plan: RestorePlan, tools: RestoreTools, operation: Operation): Promise<Backup | undefined> {
  if (!plan.steps.some(({ kind }) => kind === 'safety backup')) return undefined;
  operation.report({ message: 'Safety backup' });
  // Without its bytes: those of the load are shown.
  return tools.safetyBackup({ ...operation, report: ({ message }) => operation.report({ message: `Safety backup: ${message}` }) });
}

/** Loads the backup into a scratch database, and compares its rows with what the backup has. */
async function loadBeside(plan: RestorePlan, tools: RestoreTools, content: Content, state: JournalState, operation: Operation): Promise<RowCounts> {
  const { server, session, journal } = tools;
  const { id, backup, scratch: database, properties, jobs } = plan;
  const onUpload = async (upload: string): Promise<void> => {
    state.entry = { ...state.entry, upload };
    await journal.write(state.entry);
  };
  return loadCopy({ id, server, session, backup, content, database, properties, jobs, onUpload }, operation);
}

/** Stops who uses the database, exchanges the two, and starts again exactly those that were stopped. */
async function exchange(plan: RestorePlan, tools: RestoreTools, state: JournalState, operation: Operation): Promise<void> {
  const { engine, session, journal } = tools;
  state.entry = { ...state.entry, phase: 'swapping', stopped: [...plan.dependents] };
  await journal.write(state.entry);
  if (plan.dependents.length > 0) operation.report({ message: `Stopping ${plan.dependents.join(', ')}` });
  await stopServices(engine, plan.project, plan.dependents);
  operation.report({ message: 'Exchanging the databases' });
  if (plan.undo !== undefined) await copyDatabaseSettings(session, plan.database, plan.scratch);
  else if (plan.surroundings !== undefined) await applySurroundings(session, plan.scratch, plan.properties.owner, plan.surroundings);
  await swapDatabases(session, {
    database: plan.database,
    replacement: plan.scratch,
    undo: plan.undo ?? '',
    replacedAt: plan.replacedAt,
    expiresAt: plan.expiresAt,
    comment: plan.comment,
  });
  state.entry = { ...state.entry, phase: 'swapped' };
  await journal.write(state.entry);
  if (plan.dependents.length > 0) operation.report({ message: `Starting ${plan.dependents.join(', ')}` });
  await startServices(engine, plan.project, plan.dependents);
}

/** Undoes what was prepared. What cannot be undone now stays in the journal, for the next start. */
async function rollBack(plan: RestorePlan, tools: RestoreTools, entry: JournalEntry, operation: Operation): Promise<void> {
  try {
    if (entry.phase !== 'swapped') await dropOwnDatabase(tools.session, plan.scratch);
    await startServices(tools.engine, plan.project, entry.stopped);
    await tools.journal.remove(plan.id);
  } catch (error) {
    operation.log.warn(`The rest of the interrupted restore is cleaned up at the next start: ${messageOf(error)}`);
  }
}

function resultOf(plan: RestorePlan, safety: Backup | undefined, counts: RowCounts): RestoreResult {
  const rows = Object.values(counts);
  return {
    database: plan.database,
    ...(plan.undo === undefined ? {} : { undo: plan.undo }),
    ...(safety === undefined ? {} : { safetyBackup: safety.file }),
    tables: rows.length,
    rows: rows.reduce((sum, count) => sum + count, 0),
  };
}
