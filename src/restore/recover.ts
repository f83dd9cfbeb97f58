import type { Engine } from '../engine/engine';
import type { Service } from '../inventory/model';
import { scratchPrefix } from '../inventory/undoName';
import { listDatabases, type DatabaseRow } from '../postgres/catalogue';
import { identifier } from '../postgres/quote';
import type { Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { asFailure } from '../protocol/failure';
import { startServices } from '../operations/dependents';
import { removeCopy } from './copyFolder';
import type { Journal, JournalEntry } from './journal';
import { endSessionsOf, isMark, isWanted } from './part/mark';
import { claimDatabase, dropOwnDatabase, isClaimed, openDatabase, releaseDatabase } from './swap';
import { listUploads, removeContainerFile } from '../operations/containerFiles';

type FoundDatabase = Pick<DatabaseRow, 'name' | 'connectable'> & Partial<Pick<DatabaseRow, 'comment'>>;

/** What is to be done about an interrupted restore, from the journal and from what the cluster really holds. */
export type Recovery =
  | { readonly kind: 'finish'; readonly dropReplacement: boolean; readonly sentence: string }
  | { readonly kind: 'roll back'; readonly dropReplacement: boolean; readonly openDatabase: boolean; readonly sentence: string };

/** Decides by the databases that exist, because the crash may have come between a step and its note. */
export function planRecovery(entry: JournalEntry, databases: readonly FoundDatabase[]): Recovery {
  if (entry.kind === 'rows') return planRowsRecovery(entry, databases);
  const where = `${entry.project}/${entry.service}/${entry.database}`;
  const has = (wanted: string): boolean => databases.some(({ name }) => name === wanted);
  const present = databases.find(({ name }) => name === entry.database);
  // A scratch database may also be missing because it was dropped; but then nothing is kept as undo.
  const wasRenamed = entry.kind === 'undo' || entry.phase === 'swapped' || entry.undo === '' || has(entry.undo);
  if (present !== undefined && !has(entry.replacement) && entry.phase !== 'preparing' && wasRenamed) {
    return { kind: 'finish', dropReplacement: false, sentence: `An interrupted ${entry.kind} of ${where} had already taken place and was finished.` };
  }
  return {
    kind: 'roll back',
    dropReplacement: entry.kind !== 'undo',
    openDatabase: present?.connectable === false,
    sentence: `An interrupted ${entry.kind} of ${where} was rolled back; the database is as it was.`,
  };
}

/** The live database is never exchanged; the mark on the scratch database lasts just when its rows do. */
function planRowsRecovery({ project, service, database, replacement, phase }: JournalEntry, databases: readonly FoundDatabase[]): Recovery {
  const where = `${project}/${service}/${database}`;
  const scratch = databases.find(({ name }) => name === replacement);
  const happened = phase === 'swapped' || isMark(scratch?.comment);
  const sentence = happened
    ? `An interrupted restore of tables of ${where} had already taken place and was finished.`
    : scratch === undefined && phase === 'swapping'
      ? `An interrupted restore of tables of ${where} has taken place whole or not at all; what would tell is gone, so compare the tables.`
      : `An interrupted restore of tables of ${where} was rolled back; the database is as it was.`;
  return happened ? { kind: 'finish', dropReplacement: true, sentence } : { kind: 'roll back', dropReplacement: true, openDatabase: false, sentence };
}

export interface RecoveryTools {
  readonly engine: Engine;
  readonly server: PostgresServer;
  /** On the maintenance database. */
  readonly session: Session;
  readonly journal: Journal;
}

/**
 * Finishes or rolls back one interrupted restore, and says in a sentence what was done.
 * Gives undefined when the restore is still running somewhere, or has ended meanwhile.
 */
export async function recover({ id, database }: JournalEntry, tools: RecoveryTools): Promise<string | undefined> {
  const { engine, server, session, journal } = tools;
  try {
    await claimDatabase(session, database);
  } catch (error) {
    if (asFailure(error).code === 'RESTORE_RUNNING') return undefined;
    throw error;
  }
  // It may have gone on, or come to its own end, since the journal was read.
  const entry = (await journal.entries()).find((each) => each.id === id);
  if (entry === undefined) return undefined;
  if (entry.kind === 'rows') await endSessionsOf(session, entry.id); // what runs on in the container might still commit
  const recovery = planRecovery(entry, await listDatabases(session));
  if (recovery.kind === 'roll back' && recovery.openDatabase) await openDatabase(session, entry.database);
  if (recovery.dropReplacement) await dropOwnDatabase(session, entry.replacement);
  await removeCopy(journal.copies, entry.id);
  if (entry.upload !== undefined) await removeContainerFile(server, entry.upload);
  await startServices(engine, entry.project, entry.stopped);
  await journal.remove(entry.id);
  return recovery.sentence;
}

/**
 * Drops what belongs to nobody any more: undos past their day, scratch databases of no restore and what was uploaded for them; closes
 * snapshots that nobody looks into. Gives sentences.
 */
export async function sweepCluster(
  { server, session }: Pick<RecoveryTools, 'server' | 'session'>,
  service: Service,
  journalled: readonly JournalEntry[],
  now: Date,
): Promise<readonly string[]> {
  const uploads = await listUploads(server); // before the look at the claims: what comes later is somebody's
  if (await isClaimed(session)) return [];
  for (const upload of uploads.filter((each) => !journalled.some((entry) => entry.upload === each))) await removeContainerFile(server, upload);
  const expired = service.undos.filter(({ name, expiresAt }) => new Date(expiresAt) < now && !journalled.some((entry) => entry.replacement === name));
  const databases = await listDatabases(session);
  const scratches = databases.filter(
    ({ name, comment }) => name.startsWith(scratchPrefix) && !isWanted(comment, now) && !journalled.some((entry) => entry.replacement === name),
  );
  for (const { name } of [...expired, ...scratches]) await dropOwnDatabase(session, name);
  const open = service.snapshots.filter(({ name }) => databases.some((each) => each.name === name && each.connectable));
  for (const { name, of } of open) await closeSnapshot(session, name, of);
  return [
    ...open.map(({ label, of }) => `The snapshot "${label}" of "${of}", left open by an interrupted look into it, was closed.`),
    ...expired.map(({ of, replacedAt }) => `The undo of "${of}" from ${replacedAt} has expired and was dropped.`),
    ...scratches.map(({ name }) => `${name}, left over from an interrupted restore, was dropped.`),
  ];
}

/** Under the claim of its database, since whoever looks into it has that. */
async function closeSnapshot(session: Session, name: string, of: string): Promise<void> {
  await claimDatabase(session, of);
  try {
    await session.execute(`ALTER DATABASE ${identifier(name)} ALLOW_CONNECTIONS false`);
  } finally {
    await releaseDatabase(session, of);
  }
}
