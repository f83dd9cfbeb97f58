import { literal } from '../../postgres/quote';
import { from, incoming, rowText, sameKey } from '../part/mergeSql';
import type { FollowedKey, MergePlan, MergingTable } from './plan';
import type { UniqueKey } from './readUniqueKeys';

// What becomes of each row is decided in temporary tables: `cdb_rows_n` holds the rows as they came, `cdb_new_n` as they will be.
export const rowNumber = '"cdb row"';
export const action = '"cdb action"';
export const future = (index: number): string => `pg_temp.cdb_new_${index}`;
const written = `${action} IN ('insert', 'update', 'renumber')`;
const list = (columns: readonly string[], alias: string): string => columns.map((column) => `${alias}.${column}`).join(', ');
const texts = (columns: readonly string[], alias: string): string =>
  columns.length === 0 ? "'{}'::text[]" : `ARRAY[${columns.map((column) => `${alias}.${column}::text`).join(', ')}]`;

/** Statements that decide about every row, table after table, so that what refers to a new key has it before it is looked at. */
export function decideScript(plan: MergePlan): readonly string[] {
  const { tables, followed, onConflict } = plan;
  return [
    'CREATE TEMP TABLE cdb_refused (at int, nr bigint, kind text, name text, "values" text[], present text[]) ON COMMIT DROP;',
    ...tables.flatMap((table, at) => {
      const own = followed.filter(({ childAt }) => childAt === at);
      const fromAbove = own.filter(({ parentAt }) => parentAt !== undefined && parentAt !== at);
      const withinIt = own.filter(({ parentAt }) => parentAt === at);
      const renumbers = onConflict === 'renumber';
      return [
        ...prepare(at),
        ...(renumbers ? fromAbove.map(follow) : []),
        compare(table, at, renumbers && table.numbering === undefined ? 'refuse' : onConflict),
        ...(renumbers ? [...moveAlong(table, at, withinIt), ...number(table, at), ...withinIt.map(follow)] : []),
      ];
    }),
    ...tables.flatMap((table, at) => [...refuseTaken(table, at), ...table.uniqueKeys.flatMap((key) => refuseDoubles(table, at, key))]),
    ...followed.map((key) => refuseOrphans(key, tables)),
  ];
}

function prepare(at: number): readonly string[] {
  return [
    `CREATE TEMP TABLE cdb_new_${at} ON COMMIT DROP AS SELECT r.*, 'insert'::text AS ${action} FROM ${incoming(at)} AS r;`,
    `CREATE UNIQUE INDEX ON ${future(at)} (${rowNumber});`,
    `ANALYZE ${incoming(at)};`,
    `ANALYZE ${future(at)};`,
  ];
}

/** References go along with rows that have other values now; they are looked up as they came. */
function follow({ childAt, parentAt = childAt, childColumns, parentColumns }: FollowedKey): string {
  const set = childColumns.map((column, index) => `${column} = p.${parentColumns[index] ?? column}`).join(', ');
  return `UPDATE ${future(childAt)} AS n SET ${set}
  FROM ${incoming(childAt)} AS c JOIN ${incoming(parentAt)} AS o ON ${matching(childColumns, parentColumns, 'c', 'o')} JOIN ${future(parentAt)} AS p ON p.${rowNumber} = o.${rowNumber}
  WHERE n.${rowNumber} = c.${rowNumber} AND ${rowText(parentColumns, 'p')} <> ${rowText(parentColumns, 'o')};`;
}

const matching = (one: readonly string[], other: readonly string[], a: string, b: string): string =>
  one.map((column, index) => `${a}.${column} = ${b}.${other[index] ?? column}`).join(' AND ');

