import type { Session } from '../../postgres/session';
import type { PlannedTable } from '../plan';
import type { TableName } from '../dump/sqlFilter';

/** What a table's rows are made of. */
export interface TableColumns {
  /** Quoted as SQL wants them. */
  readonly columns: readonly string[];
  /** The columns of the primary key; none where there is no such key. */
  readonly key: readonly string[];
  readonly partitioned: boolean;
}

/** A foreign key that touches chosen tables, on either side. */
export interface ForeignKey {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly childColumns: readonly string[];
  readonly parentColumns: readonly string[];
  /** MATCH FULL: a reference that is null in part is none that is allowed. */
  readonly full: boolean;
}

/** A sequence that gives the values of a column. */
export interface OwnedSequence {
  readonly table: string;
  readonly column: string;
  readonly sequence: string;
}

/** The columns of tables that can be written, by the qualified name of the table. */
export async function readColumns(session: Session, tables: readonly string[]): Promise<ReadonlyMap<string, TableColumns>> {
  const rows = await session.query<TableColumns & { table: string }>(
    `SELECT wanted.name AS table,
            coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attnum), '{}') AS columns,
            coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (k.conkey)), '{}') AS key,
            bool_or(c.relkind = 'p') AS partitioned
     FROM unnest($1::text[]) AS wanted(name)
     JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(wanted.name)
     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
     GROUP BY 1`,
    [tables],
  );
  return new Map(rows.map(({ table, ...columns }) => [table, columns]));
}

const relationName = (oid: string): string =>
  `(SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = ${oid})`;

/** Foreign keys of and to tables, each once; those of partitions belong to their tables. */
export async function readForeignKeys(session: Session, tables: readonly string[]): Promise<readonly ForeignKey[]> {
  return session.query<ForeignKey>(
    `SELECT k.conname AS name, ${relationName('k.conrelid')} AS child, ${relationName('k.confrelid')} AS parent, k.confmatchtype = 'f' AS "full",
            (SELECT array_agg(quote_ident(a.attname) ORDER BY n.at) FROM unnest(k.conkey) WITH ORDINALITY AS n(number, at)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = n.number) AS "childColumns",
            (SELECT array_agg(quote_ident(a.attname) ORDER BY n.at) FROM unnest(k.confkey) WITH ORDINALITY AS n(number, at)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = n.number) AS "parentColumns"
     FROM pg_catalog.pg_constraint AS k
     WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0
       AND (k.conrelid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS t(name)) OR k.confrelid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS t(name)))
     ORDER BY 1`,
    [tables],
  );
}

/** Sequences that belong to columns of tables, by `serial` or by identity. */
export async function readOwnedSequences(session: Session, tables: readonly string[]): Promise<readonly OwnedSequence[]> {
  return session.query<OwnedSequence>(
    `SELECT wanted.name AS table, quote_ident(a.attname) AS column, quote_ident(n.nspname) || '.' || quote_ident(s.relname) AS sequence
     FROM unnest($1::text[]) AS wanted(name)
     JOIN pg_catalog.pg_depend AS d ON d.refobjid = to_regclass(wanted.name) AND d.refclassid = 'pg_catalog.pg_class'::regclass
       AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
     JOIN pg_catalog.pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
     JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     ORDER BY 1, 2`,
    [tables],
  );
}

/** The tables that hold rows of these: themselves and their partitions. */
export async function readMembers(session: Session, tables: readonly PlannedTable[]): Promise<readonly TableName[]> {
  return session.query<{ schema: string; name: string }>(
    `SELECT DISTINCT n.nspname AS schema, c.relname AS name
     FROM unnest($1::text[]) AS wanted(name)
     CROSS JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(wanted.name)) UNION SELECT to_regclass(wanted.name)) AS t
     JOIN pg_catalog.pg_class AS c ON c.oid = t.relid
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace`,
    [tables.map(({ table }) => table)],
  );
}
