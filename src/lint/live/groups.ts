import { identifier, qualified } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import { formatBytes, formatCount } from '../../protocol/format';
import { shown, type Answer } from './answered';
import type { Question } from './question';
import { liveTable, type LiveTable } from './table';

const groupLimit = 1000;
const sampleCount = 3;

/** Values that occur more than once, with samples. */
export async function duplicates(session: Session, table: LiveTable, columns: readonly string[], nullsCount: boolean): Promise<Answer> {
  const list = columns.map(identifier).join(', ');
  const present = columns.map((column) => `${identifier(column)} IS NOT NULL`).join(' AND ');
  const groups = await session.query<{ sample: string; n: number }>(
    `SELECT concat_ws(', ', ${columns.map((column) => `${identifier(column)}::text`).join(', ')}) AS sample, count(*) AS n ` +
      `FROM ${table.rows} t WHERE ${present} GROUP BY ${list} HAVING count(*) > 1 ORDER BY n DESC LIMIT ${groupLimit}`,
  );
  const nulls = nullsCount ? (await session.query<{ n: number }>(`SELECT count(*) AS n FROM ${table.rows} t WHERE NOT (${present})`))[0]?.n : 0;
  const missing = nulls === undefined || nulls === 0 ? '' : `; ${formatCount(nulls)} NULLs`;
  if (groups.length === 0)
    return {
      text: `no duplicates${table.isLarge ? ' in the rows that were looked at' : ''}${missing}`,
      ...(missing === '' ? {} : { raised: 'very high' as const }),
    };
  const samples = groups.slice(0, sampleCount).map(({ sample, n }) => `"${shown(sample)}" ${formatCount(n)} times`);
  const atLeast = table.isLarge || groups.length === groupLimit ? 'at least ' : '';
  const text = `${atLeast}${formatCount(groups.length)} ${groups.length === 1 ? 'value occurs' : 'values occur'} more than once: ${samples.join(', ')}${groups.length > sampleCount ? ' …' : ''}${missing}`;
  return { text, raised: 'very high' };
}

/** Rows that refer to nothing, and whether an index helps to look them up. */
export async function orphans(session: Session, table: LiveTable, question: Extract<Question, { readonly kind: 'orphans' }>): Promise<Answer | undefined> {
  const target = await liveTable(session, question.target);
  if (target === undefined) return { text: 'the table that it refers to is not there yet' };
  const keys = question.targetColumns.length > 0 ? question.targetColumns : await primaryKey(session, target.oid);
  if (keys.length !== question.columns.length) return undefined;
  const present = question.columns.map((column) => `s.${identifier(column)} IS NOT NULL`).join(' AND ');
  const same = question.columns.map((column, index) => `t.${identifier(keys[index] ?? '')} = s.${identifier(column)}`).join(' AND ');
  const [row] = await session.query<{ n: number }>(
    `SELECT count(*) AS n FROM ${table.rows} s WHERE ${present} AND NOT EXISTS (SELECT 1 FROM ${target.sql} t WHERE ${same})`,
  );
  const count = row?.n ?? 0;
  const atLeast = table.isLarge && count > 0 ? 'at least ' : '';
  const found = count === 0 ? 'no row refers to nothing' : `${atLeast}${formatCount(count)} ${count === 1 ? 'row refers' : 'rows refer'} to nothing`;
  const unindexed = (await isIndexed(session, table.oid, question.columns)) ? '' : '; no index begins with these columns';
  return {
    text: `${found} (${formatBytes(table.sizeBytes)} and ${formatBytes(target.sizeBytes)})${unindexed}`,
    ...(count > 0 ? { raised: 'high' as const } : {}),
  };
}

async function primaryKey(session: Session, oid: number): Promise<readonly string[]> {
  const rows = await session.query<{ name: string }>(
    'SELECT a.attname::text AS name FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(num, place) ' +
      'JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num WHERE i.indrelid = $1::int8::oid AND i.indisprimary ORDER BY k.place',
    [oid],
  );
  return rows.map(({ name }) => name);
}

async function isIndexed(session: Session, oid: number, columns: readonly string[]): Promise<boolean> {
  const [first = ''] = columns;
  const rows = await session.query(
    'SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = $1::int8::oid AND a.attname = $2 LIMIT 1',
    [oid, first],
  );
  return rows.length > 0;
}

/** The query that finds duplicates, to be read and run by people. */
export function duplicatesQuery(table: { readonly schema?: string; readonly name: string }, columns: readonly string[]): string {
  const name = table.schema === undefined ? identifier(table.name) : qualified(table.schema, table.name);
  const list = columns.map(identifier).join(', ');
  const present = columns.map((column) => `${identifier(column)} IS NOT NULL`).join(' AND ');
  return `-- Values that occur more than once: the unique constraint fails while there are any.\nSELECT ${list}, count(*) AS times\nFROM ${name}\nWHERE ${present}\nGROUP BY ${list}\nHAVING count(*) > 1\nORDER BY times DESC;\n`;
}
