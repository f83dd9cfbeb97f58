import type { Backup } from '../backup/catalogue';
import type { Content } from '../backup/content';
import type { DecryptionKey } from '../backup/encryption/keys';
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
import { removeCopy } from './copyFolder';
import { checkUnchanged, provenContent } from './dump/rawContent';
import { copyDatabaseSettings } from './copySettings';
import type { Journal, JournalEntry } from './journal';
import { compareRows, type LoadWishes } from './load';
import { withPlacedDump } from './loadCopy';
import type { MergeReport } from './merge/report';
import { mergeData } from './merge/runData';
import { mergeTables, type TableDifference } from './part/runMerge';
import { loadRows, mergeJob, oldestTransaction } from './part/runRows';
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
  /** Dumps the database that the plan copies, verified, into a folder of the restore's own. */
  readonly dumpSource: (plan: RestorePlan, operation: Operation) => Promise<Backup>;
}

export interface RestoreResult {
  readonly database: string;
  /** The name under which the replaced database is kept; absent when there was none, or when it stayed. */
  readonly undo?: string;
  /** The file of the backup that was made before. */
  readonly safetyBackup?: string;
  readonly tables: number;
  readonly rows: number;
  /** Of restored tables: how their rows differed before. */
  readonly differences?: readonly TableDifference[];
  /** Of rows that joined others: what became of them. */
  readonly merged?: MergeReport;
}

/** What became of rows that were put into live tables. */
type PutIn = Pick<RestoreResult, 'differences' | 'merged'>;

/**
 * Carries a plan out. Until the swap, or the transaction that puts rows in, the live database is only read. When anything fails
 * or is cancelled before it, what was made is removed and what was stopped is started again.
 */
export async function runRestore(plan: RestorePlan, tools: RestoreTools, operation: Operation): Promise<RestoreResult> {
  // A file is proven before anything is begun.
  const given = plan.source.kind === 'backup' ? await contentOf(plan.source.backup, plan, tools, operation) : undefined;
  const entry = entryOf(plan, tools.endpointId);
  await tools.journal.write(entry);
  const state = { entry };
  try {
    const { backup, content } = given ?? (await dumpFirst(plan, tools, operation));
    const since = plan.rows !== undefined && backsUp(plan) ? await oldestTransaction(tools.session) : undefined;
    // Neither touches what the other works on, and both must have succeeded before anything is changed.
    const [safety, counts] = await sideBySide(operation, [
      (own) => backUpFirst(plan, tools, own),
      (own) => loadBeside({ plan, backup, content }, tools, state, own),
    ]);
    throwIfCancelled(operation);
    const putIn = plan.rows === undefined ? undefined : await putRowsIn(plan, { rows: plan.rows, since }, tools, state, operation);
    if (putIn === undefined) await exchange(plan, tools, state, operation);
    await removeCopy(tools.journal.copies, plan.id);
    await tools.journal.remove(plan.id);
    return resultOf(plan, safety, counts, putIn);
  } catch (error) {
    await rollBack(plan, tools, state.entry, operation);
    throw error;
  }
}

interface JournalState {
  entry: JournalEntry;
}

interface Loaded {
  readonly plan: RestorePlan;
  readonly backup: Backup;
  readonly content: Content;
}

async function contentOf(backup: Backup, plan: RestorePlan, { key }: RestoreTools, operation: Operation): Promise<Omit<Loaded, 'plan'>> {
  const content = await provenContent(backup, key, operation);
  checkUnchanged(content, plan.sha256, backup.file);
  return { backup, content };
}

async function dumpFirst(plan: RestorePlan, tools: RestoreTools, operation: Operation): Promise<Omit<Loaded, 'plan'>> {
  const backup = await tools.dumpSource(plan, operation);
  return { backup, content: await provenContent(backup, undefined, operation) };
}

