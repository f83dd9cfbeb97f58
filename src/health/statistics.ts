import { userTables } from '../postgres/catalogue';
import type { Session } from '../postgres/session';
import { Failure } from '../protocol/failure';
import type { TableFigures, TableKind } from '../protocol/statistics';
import { withPartitions } from './partitions';

type TableRow = Omit<TableFigures, 'kind' | 'totalBytes' | 'heapBytes'> & {
  readonly relkind: 'r' | 'p' | 'm' | 'f';
  readonly tableBytes: number;
};

// To ask for a size, Postgres opens the relation, and waits where it is locked exclusively. Of those that are, or whose
// index or TOAST table is, the catalogue's size is given instead: that of the last vacuum.
const locked = `
  SELECT l.relation AS oid FROM pg_catalog.pg_locks AS l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

const pages = (oid: string): string => `coalesce((SELECT p.relpages FROM pg_catalog.pg_class AS p WHERE p.oid = ${oid}), 0)::bigint * size.page`;

const sizes = {
  measured: {
    table: 'pg_catalog.pg_table_size(t.oid)',
    toast: 'CASE WHEN t.reltoastrelid = 0 THEN 0 ELSE pg_catalog.pg_total_relation_size(t.reltoastrelid) END',
    index: 'pg_catalog.pg_indexes_size(t.oid)',
  },
  remembered: {
    table: `t.relpages::bigint * size.page + ${pages('t.reltoastrelid')}`,
    toast: pages('t.reltoastrelid'),
    index: `coalesce((SELECT sum(p.relpages) FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS p ON p.oid = x.indexrelid WHERE x.indrelid = t.oid), 0)::bigint * size.page`,
  },
} as const;

/** The moment as milliseconds since 1970. */
const moment = (one: string, other: string): string => `(extract(epoch FROM greatest(${one}, ${other})) * 1000)::float8`;

// A row takes a header of 23 bytes, a pointer of 4, and its columns, aligned to 8; a page has a header of 24.
const bloat = `
  CASE WHEN w.width IS NULL OR t.relkind NOT IN ('r', 'm') OR t.rows IS NULL OR t.isLocked THEN NULL
       ELSE greatest(0, pg_catalog.pg_relation_size(t.oid)
         - ceil(t.rows * (ceil((23 + w.width) / 8) * 8 + 4) / ((size.page - 24) * t.fillfactor / 100.0)) * size.page)::bigint END`;

function tablesQuery(statistics: boolean, measure: boolean): string {
  const size = (part: keyof typeof sizes.measured): string =>
    measure ? `CASE WHEN t.isLocked THEN ${sizes.remembered[part]} ELSE ${sizes.measured[part]} END` : sizes.remembered[part];
  return `
    WITH locked AS MATERIALIZED (${locked}),
    busy AS MATERIALIZED (
      SELECT oid FROM locked
      UNION SELECT i.indrelid FROM pg_catalog.pg_index AS i JOIN locked AS l ON l.oid = i.indexrelid
      UNION SELECT o.oid FROM pg_catalog.pg_class AS o JOIN locked AS l ON l.oid = o.reltoastrelid),
    scans AS (SELECT indrelid, sum(pg_catalog.pg_stat_get_numscans(indexrelid))::bigint AS count FROM pg_catalog.pg_index GROUP BY 1),
    widths AS (${statistics ? 'SELECT starelid, sum((1 - stanullfrac) * stawidth)::float8 AS width FROM pg_catalog.pg_statistic WHERE NOT stainherit GROUP BY 1' : 'SELECT NULL::oid AS starelid, NULL::float8 AS width WHERE false'}),
    columns AS (SELECT attrelid, count(*) AS count FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT attisdropped GROUP BY 1),
    size AS (SELECT current_setting('block_size')::int AS page),
    t AS MATERIALIZED (
      SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpages, c.reltoastrelid, c.relispartition,
             EXISTS (SELECT FROM busy AS b WHERE b.oid = c.oid) AS isLocked,
             coalesce((SELECT substr(o, 12)::int FROM unnest(c.reloptions) AS o WHERE o LIKE 'fillfactor=%'), 100) AS fillfactor,
             CASE WHEN pg_catalog.pg_stat_get_live_tuples(c.oid) > 0 THEN pg_catalog.pg_stat_get_live_tuples(c.oid)
                  WHEN c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0 AND pg_catalog.pg_stat_get_last_analyze_time(c.oid) IS NULL) THEN NULL
                  ELSE c.reltuples END::float8 AS rows
      ${userTables} AND c.relkind IN ('r', 'p', 'm', 'f'))
    SELECT t.oid, t.nspname AS schema, t.relname AS name, t.relkind, t.rows, t.isLocked AS "isLocked",
           (SELECT h.inhparent FROM pg_catalog.pg_inherits AS h WHERE t.relispartition AND h.inhrelid = t.oid) AS parent,
           (${size('table')}) AS "tableBytes", (${size('toast')}) AS "toastBytes", (${size('index')}) AS "indexBytes",
           pg_catalog.pg_stat_get_dead_tuples(t.oid) AS "deadRows", ${measure ? bloat : 'NULL::bigint'} AS "bloatBytes",
           pg_catalog.pg_stat_get_numscans(t.oid) AS "sequentialScans", coalesce(s.count, 0) AS "indexScans",
           ${moment('pg_catalog.pg_stat_get_last_vacuum_time(t.oid)', 'pg_catalog.pg_stat_get_last_autovacuum_time(t.oid)')} AS "vacuumedAt",
           ${moment('pg_catalog.pg_stat_get_last_analyze_time(t.oid)', 'pg_catalog.pg_stat_get_last_autoanalyze_time(t.oid)')} AS "analyzedAt",
           coalesce(a.count, 0) AS columns
    FROM t CROSS JOIN size
      LEFT JOIN scans AS s ON s.indrelid = t.oid
      LEFT JOIN widths AS w ON w.starelid = t.oid
      LEFT JOIN columns AS a ON a.attrelid = t.oid`;
}

/** All tables of the connected database, largest first. Waits for no lock. Throws what a session throws. */
export async function readTables(session: Session): Promise<readonly TableFigures[]> {
  return withPartitions((await readRows(session)).map(figuresOf)).toSorted(
    (a, b) => b.totalBytes - a.totalBytes || a.schema.localeCompare(b.schema) || a.name.localeCompare(b.name),
  );
}

/** The number of rows, counted. Throws `TABLE_MISSING`, and what a session throws. */
export async function countExactly(session: Session, oid: number): Promise<number> {
  const { sql } = await readTableName(session, oid);
  const [row] = await session.query<{ count: number }>(`SELECT count(*) AS count FROM ${sql}`);
  return row?.count ?? 0;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
  /** Qualified and quoted. */
  readonly sql: string;
}

/** The present name of a table. Throws `TABLE_MISSING`. */
export async function readTableName(session: Session, oid: number): Promise<TableName> {
  const [row] = await session.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::oid`,
    [oid],
  );
  if (row === undefined) throw new Failure('TABLE_MISSING', 'The table is no longer there.', 'Refresh; it may have been dropped.');
  return row;
}

async function readRows(session: Session): Promise<readonly TableRow[]> {
  const [right] = await session.query<{ readable: boolean }>("SELECT has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AS readable");
  const readable = right?.readable === true;
  try {
    return await session.query<TableRow>(tablesQuery(readable, true));
  } catch (error) {
    // Somebody took a lock between our look at the locks and the table: then none is opened.
    if (!(error instanceof Failure) || error.code !== 'SQLSTATE_55P03') throw error;
    return session.query<TableRow>(tablesQuery(readable, false));
  }
}

function figuresOf({ relkind, tableBytes, ...row }: TableRow): TableFigures {
  return { ...row, kind: kindOf(relkind, row.parent), totalBytes: tableBytes + row.indexBytes, heapBytes: tableBytes - row.toastBytes };
}

function kindOf(relkind: TableRow['relkind'], parent: number | null): TableKind {
  if (relkind === 'p') return 'partitioned table';
  if (parent !== null) return 'partition';
  return relkind === 'm' ? 'materialised view' : relkind === 'f' ? 'foreign table' : 'table';
}
