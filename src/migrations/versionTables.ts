import { identifier, qualified } from '../postgres/quote';
import type { Session } from '../postgres/session';
import type { VersionRow, VersionTable } from './model';

/** Milliseconds that a question may take: a migration that runs at the moment may hold the table. */
export const statementTimeout = 2000;
/** Rows that are read at most; more migrations than that nobody has. */
const mostRows = 20_000;

const names = [
  'schema_migrations',
  'flyway_schema_history',
  'schema_version',
  '_prisma_migrations',
  'SequelizeMeta',
  'knex_migrations',
  'knex_migrations_lock',
  'migrations',
  'typeorm_migrations',
  '__drizzle_migrations',
  'django_migrations',
  'goose_db_version',
  'pgmigrations',
  '__EFMigrationsHistory',
];

/** The version tables of a database, of whatever tool: by their names, and Alembic's, which may be called anything, by its column. */
export async function listVersionTables(session: Session): Promise<readonly VersionTable[]> {
  return session.query<{ schema: string; name: string; columns: readonly string[] }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
      GROUP BY n.nspname, c.oid, c.relname
     HAVING c.relname::text = ANY ($1) OR array_agg(a.attname::text) = ARRAY['version_num']
      ORDER BY n.nspname <> 'public', 1, 2`,
    [names],
  );
}

/** The rows of a version table, those of its columns that are wanted and there, as text. */
export async function readVersionRows(session: Session, table: VersionTable, wanted: readonly string[]): Promise<readonly VersionRow[]> {
  const present = wanted.filter((column) => table.columns.includes(column));
  if (present.length === 0) return [];
  const columns = present.map((column) => `${identifier(column)}::text AS ${identifier(column)}`).join(', ');
  return session.query<VersionRow>(`SELECT ${columns} FROM ${qualified(table.schema, table.name)} LIMIT ${mostRows}`);
}

/** Whether somebody holds the lock of Knex, as a row that its adapter understands. */
export async function readKnexLock(session: Session, tables: readonly VersionTable[], { schema }: VersionTable): Promise<readonly VersionRow[]> {
  const lock = tables.find((table) => table.schema === schema && table.name === 'knex_migrations_lock' && table.columns.includes('is_locked'));
  return lock === undefined ? [] : readVersionRows(session, lock, ['is_locked']);
}

/** A version table as people write it. */
export function tableText({ schema, name }: VersionTable): string {
  return `${schema}.${name}`;
}
