import { literal } from '../../postgres/quote';
import type { OnConflict } from '../facts';
import type { ForeignKey, OwnedSequence } from './readTables';

/** A table as both sides have it; names are qualified and quoted. */
export interface MergeTable {
  readonly table: string;
  /** Columns that both have. */
  readonly columns: readonly string[];
  /** The primary key, where both have it. */
  readonly key: readonly string[];
  /** Whether rows lie in partitions, which the table's own name covers. */
  readonly partitioned: boolean;
  /** Whether they lie in several tables of the scratch database, which its name there covers. */
  readonly divided: boolean;
}

export interface MergeRequest {
  readonly tables: readonly MergeTable[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly sequences: readonly OwnedSequence[];
  readonly onConflict: OnConflict;
  /**
   * What rows must be older than that go away: a transaction id, from before the safety backup, that counts on past 32 bits. Absent
   * where there is no safety backup.
   */
  readonly since?: string;
  /** Run last in the transaction, so that what lasts tells that all of it does. */
  readonly mark: string;
}

/** The statements of one transaction, around the rows that are streamed in between. */
export interface MergeScript {
  readonly begin: string;
  /** For each table: what goes before its rows, and the statement that reads them from the scratch database. */
  readonly rows: readonly { readonly receive: string; readonly read: string }[];
  /** Statements, one or several to an entry. */
  readonly end: readonly string[];
}

// Temporary tables of the session, so that nothing else can be called so.
export const incoming = (index: number): string => `pg_temp.cdb_rows_${index}`;
export const from = ({ table, partitioned }: MergeTable): string => (partitioned ? table : `ONLY ${table}`);
export const rowText = (columns: readonly string[], alias: string): string => `ROW(${columns.map((column) => `${alias}.${column}`).join(', ')})::text`;
export const sameKey = (key: readonly string[], a: string, b: string): string => key.map((column) => `${a}.${column} = ${b}.${column}`).join(' AND ');

/** Counts what is different, changes nothing. */
export function previewScript(request: Omit<MergeRequest, 'mark' | 'since'>): MergeScript {
  return {
    begin: beginLooking,
    rows: rowsScript(request.tables),
    end: [...counts(request.tables), ...results, 'ROLLBACK;'],
  };
}

/**
 * Puts the rows in. Triggers and the actions of foreign keys are off meanwhile, as they are for any restore: deleting a row must
 * not take others along that are not restored. So every foreign key that is touched is checked before the end, under locks that
 * keep others from writing to either side.
 */
export function mergeScript(request: MergeRequest): MergeScript {
  const { tables, foreignKeys, sequences, onConflict, since, mark } = request;
  const end = [
    ...counts(tables),
    ...(since === undefined ? [] : [refuseNewer]),
    ...tables.flatMap((table, index) => replaceRows(table, index, onConflict, since)),
    ...orphanChecks(foreignKeys),
    ...sequences.map(advance),
    ...results,
    ...commitWith(mark),
  ];
  return { begin: beginLocked(tables, foreignKeys), rows: rowsScript(tables), end };
}

/** Looks at the rows of one moment, changes nothing. */
export const beginLooking = 'BEGIN ISOLATION LEVEL REPEATABLE READ;\nSET LOCAL search_path = pg_catalog;';

/** Begins to write, with triggers and the actions of foreign keys off, under locks on both sides of all foreign keys. */
export function beginLocked(tables: readonly MergeTable[], foreignKeys: readonly ForeignKey[]): string {
  const locked = [...new Set([...tables.map(({ table }) => table), ...foreignKeys.flatMap(({ child, parent }) => [child, parent])])].toSorted();
  return [
    'BEGIN;',
    'SET LOCAL search_path = pg_catalog;',
    "SET LOCAL lock_timeout = '60s';",
    'SET LOCAL session_replication_role = replica;',
    `LOCK TABLE ${locked.join(', ')} IN SHARE ROW EXCLUSIVE MODE;`,
  ].join('\n');
}

const done = "SELECT 'cdb done';";

/** Ends the transaction with its mark, and says so. */
export function commitWith(mark: string): readonly string[] {
  return [`${mark};`, 'COMMIT;', done];
}

/** Whether a script has to say that it is done. */
export function writes({ end }: MergeScript): boolean {
  return end.includes(done);
}

/** The statement by which rows are read from the scratch database. */
export function readRows({ table, columns, divided }: MergeTable): string {
  return `COPY (SELECT ${columns.join(', ')} FROM ${divided ? table : `ONLY ${table}`}) TO STDOUT`;
}

function rowsScript(tables: readonly MergeTable[]): MergeScript['rows'] {
  return tables.map((table, index) => {
    const columns = table.columns.join(', ');
    return {
      receive: `CREATE TEMP TABLE cdb_rows_${index} ON COMMIT DROP AS SELECT ${columns} FROM ${table.table} WITH NO DATA;\nCOPY ${incoming(index)} (${columns}) FROM stdin;`,
      read: readRows(table),
    };
  });
}

/** Rows are compared as text, since not all types can be compared; as often as they are there. */
function counts(tables: readonly MergeTable[]): readonly string[] {
  const create = 'CREATE TEMP TABLE cdb_counts (at int, held bigint, present bigint, added bigint, removed bigint, changed bigint) ON COMMIT DROP;';
  return [
    create,
    ...tables.map((table, index) => {
      const [theirs, ours] = [
        `SELECT ${rowText(table.columns, 't')} FROM ${incoming(index)} AS t`,
        `SELECT ${rowText(table.columns, 't')} FROM ${from(table)} AS t`,
      ];
      const changed =
        table.key.length === 0
          ? '0'
          : `(SELECT count(*) FROM ${incoming(index)} AS i JOIN ${from(table)} AS t ON ${sameKey(table.key, 'i', 't')} WHERE ${rowText(table.columns, 'i')} <> ${rowText(table.columns, 't')})`;
      return `INSERT INTO pg_temp.cdb_counts SELECT ${index}, (SELECT count(*) FROM ${incoming(index)}), (SELECT count(*) FROM ${from(table)}),
  (SELECT count(*) FROM (${theirs} EXCEPT ALL ${ours}) AS d), (SELECT count(*) FROM (${ours} EXCEPT ALL ${theirs}) AS d), ${changed};`;
    }),
  ];
}

const results: readonly string[] = ["SELECT 'cdb counts', at, held, present, added - changed, removed - changed, changed FROM pg_temp.cdb_counts ORDER BY at;"];

/** A constraint of a table of our own refuses the whole where it says so, and names the table in doing so. */
export const refuseNewer = 'CREATE TEMP TABLE cdb_newer (name text, rows bigint CONSTRAINT cdb_none_newer CHECK (rows = 0)) ON COMMIT DROP;';

/** Rows that are the same stay as they are, with what newer columns hold. Those that go must be in the safety backup. */
function replaceRows(table: MergeTable, index: number, onConflict: OnConflict, since: string | undefined): readonly string[] {
  const columns = table.columns.join(', ');
  const insert = `INSERT INTO ${table.table} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${table.columns.map((column) => `i.${column}`).join(', ')} FROM ${incoming(index)} AS i`;
  if (onConflict === 'append') return [`${insert};`];
  if (onConflict === 'skip') return [`${insert} ON CONFLICT DO NOTHING;`];
  const refuse = (goes: string): readonly string[] => refuseYoung(table, goes, since);
  if (table.key.length === 0) return [...refuse('true'), `DELETE FROM ${from(table)};`, `${insert};`];
  const same = sameKey(table.key, 'i', 't');
  const goes = `NOT EXISTS (SELECT FROM ${incoming(index)} AS i WHERE ${same} AND ${rowText(table.columns, 'i')} = ${rowText(table.columns, 't')})`;
  return [
    `CREATE INDEX ON ${incoming(index)} (${table.key.join(', ')});`,
    ...refuse(goes),
    `DELETE FROM ${from(table)} AS t WHERE ${goes};`,
    `${insert} WHERE NOT EXISTS (SELECT FROM ${from(table)} AS t WHERE ${same});`,
  ];
}

/** Refuses that rows go which a safety backup, begun at a transaction, may lack; without one, nothing. */
export function refuseYoung(table: MergeTable, goes: string, since: string | undefined): readonly string[] {
  if (since === undefined) return [];
  return [
    `INSERT INTO pg_temp.cdb_newer SELECT ${literal(table.table)}, count(*) FROM ${from(table)} AS t WHERE ${goes} AND txid_current() - age(t.xmin) >= ${literal(since)}::bigint;`,
  ];
}

/** A constraint of a table of our own refuses the whole, and names the foreign key in doing so. */
export function orphanChecks(foreignKeys: readonly ForeignKey[]): readonly string[] {
  if (foreignKeys.length === 0) return [];
  return [
    'CREATE TEMP TABLE cdb_orphans (foreign_key text, child text, parent text, rows bigint CONSTRAINT cdb_no_orphans CHECK (rows = 0)) ON COMMIT DROP;',
    ...foreignKeys.map(({ name, child, parent, childColumns, parentColumns, full }) => {
      const set = childColumns.map((column) => `c.${column} IS NOT NULL`).join(full ? ' OR ' : ' AND ');
      const match = childColumns.map((column, index) => `p.${parentColumns[index] ?? column} = c.${column}`).join(' AND ');
      return `INSERT INTO pg_temp.cdb_orphans SELECT ${[name, child, parent].map(literal).join(', ')}, count(*) FROM ${child} AS c WHERE (${set}) AND NOT EXISTS (SELECT FROM ${parent} AS p WHERE ${match});`;
    }),
  ];
}

/** Never back: a sequence that is further stays there. */
export function advance({ table, column, sequence }: OwnedSequence): string {
  return `SELECT pg_catalog.setval(${literal(sequence)}, m.most) FROM (SELECT max(${column})::bigint AS most FROM ${table}) AS m, ${sequence} AS s WHERE m.most >= s.last_value;`;
}