/** Rows whose key is taken; without a key, those that are there already, as often as they are there. */
function compare(table: MergingTable, at: number, taken: string): string {
  const { columns, key } = table;
  if (key.length > 0) {
    return `UPDATE ${future(at)} AS n SET ${action} = CASE WHEN ${rowText(columns, 'n')} = ${rowText(columns, 't')} THEN 'same' ELSE ${literal(taken)} END FROM ${from(table)} AS t WHERE ${sameKey(key, 'n', 't')};`;
  }
  const counted = (source: string, row: string): string =>
    `(SELECT ${row}x.text, row_number() OVER (PARTITION BY x.text) AS nth FROM (SELECT ${row === '' ? '' : `s.${rowNumber}, `}${rowText(columns, 's')} AS text FROM ${source} AS s) AS x)`;
  return `UPDATE ${future(at)} AS n SET ${action} = 'same' FROM ${counted(future(at), `x.${rowNumber}, `)} AS i JOIN ${counted(from(table), '')} AS t ON t.text = i.text AND t.nth = i.nth WHERE n.${rowNumber} = i.${rowNumber};`;
}

/** A row that is the same is another all the same when it refers to one of its table that gets a new key. */
function moveAlong({ numbering }: MergingTable, at: number, withinIt: readonly FollowedKey[]): readonly string[] {
  const keys = withinIt.filter(({ parentColumns }) => numbering !== undefined && parentColumns.includes(numbering.column));
  if (keys.length === 0) return [];
  const refers = keys.map(({ childColumns, parentColumns }) => `(${matching(childColumns, parentColumns, 'c', 'o')})`).join(' OR ');
  return [
    `WITH RECURSIVE moved(at) AS (
  SELECT ${rowNumber} FROM ${future(at)} WHERE ${action} = 'renumber'
  UNION SELECT n.${rowNumber} FROM moved JOIN ${incoming(at)} AS o ON o.${rowNumber} = moved.at JOIN ${incoming(at)} AS c ON ${refers}
    JOIN ${future(at)} AS n ON n.${rowNumber} = c.${rowNumber} AND n.${action} = 'same')
UPDATE ${future(at)} AS n SET ${action} = 'renumber' FROM moved WHERE n.${rowNumber} = moved.at;`,
  ];
}

/** New keys lie above all that either side has, and above where the sequence stands, which is put right in the end: nothing is taken from it. */
function number(table: MergingTable, at: number): readonly string[] {
  const { numbering } = table;
  if (numbering === undefined) return [];
  const { column } = numbering;
  if (numbering.kind === 'uuid') return [`UPDATE ${future(at)} SET ${column} = gen_random_uuid() WHERE ${action} = 'renumber';`];
  const most = `greatest((SELECT max(t.${column}) FROM ${from(table)} AS t), (SELECT max(n.${column}) FROM ${future(at)} AS n), 0)::bigint`;
  const { sequence, increment } = numbering.sequence ?? { increment: 1 };
  // A sequence is asked within an expression: rows that an update joins would be locked.
  const last = sequence === undefined ? most : `(SELECT s.last_value FROM ${sequence} AS s)`;
  const base = `SELECT ${last} + ${increment} * ((greatest(${most} - ${last}, 0) + ${increment} - 1) / ${increment}) AS base`;
  return [
    `UPDATE ${future(at)} AS n SET ${column} = b.base + ${increment} * i.nth FROM (${base}) AS b, (SELECT ${rowNumber}, row_number() OVER (ORDER BY ${column}, ${rowNumber}) AS nth FROM ${future(at)} WHERE ${action} = 'renumber') AS i WHERE n.${rowNumber} = i.${rowNumber};`,
  ];
}

const refuse = 'INSERT INTO pg_temp.cdb_refused';

/** Keys that are taken and cannot be made anew. */
function refuseTaken({ key, uniqueKeys }: MergingTable, at: number): readonly string[] {
  if (key.length === 0) return [];
  const name = uniqueKeys.find(({ primary }) => primary)?.name ?? 'primary key';
  return [
    `${refuse} SELECT ${at}, n.${rowNumber}, 'key', ${literal(name)}, ${texts(key, 'n')}, ${texts(key, 'n')} FROM ${future(at)} AS n WHERE n.${action} = 'refuse';`,
  ];
}

