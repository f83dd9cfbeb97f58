import type { Session } from '../../postgres/session';

/** A primary key, a unique constraint or a unique index. */
export interface UniqueKey {
  /** Qualified and quoted. */
  readonly table: string;
  /** As people read it. */
  readonly name: string;
  readonly primary: boolean;
  /** Columns, quoted, or expressions over columns of the table. */
  readonly parts: readonly string[];
  /** For each part, the operator by which two values are the same, such as that of `citext`. */
  readonly equals: readonly string[];
  /** Of a partial index: which rows it is about. */
  readonly where: string | null;
  /** Whether two nulls are the same. */
  readonly nullsEqual: boolean;
  /** All columns that it needs, quoted. */
  readonly uses: readonly string[];
}

/** How a value of a column can be made anew: counted on, by chance, or not at all. */
export type ColumnKind = 'number' | 'uuid' | 'other';

/** A column of a primary key. */
export interface KeyColumn {
  readonly table: string;
  /** Quoted. */
  readonly column: string;
  readonly kind: ColumnKind;
}

/** What keeps rows of tables apart. The session gets the search path `pg_catalog`, so that expressions name all else in full. */
export async function readUniqueKeys(session: Session, tables: readonly string[]): Promise<readonly UniqueKey[]> {
  await session.execute('SET search_path = pg_catalog');
  return session.query<UniqueKey>(
    `SELECT wanted.name AS "table", c.relname AS name, i.indisprimary AS "primary",
            (SELECT array_agg(pg_get_indexdef(i.indexrelid, number, true) ORDER BY number) FROM generate_series(1, i.indnkeyatts) AS number) AS parts,
            (SELECT array_agg(format('OPERATOR(%I.%s)', n.nspname, o.oprname) ORDER BY k.at) FROM unnest(i.indclass) WITH ORDINALITY AS k(class, at)
               JOIN pg_opclass AS oc ON oc.oid = k.class
               JOIN pg_amop AS am ON am.amopfamily = oc.opcfamily AND am.amoplefttype = oc.opcintype AND am.amoprighttype = oc.opcintype AND am.amopstrategy = 3
               JOIN pg_operator AS o ON o.oid = am.amopopr JOIN pg_namespace AS n ON n.oid = o.oprnamespace) AS equals,
            pg_get_expr(i.indpred, i.indrelid, true) AS "where",
            coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS "nullsEqual",
            ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute AS a
                  WHERE a.attrelid = i.indrelid AND a.attnum > 0
                    AND (a.attnum = ANY (i.indkey) OR EXISTS (
                      SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
                  ORDER BY a.attnum) AS uses
     FROM unnest($1::text[]) AS wanted(name)
     JOIN pg_index AS i ON i.indrelid = to_regclass(wanted.name) AND i.indisunique AND i.indisvalid
     JOIN pg_class AS c ON c.oid = i.indexrelid
     JOIN pg_am AS method ON method.oid = c.relam AND method.amname = 'btree'
     ORDER BY 1, i.indisprimary DESC, 2`,
    [tables],
  );
}

/** The columns of primary keys, by the type that lies under a domain. */
export async function readKeyColumns(session: Session, tables: readonly string[]): Promise<readonly KeyColumn[]> {
  return session.query<KeyColumn>(
    `SELECT wanted.name AS "table", quote_ident(a.attname) AS "column",
            CASE WHEN b.typname IN ('int2', 'int4', 'int8', 'numeric') THEN 'number' WHEN b.typname = 'uuid' THEN 'uuid' ELSE 'other' END AS kind
     FROM unnest($1::text[]) AS wanted(name)
     JOIN pg_catalog.pg_constraint AS k ON k.conrelid = to_regclass(wanted.name) AND k.contype = 'p'
     JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
     JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
     JOIN pg_catalog.pg_type AS b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
     ORDER BY 1, a.attnum`,
    [tables],
  );
}
