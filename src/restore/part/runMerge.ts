import type { Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import type { MergeConflict, OnConflict } from '../facts';
import { loadFailed } from '../loadFailure';
import { markStatement } from './mark';
import { mergeScript, previewScript, type MergeScript, type MergeTable } from './mergeSql';
import { readColumns, readForeignKeys, readOwnedSequences, type ForeignKey, type OwnedSequence, type TableColumns } from './readTables';
import { streamScript, type StreamPlace } from './streamScript';

/** How the rows of a table differ; what is in the backup against what is there now. */
export interface TableDifference {
  readonly table: string;
  /** Rows in the backup. */
  readonly held: number;
  /** Rows now. */
  readonly present: number;
  /** Rows of the backup that are not there, and of those there that are not in the backup; both without `changed`. */
  readonly added: number;
  readonly removed: number;
  /** Rows with the same primary key and other values. */
  readonly changed: number;
}

export interface MergeJob extends StreamPlace {
  /** Qualified and quoted. */
  readonly tables: readonly string[];
  readonly onConflict: OnConflict;
  /** For rows that join those that are there, instead of `onConflict`. */
  readonly merging?: MergeConflict;
  /** Whether the scratch tables have values of another database, with the rows of partitions under the name of their table. */
  readonly valuesOnly: boolean;
  /** The oldest transaction that ran before the safety backup; rows that are younger are not to go. */
  readonly since?: string;
}

/** Compares the scratch tables with the live ones and changes nothing. Throws what `merge` throws before it writes. */
export async function compareTables(job: MergeJob, operation: Operation): Promise<readonly TableDifference[]> {
  const request = { ...(await prepare(job, operation.signal)), onConflict: job.onConflict };
  return run(job, request.tables, previewScript(request), operation);
}

/**
 * Puts the rows of scratch tables into the live ones, all or none. Gives what was different before.
 * Throws `TABLE_NOT_IN_BACKUP`, `TABLES_MANY`, `ROWS_CHANGED`, `ORPHAN_ROWS`, `KEY_CONFLICT` and what a load throws; then nothing
 * has changed.
 */
export async function mergeTables(job: MergeJob, operation: Operation): Promise<readonly TableDifference[]> {
  const request = { ...(await prepare(job, operation.signal)), onConflict: job.onConflict };
  return run(
    job,
    request.tables,
    mergeScript({ ...request, ...(job.since === undefined ? {} : { since: job.since }), mark: markStatement(job.scratch, new Date()) }),
    operation,
  );
}

/** What both sides of a merge have in common, and what binds the live tables. */
export interface PreparedTables {
  readonly tables: readonly MergeTable[];
  /** Columns of the live tables, and of the scratch ones, by the qualified name of the table. */
  readonly ours: ReadonlyMap<string, TableColumns>;
  readonly theirs: ReadonlyMap<string, TableColumns>;
  readonly foreignKeys: readonly ForeignKey[];
  readonly sequences: readonly OwnedSequence[];
}

/** Looks at both sides of a merge. Throws `TABLE_MISSING` and `TABLE_NOT_IN_BACKUP`. */
export async function prepare({ server, database, scratch, tables, valuesOnly }: MergeJob, signal: AbortSignal): Promise<PreparedTables> {
  const theirs = await withSession(server, scratch, { signal }, (session) => readColumns(session, tables));
  return withSession(server, database, { signal }, async (session) => {
    const ours = await readColumns(session, tables);
    return {
      tables: tables.map((table) => common(table, ours.get(table), theirs.get(table), valuesOnly)),
      ours,
      theirs,
      foreignKeys: await readForeignKeys(session, tables),
      sequences: await readOwnedSequences(session, tables),
    };
  });
}

function common(table: string, ours: TableColumns | undefined, theirs: TableColumns | undefined, valuesOnly: boolean): MergeTable {
  if (ours === undefined) throw new Failure('TABLE_MISSING', `The database has no table ${table} any more.`, 'Restore the whole backup into a new database.');
  const columns = ours.columns.filter((column) => theirs?.columns.includes(column) === true);
  if (theirs !== undefined && columns.length > 0) {
    const key = ours.key.every((column) => columns.includes(column)) ? ours.key : [];
    return { table, columns, key, partitioned: ours.partitioned, divided: theirs.partitioned || valuesOnly };
  }
  throw new Failure('TABLE_NOT_IN_BACKUP', `The backup has no table ${table} with such columns.`, 'Choose another table, or another backup.');
}

async function run(job: MergeJob, tables: readonly MergeTable[], script: MergeScript, operation: Operation): Promise<readonly TableDifference[]> {
  const { printed, failed } = await streamScript(job, script, operation);
  if (failed !== undefined) throw mergeFailed(failed);
  return printed.split('\n').flatMap((line) => readDifference(line, tables));
}

function readDifference(line: string, tables: readonly MergeTable[]): readonly TableDifference[] {
  const [word, at, held, present, added, removed, changed] = line.split('\t');
  const table = tables[Number(at)]?.table;
  if (word !== 'cdb counts' || table === undefined) return [];
  return [{ table, held: Number(held), present: Number(present), added: Number(added), removed: Number(removed), changed: Number(changed) }];
}

/** Why a merge failed, from what the server said. */
export function mergeFailed(stderr: string): Failure {
  const orphan = /Failing row contains \((.*), (\d+)\)/.exec(stderr);
  if (/cdb_no_orphans/.test(stderr) && orphan !== null) {
    const [foreignKey = '', child = '', parent = ''] = (orphan[1] ?? '').split(', ');
    return new Failure(
      'ORPHAN_ROWS',
      `${orphan[2]} rows of ${child} would refer to rows of ${parent} that are not there (${foreignKey}). Nothing was changed.`,
      `Restore ${child} and ${parent} together, or choose another way to treat the rows that are there.`,
    );
  }
  const newer = /cdb_none_newer[^]*Failing row contains \((.*), (\d+)\)/.exec(stderr);
  if (newer !== null) {
    return new Failure(
      'ROWS_CHANGED',
      `${newer[2]} rows of ${newer[1]} that would go came or changed after the safety backup had begun. Nothing was changed.`,
      'Stop what writes to it, then restore again.',
    );
  }
  if (/canceling statement due to lock timeout/.test(stderr)) {
    return new Failure('TABLE_LOCKED', 'Another session keeps the tables locked. Nothing was changed.', 'Stop what works on them, then try again.');
  }
  return loadFailed('The copy', stderr);
}
