import { literal } from '../../postgres/quote';
import {
  advance,
  beginLocked,
  beginLooking,
  commitWith,
  from,
  incoming,
  orphanChecks,
  readRows,
  refuseNewer,
  refuseYoung,
  sameKey,
  type MergeScript,
} from '../part/mergeSql';
import { action, attachedScript, decideScript, future, rowNumber } from './decideSql';
import type { MergePlan, MergingTable } from './plan';

/** Rows of each kind that a report shows. */
const shown = 3;
/** Refused rows that a report shows, of each reason. */
const refusedShown = 10;
/** Characters of a value that a report shows. */
const longestValue = 60;

/** Decides about every row, tells it, changes nothing. */
export function reportScript(plan: MergePlan): MergeScript {
  return { begin: beginLooking, rows: rowsScript(plan.tables), end: [...decideScript(plan), ...reports(plan), 'ROLLBACK;'] };
}

/**
 * Does the same and writes, all or nothing: the first row that cannot join ends it before any is written. Triggers are off, as
 * they are for any restore, and so all foreign keys are checked at the end.
 */
export function mergeDataScript(plan: MergePlan, { mark, since }: { readonly mark: string; readonly since?: string | undefined }): MergeScript {
  const { tables, foreignKeys, sequences } = plan;
  const end = [
    ...decideScript(plan),
    ...reports(plan),
    'CREATE TEMP TABLE cdb_guard (rows bigint CONSTRAINT cdb_none_refused CHECK (rows = 0)) ON COMMIT DROP;',
    'INSERT INTO pg_temp.cdb_guard SELECT count(*) FROM pg_temp.cdb_refused;',
    ...(since === undefined ? [] : [refuseNewer]),
    ...tables.flatMap((table, at) => writes(table, at, since)),
    ...orphanChecks(foreignKeys),
    ...sequences.map(advance),
    ...commitWith(mark),
  ];
  return { begin: beginLocked(tables, foreignKeys), rows: rowsScript(tables), end };
}

function rowsScript(tables: readonly MergingTable[]): MergeScript['rows'] {
  return tables.map((table, at) => {
    const columns = table.columns.join(', ');
    const receive = [
      `CREATE TEMP TABLE cdb_rows_${at} ON COMMIT DROP AS SELECT ${columns} FROM ${table.table} WITH NO DATA;`,
      `ALTER TABLE ${incoming(at)} ADD COLUMN ${rowNumber} bigint GENERATED ALWAYS AS IDENTITY;`,
      `COPY ${incoming(at)} (${columns}) FROM stdin;`,
    ];
    return { receive: receive.join('\n'), read: readRows(table) };
  });
}

/** Rows that exist keep what the other database has no columns for. */
function writes(table: MergingTable, at: number, since: string | undefined): readonly string[] {
  const { columns, key } = table;
  const insert = `INSERT INTO ${table.table} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE SELECT ${columns.map((column) => `n.${column}`).join(', ')} FROM ${future(at)} AS n WHERE n.${action} IN ('insert', 'renumber') ORDER BY n.${rowNumber};`;
  const others = columns.filter((column) => !key.includes(column));
  if (key.length === 0 || others.length === 0) return [insert];
  return [...refuseYoung(table, taken(table, at), since), ...exchange(table, at), insert];
}

/** Whether a row of the live table gets other values. */
function taken({ key }: MergingTable, at: number): string {
  return `EXISTS (SELECT FROM ${future(at)} AS n WHERE n.${action} = 'update' AND ${sameKey(key, 'n', 't')})`;
}

