import { identifier, qualified } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import type { TableName } from '../model';

/** Rows from which on only a part of a table is looked at. */
export const wholeTableLimit = 1_000_000;

/** A table as it is in the database now. */
export interface LiveTable {
  readonly oid: number;
  readonly sql: string;
  /** As the statistics say; negative where they were never gathered. */
  readonly estimatedRows: number;
  readonly sizeBytes: number;
  /** Whether a look at it ends before its end. */
  readonly isLarge: boolean;
  /** What is looked at: all of it, or the first rows. */
  readonly rows: string;
}

/** Bytes of a heap from which on a table is taken for large when nobody has counted it. */
const uncountedLimit = 200_000_000;

/** Finds a table; undefined when there is none of the name. */
export async function liveTable(session: Session, table: TableName): Promise<LiveTable | undefined> {
  const sql = table.schema === undefined ? identifier(table.name) : qualified(table.schema, table.name);
  const [found] = await session.query<{ oid: number; rows: number; size: number }>(
    'SELECT c.oid::int8 AS oid, c.reltuples::float8 AS rows, pg_total_relation_size(c.oid) AS size FROM pg_class c WHERE c.oid = to_regclass($1)',
    [sql],
  );
  if (found === undefined) return undefined;
  const isLarge = found.rows > wholeTableLimit || (found.rows < 0 && found.size > uncountedLimit);
  return {
    oid: found.oid,
    sql,
    estimatedRows: found.rows,
    sizeBytes: found.size,
    isLarge,
    rows: isLarge ? `(SELECT * FROM ${sql} LIMIT ${wholeTableLimit})` : sql,
  };
}
