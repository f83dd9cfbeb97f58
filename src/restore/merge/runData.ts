import type { Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import { markStatement } from '../part/mark';
import type { MergeScript } from '../part/mergeSql';
import { mergeFailed, prepare, type MergeJob, type PreparedTables } from '../part/runMerge';
import { streamScript } from '../part/streamScript';
import { mergeDataScript, reportScript } from './mergeDataSql';
import { planMerge, type MergePlan } from './plan';
import { readKeyColumns, readUniqueKeys } from './readUniqueKeys';
import { refusalFailure } from './refusalText';
import { readReport } from './readReport';
import type { ColumnsApart, MergeReport } from './report';

interface Prepared {
  readonly plan: MergePlan;
  readonly apart: ColumnsApart;
}

/** Tells what would become of the rows in scratch tables, and changes nothing. Throws what `planMerge` throws. */
export async function reportMerge(job: MergeJob, operation: Operation): Promise<MergeReport> {
  const prepared = await prepareData(job, operation.signal);
  return run(job, prepared, reportScript(prepared.plan), operation);
}

/**
 * Adds the rows of scratch tables to the live ones, all or none, and tells what became of them. Throws `ROWS_REFUSED`,
 * `ROWS_CHANGED`, `TABLE_CIRCLE` and what a merge of a backup's rows throws; then nothing has changed.
 */
export async function mergeData(job: MergeJob, operation: Operation): Promise<MergeReport> {
  const prepared = await prepareData(job, operation.signal);
  const mark = markStatement(job.scratch, new Date());
  return run(job, prepared, mergeDataScript(prepared.plan, { mark, since: job.since }), operation);
}

async function prepareData(job: MergeJob, signal: AbortSignal): Promise<Prepared> {
  const { server, database, tables, merging = 'skip' } = job;
  const prepared = await prepare(job, signal);
  const known = await withSession(server, database, { signal }, async (session) => ({
    uniqueKeys: await readUniqueKeys(session, tables),
    keyColumns: await readKeyColumns(session, tables),
  }));
  return { plan: planMerge({ ...prepared, ...known }, merging), apart: columnsApart(tables, prepared) };
}

function columnsApart(tables: readonly string[], { ours, theirs }: PreparedTables): ColumnsApart {
  const missing = (some: PreparedTables['ours'], others: PreparedTables['ours']): MergeReport['onlyHere'] =>
    tables.flatMap((table) => {
      const columns = (some.get(table)?.columns ?? []).filter((column) => others.get(table)?.columns.includes(column) !== true);
      return columns.length === 0 ? [] : [{ table, columns }];
    });
  return { onlyThere: missing(theirs, ours), onlyHere: missing(ours, theirs) };
}

async function run(job: MergeJob, { plan, apart }: Prepared, script: MergeScript, operation: Operation): Promise<MergeReport> {
  const { printed, failed } = await streamScript(job, script, operation);
  if (failed === undefined) return readReport(printed, plan, apart);
  throw /cdb_none_refused/.test(failed) ? refusalFailure(readReport(printed, plan, apart).refusals) : dataFailure(failed);
}

/** What only shows when rows are read or written, such as a value that the column here cannot have. */
function dataFailure(said: string): Failure {
  const lines = said.split('\n');
  const error = lines.map((line) => /(?:ERROR|FATAL): {2}(.*)/.exec(line)?.[1]).find((text) => text !== undefined);
  const detail = lines.flatMap((line) => /^(?:DETAIL|CONTEXT): {2}(.*)/.exec(line)?.[1] ?? []).join(' ');
  const doubled = /duplicate key value violates unique constraint "(.+?)"/.exec(error ?? '')?.[1];
  if (doubled !== undefined) {
    const message = `Two rows would have the same of what is unique (${doubled}). ${detail} Nothing was changed.`;
    return new Failure('KEY_CONFLICT', message, 'Correct or remove one of them in either database, or choose another way for keys that are taken.');
  }
  const impossible = /invalid input (?:value|syntax)|violates (?:not-null|check|exclusion) constraint|out of range|value too long|no partition of relation/;
  if (error === undefined || !impossible.test(error)) return mergeFailed(said);
  const text = detail === '' ? error : `${error} (${detail.slice(0, 300).replaceAll(/pg_temp\w*\.|cdb_rows_\d+/g, 'the rows')})`;
  return new Failure(
    'ROWS_UNFIT',
    `The database cannot take rows of the other one: ${text}. Nothing was changed.`,
    'Bring both to the same revision, or correct those rows in the other database.',
  );
}
