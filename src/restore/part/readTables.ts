import { listTables } from '../../backup/tables';
import type { Session } from '../../postgres/session';
import type { SourceTable } from '../facts';
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
  /** By what it goes on; below 0 where it counts down. */
  readonly increment: number;
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

/** All tables of the connected database, with what their rows are made of. */
export async function readSourceTables(session: Session): Promise<readonly SourceTable[]> {
  const tables = await listTables(session);
  const columns = await readColumns(
    session,
    tables.map(({ name }) => name),
  );
  const holders = await session.query<{ table: string; schema: string; name: string }>(
    `SELECT wanted.name AS table, n.nspname AS schema, c.relname AS name
     FROM unnest($1::text[]) AS wanted(name)
     CROSS JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(wanted.name)) UNION SELECT to_regclass(wanted.name)) AS t
     JOIN pg_catalog.pg_class AS c ON c.oid = t.relid AND c.relkind = 'r'
     JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace`,
    [tables.map(({ name }) => name)],
  );
  return tables.map((table) => ({
    ...table,
    columns: columns.get(table.name)?.columns ?? [],
    holders: holders.filter((holder) => holder.table === table.name).map(({ schema, name }) => ({ schema, name })),
  }));
}

/** Sequences that give the values of columns: by `serial`, by identity, or by a default of a number. */
export async function readOwnedSequences(session: Session, tables: readonly string[]): Promise<readonly OwnedSequence[]> {
  return session.query<OwnedSequence>(
    `SELECT wanted.name AS table, quote_ident(a.attname) AS column, quote_ident(n.nspname) || '.' || quote_ident(s.relname) AS sequence,
            q.seqincrement AS increment
     FROM unnest($1::text[]) AS wanted(name)
     CROSS JOIN LATERAL (
       SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number FROM pg_catalog.pg_depend AS d
       WHERE d.refobjid = to_regclass(wanted.name) AND d.refclassid = 'pg_catalog.pg_class'::regclass
         AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
       UNION
       SELECT d.refobjid, f.adrelid, f.adnum FROM pg_catalog.pg_attrdef AS f
       JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
       JOIN pg_catalog.pg_attribute AS number ON number.attrelid = f.adrelid AND number.attnum = f.adnum
         AND number.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
       WHERE f.adrelid = to_regclass(wanted.name)
     ) AS given
     JOIN pg_catalog.pg_class AS s ON s.oid = given.sequence AND s.relkind = 'S'
     JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = s.oid
     JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = given.relation AND a.attnum = given.number
     ORDER BY 1, 2, 3`,
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
