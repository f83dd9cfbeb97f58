import type { Operation } from '../operations/operation';
import { countRows, listFilledTables, readProperties, readServerFacts, type DatabaseProperties, type RowCounts } from '../postgres/catalogue';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { isBuiltIn, readSurroundings } from '../postgres/surroundings';
import { messageOf } from '../protocol/failure';
import type { Manifest } from './manifest';
import type { BackupOptions } from './options';

/** What a database says of itself at the very moment that is dumped. */
export interface SnapshotFacts {
  readonly rows: RowCounts;
  readonly properties: DatabaseProperties;
  readonly surroundings: NonNullable<Manifest['surroundings']>;
  readonly databaseSizeBytes: number;
  readonly serverVersion: string;
  readonly migrationRevision?: string;
}

export interface Snapshot {
  /** What `pg_dump --snapshot` takes. */
  readonly id: string;
  /** Counts the rows as the dump sees them, while the dump runs. */
  gather(operation: Operation): Promise<SnapshotFacts>;
}

/**
 * Fixes a moment of the database for as long as the session lives, so that the dump and the counts agree however
 * busy the database is (PostgreSQL, "Snapshot Synchronization Functions").
 */
export async function openSnapshot(session: Session, database: string, { scope, tables }: Pick<BackupOptions, 'scope' | 'tables'>): Promise<Snapshot> {
  // A count that waits for a table must not hold up what waits for it in turn; and while the dump runs no processor is idle
  // that parallel workers could use.
  await session.execute(
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '5s'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0",
  );
  const choose = (filled: readonly string[]): readonly string[] =>
    scope === 'schema' ? [] : scope === 'tables' ? filled.filter((name) => tables.includes(name)) : filled;
  const [row] = await session.query<{ id: string }>('SELECT pg_catalog.pg_export_snapshot() AS id');
  return { id: row?.id ?? '', gather: (operation) => gather(session, database, choose, operation) };
}

async function gather(
  session: Session,
  database: string,
  choose: (filled: readonly string[]) => readonly string[],
  operation: Operation,
): Promise<SnapshotFacts> {
  const { version } = await readServerFacts(session);
  const properties = await readProperties(session, database);
  const [size] = await session.query<{ bytes: number }>('SELECT pg_catalog.pg_database_size(current_database()) AS bytes');
  const migrationRevision = await readMigrationRevision(session);
  return {
    rows: await countWhatCanBeCounted(session, choose(await listFilledTables(session)), operation),
    properties,
    surroundings: await gatherSurroundings(session, database),
    databaseSizeBytes: size?.bytes ?? 0,
    serverVersion: version,
    ...(migrationRevision === undefined ? {} : { migrationRevision }),
  };
}

/** Grants and the like, without what may hold a secret. */
async function gatherSurroundings(session: Session, database: string): Promise<SnapshotFacts['surroundings']> {
  const { connectionLimit, grants, settings } = await readSurroundings(session, database);
  const [row] = await session.query<{ comment: string | null }>(
    "SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment FROM pg_catalog.pg_database WHERE datname = $1",
    [database],
  );
  return {
    comment: row?.comment ?? null,
    connectionLimit,
    grants: grants === null ? null : [...grants],
    settings: settings.filter(({ setting }) => isBuiltIn(setting)),
  };
}

/** A table that is locked or that may not be read is left out; the dump itself decides whether that is an error. */
async function countWhatCanBeCounted(session: Session, tables: readonly string[], operation: Operation): Promise<RowCounts> {
  try {
    await session.execute('SAVEPOINT counting');
    return await countRows(session, tables);
  } catch (error) {
    if (operation.signal.aborted) throw error;
    operation.log.warn(`Counting table by table: ${messageOf(error)}`);
    await session.execute('ROLLBACK TO SAVEPOINT counting');
  }
  let counts: RowCounts = {};
  for (const table of tables) {
    try {
      await session.execute('SAVEPOINT counting');
      counts = { ...counts, ...(await countRows(session, [table])) };
    } catch (error) {
      if (operation.signal.aborted) throw error;
      operation.log.warn(`${table} was not counted: ${messageOf(error)}`);
      await session.execute('ROLLBACK TO SAVEPOINT counting');
    }
  }
  return counts;
}

/** The revision that Alembic recorded, where the database has its table; several heads are joined by a comma. */
export async function readMigrationRevision(session: Session): Promise<string | undefined> {
  const [table] = await session.query<{ name: string | null }>("SELECT to_regclass('alembic_version')::text AS name");
  if (typeof table?.name !== 'string') return undefined;
  const rows = await session.query<{ revision: string }>(`SELECT version_num AS revision FROM ${table.name} ORDER BY 1`);
  return rows.length === 0 ? undefined : rows.map(({ revision }) => revision).join(',');
}

/** Ends sessions that a killed dump left on the server, which notices a lost client only when it next writes. */
export async function endLeftoverSessions(server: PostgresServer, applicationName: string, operation: Operation): Promise<void> {
  try {
    await withSession(server, server.maintenanceDatabase, {}, (session) =>
      session.query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE application_name = $1', [applicationName]),
    );
  } catch (error) {
    operation.log.warn(`Sessions of the interrupted backup were left to end by themselves: ${messageOf(error)}`);
  }
}
