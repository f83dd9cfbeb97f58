import type { Engine } from '../engine/engine';
import type { Service } from '../inventory/model';
import { scratchPrefix } from '../inventory/undoName';
import { listDatabases } from '../postgres/catalogue';
import type { Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { asFailure } from '../protocol/failure';
import { startServices } from '../operations/dependents';
import type { Journal, JournalEntry } from './journal';
import { claimDatabase, dropOwnDatabase, isClaimed, openDatabase } from './swap';
import { listUploads, removeContainerFile } from '../operations/containerFiles';

/** What is to be done about an interrupted restore, from the journal and from what the cluster really holds. */
export type Recovery =
  | { readonly kind: 'finish'; readonly sentence: string }
  | { readonly kind: 'roll back'; readonly dropReplacement: boolean; readonly openDatabase: boolean; readonly sentence: string };

/** Decides by the databases that exist, because the crash may have come between a step and its note. */
export function planRecovery(entry: JournalEntry, databases: readonly { readonly name: string; readonly connectable: boolean }[]): Recovery {
  const where = `${entry.project}/${entry.service}/${entry.database}`;
  const has = (wanted: string): boolean => databases.some(({ name }) => name === wanted);
  const present = databases.find(({ name }) => name === entry.database);
  // A scratch database may also be missing because it was dropped; but then nothing is kept as undo.
  const wasRenamed = entry.kind === 'undo' || entry.phase === 'swapped' || entry.undo === '' || has(entry.undo);
  if (present !== undefined && !has(entry.replacement) && entry.phase !== 'preparing' && wasRenamed) {
    return { kind: 'finish', sentence: `An interrupted ${entry.kind} of ${where} had already taken place and was finished.` };
  }
  return {
    kind: 'roll back',
    dropReplacement: entry.kind !== 'undo',
    openDatabase: present?.connectable === false,
    sentence: `An interrupted ${entry.kind} of ${where} was rolled back; the database is as it was.`,
  };
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
 * Gives undefined when the restore is still running somewhere.
 */
export async function recover(entry: JournalEntry, tools: RecoveryTools): Promise<string | undefined> {
  const { engine, server, session, journal } = tools;
  try {
    await claimDatabase(session, entry.database);
  } catch (error) {
    if (asFailure(error).code === 'RESTORE_RUNNING') return undefined;
    throw error;
  }
  const recovery = planRecovery(entry, await listDatabases(session));
  if (recovery.kind === 'roll back') {
    if (recovery.openDatabase) await openDatabase(session, entry.database);
    if (recovery.dropReplacement) await dropOwnDatabase(session, entry.replacement);
  }
  if (entry.upload !== undefined) await removeContainerFile(server, entry.upload);
  await startServices(engine, entry.project, entry.stopped);
  await journal.remove(entry.id);
  return recovery.sentence;
}

/** Drops what belongs to nobody any more: undos past their day, scratch databases of no restore and what was uploaded for them. Gives sentences. */
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
  const scratches = (await listDatabases(session)).filter(
    ({ name }) => name.startsWith(scratchPrefix) && !journalled.some((entry) => entry.replacement === name),
  );
  for (const { name } of [...expired, ...scratches]) await dropOwnDatabase(session, name);
  return [
    ...expired.map(({ of, replacedAt }) => `The undo of "${of}" from ${replacedAt} has expired and was dropped.`),
    ...scratches.map(({ name }) => `${name}, left over from an interrupted restore, was dropped.`),
  ];
}
