import type { Session } from '../postgres/session';
import type { ColumnFigures, ConstraintFigures, TableDetail } from '../protocol/statistics';
import { readIndexes } from './indexes';

/** One table from near, without its past. Throws what a session throws. */
export async function readTableDetail(session: Session, oid: number): Promise<Omit<TableDetail, 'history'>> {
  const indexes = await readIndexes(session, oid);
  return {
    oid,
    columns: await readColumns(session, oid),
    indexes: indexes.toSorted((a, b) => Number(b.primary) - Number(a.primary) || a.name.localeCompare(b.name)),
    constraints: await readConstraints(session, 'k.conrelid', oid),
    referencedBy: await readConstraints(session, "k.contype = 'f' AND k.confrelid", oid),
  };
}

async function readColumns(session: Session, oid: number): Promise<readonly ColumnFigures[]> {
  return session.query<ColumnFigures>(
    `SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
            CASE WHEN a.attidentity <> '' THEN 'identity' ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS default,
            s.null_frac::float8 AS "nullShare", s.avg_width AS width
     FROM pg_catalog.pg_attribute AS a
       JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
}

const kinds: Readonly<Record<string, ConstraintFigures['kind']>> = {
  p: 'primary key',
  u: 'unique',
  f: 'foreign key',
  c: 'check',
  x: 'exclusion',
  n: 'not null', // since 18
  t: 'trigger',
};

async function readConstraints(session: Session, condition: string, oid: number): Promise<readonly ConstraintFigures[]> {
  const rows = await session.query<Omit<ConstraintFigures, 'kind'> & { contype: string }>(
    `SELECT k.conname AS name, k.contype, pg_catalog.pg_get_constraintdef(k.oid) AS definition, k.convalidated AS validated,
            CASE WHEN k.conrelid <> $1::oid THEN k.conrelid::regclass::text END AS from
     FROM pg_catalog.pg_constraint AS k WHERE ${condition} = $1::oid ORDER BY k.contype, k.conname`,
    [oid],
  );
  return rows.map(({ contype, ...row }) => ({ ...row, kind: kinds[contype] ?? 'check' }));
}
