import { runExec } from '../../engine/exec';
import type { Operation } from '../../operations/operation';
import { readServerFacts } from '../../postgres/catalogue';
import { connectionString } from '../../postgres/connectionString';
import { withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { inContainer, toolEnvironment } from '../../postgres/tools';
import { Failure } from '../../protocol/failure';
import type { OnConflict } from '../facts';
import { loadFailed } from '../loadFailure';
import { markStatement, sessionsName } from './mark';
import { mergeScript, previewScript, type MergeScript, type MergeTable } from './mergeSql';
import { readColumns, readForeignKeys, readOwnedSequences } from './readTables';

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

export interface MergeJob {
  readonly id: string;
  readonly server: PostgresServer;
  readonly database: string;
  readonly scratch: string;
  /** Qualified and quoted. */
  readonly tables: readonly string[];
  readonly onConflict: OnConflict;
  /** The oldest transaction that ran before the safety backup; rows that are younger are not to go. */
  readonly since?: string;
}

// Everything is one stream of SQL. A part that cannot be read ends it, and what ends before COMMIT has not happened. Both sides
// write and read values in the same way, whatever the databases say. Two connections: the rows go from one to the other.
const streamRows = `
host=$1 port=$2 user=$3 from=$4 to=$5 count=$6
shift 6
sql() { psql --host "$host" --port "$port" --username "$user" --no-password --no-psqlrc --quiet --no-align --tuples-only --field-separator='\t' --set=ON_ERROR_STOP=1 "$@"; }
{
  printf '%s\\n' "$1"
  while [ "$count" -gt 0 ]; do
    printf '%s\\n' "$2"
    sql --dbname="$from" --command="$3" </dev/null || { echo "cdb read failed" >&2; exit 1; }
    printf '%s\\n' '\\.'
    shift 2
    count=$((count - 1))
  done
  shift
  for part do printf '%s\\n' "$part"; done
} | sql --dbname="$to"`;

const sameSettings = '-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex';
// Bytes that Linux takes as one argument of a program, and as all of them, with room to spare; thousands of tables are restored as a whole.
const longestArgument = 120_000;
const mostArguments = 1_500_000;

/** Compares the scratch tables with the live ones and changes nothing. Throws what `merge` throws before it writes. */
export async function compareTables(job: MergeJob, operation: Operation): Promise<readonly TableDifference[]> {
  const request = await prepare(job, operation.signal);
  return run(job, request.tables, previewScript(request), operation);
}

/**
 * Puts the rows of scratch tables into the live ones, all or none. Gives what was different before.
 * Throws `TABLE_NOT_IN_BACKUP`, `TABLES_MANY`, `ROWS_CHANGED`, `ORPHAN_ROWS`, `KEY_CONFLICT` and what a load throws; then nothing
 * has changed.
 */
export async function mergeTables(job: MergeJob, operation: Operation): Promise<readonly TableDifference[]> {
  const request = await prepare(job, operation.signal);
  return run(
    job,
    request.tables,
    mergeScript({ ...request, ...(job.since === undefined ? {} : { since: job.since }), mark: markStatement(job.scratch, new Date()) }),
    operation,
  );
}

async function prepare({ server, database, scratch, tables, onConflict }: MergeJob, signal: AbortSignal) {
  const theirs = await withSession(server, scratch, { signal }, (session) => readColumns(session, tables));
  return withSession(server, database, { signal }, async (session) => {
    const ours = await readColumns(session, tables);
    return {
      tables: tables.map((table) => common(table, ours.get(table), theirs.get(table))),
      foreignKeys: await readForeignKeys(session, tables),
      sequences: await readOwnedSequences(session, tables),
      onConflict,
    };
  });
}

function common(table: string, ours: Omit<MergeTable, 'table'> | undefined, theirs: Omit<MergeTable, 'table'> | undefined): MergeTable {
  if (ours === undefined) throw new Failure('TABLE_MISSING', `The database has no table ${table} any more.`, 'Restore the whole backup into a new database.');
  const columns = ours.columns.filter((column) => theirs?.columns.includes(column) === true);
  if (theirs !== undefined && columns.length > 0) {
    const key = ours.key.every((column) => columns.includes(column)) ? ours.key : [];
    return { table, columns, key, partitioned: ours.partitioned };
  }
  throw new Failure('TABLE_NOT_IN_BACKUP', `The backup has no table ${table} with such columns.`, 'Choose another table, or another backup.');
}

async function run(job: MergeJob, tables: readonly MergeTable[], script: MergeScript, operation: Operation): Promise<readonly TableDifference[]> {
  const { server, id, database, scratch } = job;
  const { socketDirectory } = await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, readServerFacts);
  const host = socketDirectory === '' ? '127.0.0.1' : socketDirectory;
  const names = [host, String(server.port), server.user, connectionString(scratch), connectionString(database), String(tables.length)];
  const parts = [script.begin, ...script.rows.flatMap(({ receive, read }) => [receive, read]), ...joined(script.end)];
  refuseMany(parts, tables.length);
  let printed = '';
  const { exitCode, stderr } = await runExec(
    server.engine,
    {
      container: server.container,
      argv: inContainer(server, ['sh', '-c', streamRows, 'sh', ...names, ...parts]),
      env: { ...toolEnvironment(sessionsName(id)), PGOPTIONS: sameSettings, PGCLIENTENCODING: 'UTF8' },
    },
    { signal: operation.signal, onOutput: (bytes) => void (printed += bytes.toString('utf8')) },
  );
  const isMerge = script.end.some((statement) => statement.includes("'cdb done'"));
  if (exitCode !== 0 || /^cdb read failed$/m.test(stderr) || (isMerge && !/^cdb done$/m.test(printed))) throw mergeFailed(stderr);
  return printed.split('\n').flatMap((line) => readDifference(line, tables));
}

/** Statements in as few arguments as may be. */
function joined(statements: readonly string[]): readonly string[] {
  const parts: string[] = [];
  for (const statement of statements) {
    const longer = `${parts.at(-1) ?? ''}\n${statement}`;
    if (parts.length > 0 && Buffer.byteLength(longer) <= longestArgument) parts.splice(-1, 1, longer);
    else parts.push(statement);
  }
  return parts;
}

function refuseMany(parts: readonly string[], tables: number): void {
  const sizes = parts.map((part) => Buffer.byteLength(part) + 16);
  if (sizes.every((size) => size <= longestArgument) && sizes.reduce((sum, size) => sum + size, 0) <= mostArguments) return;
  throw new Failure(
    'TABLES_MANY',
    `${tables} tables with as many columns as these have are too much to be restored into a live database at once. Nothing was changed.`,
    'Choose fewer, or restore the whole database.',
  );
}

function readDifference(line: string, tables: readonly MergeTable[]): readonly TableDifference[] {
  const [word, at, held, present, added, removed, changed] = line.split('\t');
  const table = tables[Number(at)]?.table;
  if (word !== 'cdb counts' || table === undefined) return [];
  return [{ table, held: Number(held), present: Number(present), added: Number(added), removed: Number(removed), changed: Number(changed) }];
}

function mergeFailed(stderr: string): Failure {
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