/** References of new rows to rows that stay out, and so to what has their key here. */
export function attachedScript({ followed, onConflict }: MergePlan): readonly string[] {
  if (onConflict !== 'skip') return [];
  return followed.flatMap(({ name, child, parent, childAt, parentAt, childColumns, parentColumns }) =>
    parentAt === undefined
      ? []
      : [
          `SELECT 'cdb attached', json_build_object('foreignKey', ${literal(name)}, 'table', ${literal(child)}, 'refersTo', ${literal(parent)}, 'rows', count(*)) FROM ${future(childAt)} AS n JOIN ${future(parentAt)} AS p ON ${matching(childColumns, parentColumns, 'n', 'p')} WHERE n.${action} = 'insert' AND p.${action} = 'skip' HAVING count(*) > 0;`,
        ],
  );
}

/** Rows that would be the second with what is unique, beside those that stay or among themselves. */
function refuseDoubles(table: MergingTable, at: number, key: UniqueKey): readonly string[] {
  const parts = key.parts.map((part, index) => `(${part}) AS k${index}`).join(', ');
  const where = key.where === null ? '' : ` AND (${key.where})`;
  const names = key.parts.map((_, index) => `k${index}`);
  const known = key.nullsEqual ? 'true' : names.map((name) => `w.${name} IS NOT NULL`).join(' AND ');
  const equal = names
    .map((name, index) => {
      const same = `w.${name} ${key.equals[index] ?? '='} o.${name}`;
      return key.nullsEqual ? `(${same} OR (w.${name} IS NULL AND o.${name} IS NULL))` : same;
    })
    .join(' AND ');
  const ours = `SELECT ${rowNumber} AS cdb_at, ${parts} FROM ${future(at)} WHERE ${written}${where}`;
  const stays =
    table.key.length === 0 ? 'true' : `NOT EXISTS (SELECT FROM ${future(at)} AS n WHERE n.${action} = 'update' AND ${sameKey(table.key, 'n', 't')})`;
  const theirs = `SELECT ${texts(table.key, 't')} AS cdb_key, ${parts} FROM ${from(table)} AS t WHERE ${stays}${where}`;
  const head = (kind: string): string => `${refuse} SELECT ${at}, w.cdb_at, '${kind}', ${literal(key.name)}, ${texts(names, 'w')}`;
  return [
    `${head('unique')}, o.cdb_key FROM (${ours}) AS w JOIN (${theirs}) AS o ON ${equal};`,
    `${head('twice')}, NULL FROM (SELECT w.*, count(*) OVER (PARTITION BY ${list(names, 'w')}) AS cdb_times FROM (${ours}) AS w WHERE ${known}) AS w WHERE w.cdb_times > 1;`,
  ];
}

/** Rows that would refer to what neither is there nor comes along. */
function refuseOrphans(key: FollowedKey, tables: readonly MergingTable[]): string {
  const { childAt, parentAt, childColumns, parentColumns, parent, full, name } = key;
  const set = childColumns.map((column) => `n.${column} IS NOT NULL`).join(full ? ' OR ' : ' AND ');
  const match = matching(parentColumns, childColumns, 'p', 'n');
  const comes = parentAt === undefined ? '' : ` AND NOT EXISTS (SELECT FROM ${future(parentAt)} AS p WHERE p.${written} AND ${match})`;
  const there = parentAt === undefined ? parent : (tables[parentAt]?.table ?? parent);
  return `${refuse} SELECT ${childAt}, n.${rowNumber}, 'reference', ${literal(name)}, ${texts(childColumns, 'n')}, NULL FROM ${future(childAt)} AS n WHERE n.${written} AND (${set}) AND NOT EXISTS (SELECT FROM ${there} AS p WHERE ${match})${comes};`;
}
