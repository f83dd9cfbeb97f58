import type { Session } from '../postgres/session';
import type { IndexFigures } from '../protocol/statistics';

/** What is known of an index before it is compared with its siblings. */
export interface IndexRow extends Omit<IndexFigures, 'findings' | 'duplicateOf'> {
  /** Whether a constraint stands on it, so that it cannot be dropped for being unused. */
  readonly isNeeded: boolean;
  /** The same for indexes that hold the same. */
  readonly key: string;
}

const indexRows = `
  SELECT i.indexrelid AS oid, n.nspname AS schema, t.relname AS table, t.oid AS "tableOid", c.relname AS name,
         pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
         CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
                             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
              THEN c.relpages::bigint * current_setting('block_size')::int ELSE pg_catalog.pg_relation_size(c.oid) END AS bytes,
         pg_catalog.pg_stat_get_numscans(c.oid) AS scans, i.indisunique AS unique, i.indisprimary AS primary, i.indisvalid AS valid,
         i.indisunique OR i.indisexclusion OR i.indisreplident OR i.indisclustered
           OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid) AS "isNeeded",
         concat_ws(' ', i.indrelid, c.relam, i.indkey, i.indnkeyatts, i.indclass, i.indcollation, i.indoption,
                   pg_catalog.pg_get_expr(i.indexprs, i.indrelid), '|', pg_catalog.pg_get_expr(i.indpred, i.indrelid)) AS key
  FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  WHERE c.relkind = 'i' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

/** All indexes of the connected database, or those of one table; largest first. Throws what a session throws. */
export async function readIndexes(session: Session, tableOid?: number): Promise<readonly IndexFigures[]> {
  const rows = await (tableOid === undefined
    ? session.query<IndexRow>(indexRows)
    : session.query<IndexRow>(`${indexRows} AND i.indrelid = $1::oid`, [tableOid]));
  return withFindings(rows).toSorted((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name));
}

/** Tells which indexes are invalid, say the same as another, or were never read. */
export function withFindings(rows: readonly IndexRow[]): readonly IndexFigures[] {
  const keepers = new Map<string, IndexRow>();
  for (const row of rows) {
    if (!row.valid) continue;
    const known = keepers.get(row.key);
    if (known === undefined || rank(row) > rank(known)) keepers.set(row.key, row);
  }
  return rows.map(({ key, isNeeded, ...index }) => {
    const keeper = keepers.get(key);
    const isDuplicate = keeper !== undefined && keeper.oid !== index.oid && index.valid && (!isNeeded || index.unique === keeper.unique);
    const findings = [
      ...(index.valid ? [] : (['invalid'] as const)),
      ...(isDuplicate ? (['duplicate'] as const) : []),
      ...(index.scans === 0 && !isNeeded && index.valid ? (['unused'] as const) : []),
    ];
    return { ...index, findings, duplicateOf: isDuplicate ? keeper.name : null };
  });
}

/** Of several that say the same, the one that is to stay: what a constraint stands on, else the older. */
function rank({ primary, unique, isNeeded, oid }: IndexRow): number {
  return (primary ? 4 : unique ? 3 : isNeeded ? 2 : 1) - oid / 2 ** 33;
}