/** What a journal says of a plan before anything is begun. */
export function entryOf(plan: RestorePlan, endpointId: string): JournalEntry {
  return {
    schemaVersion: 1,
    id: plan.id,
    kind: plan.rows === undefined ? 'restore' : 'rows',
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

function backsUp({ steps }: RestorePlan): boolean {
  return steps.some(({ kind }) => kind === 'safety backup');
}

async function backUpFirst(plan: RestorePlan, tools: RestoreTools, operation: Operation): Promise<Backup | undefined> {
  if (!backsUp(plan)) return undefined;
  operation.report({ message: 'Safety backup' });
  // Without its bytes: those of the load are shown.
  return tools.safetyBackup({ ...operation, report: ({ message }) => operation.report({ message: `Safety backup: ${message}` }) });
}

/** Loads the backup into a scratch database, and compares its rows with what the backup has. */
async function loadBeside({ plan, backup, content }: Loaded, tools: RestoreTools, state: JournalState, operation: Operation): Promise<RowCounts> {
  const { server, session, journal } = tools;
  const { id, scratch: database, properties, jobs, form, rows } = plan;
  const onUpload = async (upload: string): Promise<void> => {
    state.entry = { ...state.entry, upload };
    await journal.write(state.entry);
  };
  if (rows !== undefined) {
    await loadRows({ plan, rows, backup, content, onUpload }, tools, operation);
    return {};
  }
  const wishes = wishesOf(plan);
  await withPlacedDump({ id, server, session, backup, content, form, database, properties, jobs, onUpload }, operation, ({ load }) => load(wishes));
  operation.report({ message: 'Comparing rows' });
  return compareRows(server, database, wishes.part === 'all' ? backup.manifest?.rows : undefined, operation.signal);
}

function wishesOf({ steps, segment, withoutOwners, allowMetaCommands }: RestorePlan): LoadWishes {
  const part = steps.find((step) => step.kind === 'load')?.part ?? 'all';
  return { part, ...(segment === undefined ? {} : { segment }), withoutOwners, allowMetaCommands };
}

/** Puts the rows into the live tables in one transaction, which leaves a mark on the scratch database; then that goes. */
async function putRowsIn(
  plan: RestorePlan,
  { rows, since }: { readonly rows: NonNullable<RestorePlan['rows']>; readonly since: string | undefined },
  { server, session, journal }: RestoreTools,
  state: JournalState,
  operation: Operation,
): Promise<PutIn> {
  state.entry = { ...state.entry, phase: 'swapping' };
  await journal.write(state.entry);
  operation.report({ message: 'Putting the rows in' });
  const job = mergeJob(plan, rows, server, since);
  const putIn = job.merging === undefined ? { differences: await mergeTables(job, operation) } : { merged: await mergeData(job, operation) };
  state.entry = { ...state.entry, phase: 'swapped' };
  await journal.write(state.entry);
  await dropOwnDatabase(session, plan.scratch);
  return putIn;
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
    if (entry.kind === 'rows' || entry.phase !== 'swapped') await dropOwnDatabase(tools.session, plan.scratch);
    await startServices(tools.engine, plan.project, entry.stopped);
    await removeCopy(tools.journal.copies, plan.id);
    await tools.journal.remove(plan.id);
  } catch (error) {
    operation.log.warn(`The rest of the interrupted restore is cleaned up at the next start: ${messageOf(error)}`);
  }
}

function resultOf(plan: RestorePlan, safety: Backup | undefined, counts: RowCounts, putIn: PutIn = {}): RestoreResult {
  const rows = (putIn.differences ?? putIn.merged?.tables)?.map(({ held }) => held) ?? Object.values(counts);
  return {
    database: plan.database,
    ...(plan.undo === undefined ? {} : { undo: plan.undo }),
    ...(safety === undefined ? {} : { safetyBackup: safety.file }),
    tables: rows.length,
    rows: rows.reduce((sum, count) => sum + count, 0),
    ...putIn,
  };
}
