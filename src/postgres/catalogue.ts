import { asFailure, Failure } from '../protocol/failure';
import { literal } from './quote';
import type { Session } from './session';

export interface ServerFacts {
  /** Such as `17.2`. */
  readonly version: string;
  readonly dataDirectory: string;
  /** Where the server has its socket files; empty when it listens on TCP only. */
  readonly socketDirectory: string;
}

export interface DatabaseRow {
  readonly name: string;
  readonly owner: string;
  /** Bytes; 0 where the size may not be asked. */
  readonly size: number;
  readonly connectable: boolean;
  readonly comment: string | null;
}

/** What a database is apart from its content; a copy must have the same. */
export interface DatabaseProperties {
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** `c` libc, `i` ICU, `b` builtin. */
  readonly provider: string;
  /** The locale of ICU or of the builtin provider; null for libc. */
  readonly locale: string | null;
  /** The version of the collation when the database was made; null where it has none. */
  readonly collationVersion: string | null;
}

/** A number of rows per table; the name is schema-qualified and quoted as SQL wants it. */
export type RowCounts = Readonly<Record<string, number>>;

/** `FROM` and `WHERE` for what the user made, as `c` and `n`: neither system schemas nor what extensions brought along. */
export const userTables = `
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const [row] = await session.query<{ version: string; directory: string; sockets: string }>(
    `SELECT current_setting('server_version') AS version,
            current_setting('data_directory') AS directory,
            current_setting('unix_socket_directories') AS sockets`,
  );
  return {
    version: row?.version.split(' ')[0] ?? '',
    dataDirectory: row?.directory ?? '',
    socketDirectory: row?.sockets.split(',')[0]?.trim() ?? '',
  };
}

/** All databases but the templates. */
export async function listDatabases(session: Session): Promise<readonly DatabaseRow[]> {
  return session.query<DatabaseRow>(
    `SELECT d.datname AS name, pg_catalog.pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS connectable,
            CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) ELSE 0 END AS size,
            pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
     FROM pg_catalog.pg_database AS d WHERE NOT d.datistemplate ORDER BY d.datname`,
  );
}

/** Bytes of all databases and of the write-ahead log; undefined where that may not be asked, or takes too long. Tables are not opened for it. */
export async function readClusterSize(session: Session): Promise<number | undefined> {
  try {
    const [row] = await session.query<{ bytes: number }>(
      `SELECT (SELECT sum(pg_catalog.pg_tablespace_size(oid)) FROM pg_catalog.pg_tablespace)::bigint
            + (SELECT coalesce(sum(size), 0) FROM pg_catalog.pg_ls_waldir())::bigint AS bytes`,
    );
    return row?.bytes;
  } catch (error) {
    const { code } = asFailure(error);
    if (code === 'PRIVILEGE_MISSING' || code === 'STATEMENT_TIMEOUT') return undefined;
    throw error;
  }
}

/** How many ordinary and partitioned tables the connected database has; partitions count with their parent. */
export async function countTables(session: Session): Promise<number> {
  const [row] = await session.query<{ count: number }>(`SELECT count(*) AS count ${userTables} AND c.relkind IN ('r', 'p') AND NOT c.relispartition`);
  return row?.count ?? 0;
}

/** The tables that hold rows of their own, as qualified and quoted names, largest first. */
export async function listFilledTables(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name ${userTables} AND c.relkind = 'r' AND c.relpersistence <> 't'
     ORDER BY c.relpages DESC, 1`,
  );
  return rows.map(({ name }) => name);
}

/** Exact counts, as the session's transaction sees them. Calls back after every batch with the tables done. */
export async function countRows(session: Session, tables: readonly string[], onProgress?: (done: number) => void): Promise<RowCounts> {
  const counts: Record<string, number> = {};
  const batch = 50;
  for (let start = 0; start < tables.length; start += batch) {
    const names = tables.slice(start, start + batch);
    const sql = names.map((name) => `SELECT ${literal(name)} AS name, count(*) AS count FROM ONLY ${name}`).join(' UNION ALL ');
    for (const row of await session.query<{ name: string; count: number }>(sql)) counts[row.name] = row.count;
    onProgress?.(Math.min(start + batch, tables.length));
  }
  return counts;
}

/** Throws `DATABASE_MISSING`. */
export async function readProperties(session: Session, database: string): Promise<DatabaseProperties> {
  const [provider, locale, version] = propertyColumns(session.major);
  const [row] = await session.query<DatabaseProperties>(
    `SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_encoding_to_char(encoding) AS encoding,
            datcollate AS collate, datctype AS ctype, ${provider} AS provider, ${locale} AS locale, ${version} AS "collationVersion"
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [database],
  );
  if (row === undefined) throw databaseMissing(database);
  return row;
}

export function databaseMissing(database: string): Failure {
  return new Failure('DATABASE_MISSING', `There is no database "${database}".`, 'Refresh; it may have been dropped or renamed.');
}

// ICU per database since 15, the builtin provider and the column's present name since 17.
function propertyColumns(major: number): readonly [provider: string, locale: string, version: string] {
  if (major >= 17) return ['datlocprovider', 'datlocale', 'datcollversion'];
  if (major >= 15) return ['datlocprovider', 'daticulocale', 'datcollversion'];
  return ["'c'", 'NULL', 'NULL'];
}