/** All of them go before the first comes back: two may exchange what is unique, which an update would take for a conflict. */
function exchange(table: MergingTable, at: number): readonly string[] {
  const { columns, kept, key } = table;
  const old = `pg_temp.cdb_old_${at}`;
  const all = [...columns, ...kept];
  const values = [...columns.map((column) => `n.${column}`), ...kept.map((column) => `o.${column}`)];
  return [
    `CREATE TEMP TABLE cdb_old_${at} ON COMMIT DROP AS SELECT ${[...key, ...kept].map((column) => `t.${column}`).join(', ')} FROM ${from(table)} AS t WHERE ${taken(table, at)};`,
    `DELETE FROM ${from(table)} AS t WHERE ${taken(table, at)};`,
    `INSERT INTO ${table.table} (${all.join(', ')}) OVERRIDING SYSTEM VALUE SELECT ${values.join(', ')} FROM ${future(at)} AS n JOIN ${old} AS o ON ${sameKey(key, 'o', 'n')} WHERE n.${action} = 'update';`,
  ];
}

function reports(plan: MergePlan): readonly string[] {
  const { tables } = plan;
  return [...tables.flatMap((table, at) => [counts(table, at), ...samples(table, at)]), ...tables.map(refusals), ...attachedScript(plan)];
}

function counts(table: MergingTable, at: number): string {
  const words = ['insert', 'update', 'skip', 'same', 'renumber'];
  const each = words.map((word) => `'${word}', count(*) FILTER (WHERE n.${action} = '${word}' AND f.nr IS NULL)`);
  return `SELECT 'cdb table', json_build_object('at', ${at}, 'held', count(*), 'present', (SELECT count(*) FROM ${from(table)}), ${each.join(', ')}, 'refused', count(f.nr)) FROM ${future(at)} AS n LEFT JOIN (SELECT DISTINCT nr FROM pg_temp.cdb_refused WHERE at = ${at}) AS f ON f.nr = n.${rowNumber};`;
}

function samples(table: MergingTable, at: number): readonly string[] {
  const { columns, key } = table;
  const keyOf = (alias: string): string => (key.length === 0 ? "'{}'::text[]" : `ARRAY[${key.map((column) => `${alias}.${column}::text`).join(', ')}]`);
  const row = (alias: string): string =>
    `json_object(ARRAY[${columns.map((column) => literal(plainName(column))).join(', ')}], ARRAY[${columns.map((column) => `left(${alias}.${column}::text, ${longestValue})`).join(', ')}])`;
  return ['insert', 'renumber', 'update', 'skip'].map((word) => {
    const taken = word === 'update' || word === 'skip';
    const present = taken && key.length > 0 ? ` JOIN ${from(table)} AS t ON ${sameKey(key, 't', 'n')}` : '';
    return `SELECT 'cdb sample', json_build_object('at', ${at}, 'action', '${word}', 'key', to_json(${keyOf('r')}), 'becomes', to_json(${keyOf('n')}), 'row', ${row('n')}, 'present', ${present === '' ? 'NULL::json' : row('t')}) FROM ${future(at)} AS n JOIN ${incoming(at)} AS r ON r.${rowNumber} = n.${rowNumber}${present} WHERE n.${action} = '${word}' AND n.${rowNumber} NOT IN (SELECT f.nr FROM pg_temp.cdb_refused AS f WHERE f.at = ${at}) ORDER BY n.${rowNumber} LIMIT ${shown};`;
  });
}

function refusals({ key }: MergingTable, at: number): string {
  const keyOf = key.length === 0 ? 'NULL::text[]' : `ARRAY[${key.map((column) => `r.${column}::text`).join(', ')}]`;
  return `SELECT 'cdb refused', json_build_object('at', ${at}, 'kind', f.kind, 'name', f.name, 'rows', max(f.total), 'samples', json_agg(json_build_object('key', to_json(f.key), 'values', to_json(f."values"), 'present', to_json(f.present)) ORDER BY f.nth) FILTER (WHERE f.nth <= ${refusedShown})) FROM (SELECT c.*, ${keyOf} AS key, row_number() OVER (PARTITION BY c.kind, c.name ORDER BY c.nr) AS nth, count(*) OVER (PARTITION BY c.kind, c.name) AS total FROM pg_temp.cdb_refused AS c JOIN ${incoming(at)} AS r ON r.${rowNumber} = c.nr WHERE c.at = ${at}) AS f GROUP BY f.kind, f.name ORDER BY f.kind, f.name;`;
}

/** A quoted name as it is. */
function plainName(quoted: string): string {
  return quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
}
