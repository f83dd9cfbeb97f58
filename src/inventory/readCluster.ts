import { countTables, listDatabases, readClusterSize, readServerFacts, type DatabaseRow } from '../postgres/catalogue';
import { withSession } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import type { Database, SnapshotDatabase, UndoDatabase } from './model';
import { readSnapshotRecord } from './snapshotName';
import { isOwnDatabase, readUndoRecord, scratchPrefix } from './undoName';

/** What a running server says of itself and of its databases. */
export interface ClusterFacts {
  readonly version: string;
  readonly dataDirectory: string;
  readonly dataBytes?: number;
  readonly databases: readonly Database[];
  readonly undos: readonly UndoDatabase[];
  readonly snapshots: readonly SnapshotDatabase[];
  readonly hasScratch: boolean;
}

/** Milliseconds for any one statement, so that a busy server cannot hold the inventory up. */
const statementTimeout = 3000;

/** Asks a running server. Throws what a session throws. */
export async function readCluster(server: PostgresServer, declaredDatabase: string, signal: AbortSignal): Promise<ClusterFacts> {
  const options = { statementTimeout, signal };
  const { facts, rows, ownTables, dataBytes } = await withSession(server, server.maintenanceDatabase, options, async (session) => ({
    facts: await readServerFacts(session),
    rows: await listDatabases(session),
    ownTables: await countTables(session),
    dataBytes: await readClusterSize(session),
  }));
  const databases: Database[] = [];
  for (const row of rows.filter(({ name, connectable }) => connectable && !isOwnDatabase(name))) {
    const tables = row.name === server.maintenanceDatabase ? ownTables : await tablesIn(server, row.name, signal);
    databases.push({ name: row.name, owner: row.owner, sizeBytes: row.size, ...(tables === undefined ? {} : { tables }) });
  }
  return {
    version: facts.version,
    dataDirectory: facts.dataDirectory,
    ...(dataBytes === undefined ? {} : { dataBytes }),
    databases: databases.filter((database) => isWorthShowing(database, declaredDatabase)),
    undos: rows.flatMap(undoOf),
    snapshots: rows.flatMap(snapshotOf),
    hasScratch: rows.some(({ name }) => name.startsWith(scratchPrefix)),
  };
}

/** One database that cannot be entered must not hide the others. */
async function tablesIn(server: PostgresServer, database: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await withSession(server, database, { statementTimeout, signal }, countTables);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

/** Every cluster has an empty `postgres`; it is shown when it is what the service is about, or when it is used. */
function isWorthShowing(database: Database, declaredDatabase: string): boolean {
  return database.name !== 'postgres' || database.tables !== 0 || declaredDatabase === 'postgres';
}

function undoOf(row: DatabaseRow): readonly UndoDatabase[] {
  const record = readUndoRecord(row.name, row.comment);
  if (record === undefined) return [];
  const { of, replacedAt, expiresAt } = record;
  return [{ name: row.name, of, replacedAt, expiresAt, sizeBytes: row.size }];
}

function snapshotOf(row: DatabaseRow): readonly SnapshotDatabase[] {
  const record = readSnapshotRecord(row.name, row.comment);
  if (record === undefined) return [];
  const { of, label, takenAt, migrationRevision, git } = record;
  return [
    {
      name: row.name,
      of,
      label,
      takenAt,
      sizeBytes: row.size,
      ...(migrationRevision === undefined ? {} : { migrationRevision }),
      ...(git === undefined ? {} : { git }),
      ...(row.connectable ? { isOpen: true as const } : {}),
    },
  ];
}
