import type { Session } from '../postgres/session';
import { Failure } from '../protocol/failure';

/** A table that can be backed up by itself. */
export interface TableSummary {
  /** Qualified, and quoted as SQL wants it. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** With indexes and TOAST; of a partitioned table, all its partitions. */
  readonly sizeBytes: number;
  /** The planner's estimate; undefined when the table was never analysed. */
  readonly estimatedRows?: number;
  /** The tables that hold its rows: itself, or its partitions and theirs. */
  readonly members: readonly string[];
}

/** The tables of the connected database, largest first; partitions belong to their table. */
export async function listTables(session: Session): Promise<readonly TableSummary[]> {
  const rows = await session.query<{ name: string; schema: string; table: string; bytes: number; estimate: number; members: readonly string[] }>(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, n.nspname AS schema, c.relname AS table,
            sum(pg_catalog.pg_total_relation_size(t.relid))::bigint AS bytes, sum(m.reltuples)::bigint AS estimate,
            array_agg(quote_ident(mn.nspname) || '.' || quote_ident(m.relname) ORDER BY t.level, m.relname) AS members
     FROM pg_catalog.pg_class AS c
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (SELECT relid, level FROM pg_catalog.pg_partition_tree(c.oid)
                         UNION ALL SELECT c.oid, 0 WHERE c.relkind = 'r') AS t
     JOIN pg_catalog.pg_class AS m ON m.oid = t.relid
     JOIN pg_catalog.pg_namespace AS mn ON mn.oid = m.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     GROUP BY 1, 2, 3 ORDER BY bytes DESC, 1`,
  );
  return rows.map(({ name, schema, table, bytes, estimate, members }) => ({
    name,
    schema,
    table,
    sizeBytes: bytes,
    ...(estimate < 0 ? {} : { estimatedRows: estimate }),
    members,
  }));
}

/**
 * The tables that are meant by names as people write them, `users` or `public.users`, with all their partitions.
 * Throws `TABLE_MISSING` and `TABLE_AMBIGUOUS`.
 */
export function chooseTables(tables: readonly TableSummary[], wished: readonly string[]): readonly string[] {
  const chosen = wished.flatMap((wish) => {
    const exact = tables.filter(({ name, schema, table }) => name === wish || `${schema}.${table}` === wish);
    const found = exact.length > 0 ? exact : tables.filter(({ table }) => table === wish);
    const [first, second] = found;
    if (first === undefined) {
      throw new Failure('TABLE_MISSING', `There is no table "${wish}".`, 'Check the name; write it with its schema, such as public.users.');
    }
    if (second !== undefined) {
      throw new Failure('TABLE_AMBIGUOUS', `"${wish}" may be ${first.name} or ${second.name}.`, 'Write the name with its schema.');
    }
    return first.members;
  });
  return [...new Set(chosen)];
}
