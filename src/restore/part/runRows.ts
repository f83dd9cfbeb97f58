import type { Backup } from '../../backup/catalogue';
import type { Content } from '../../backup/content';
import type { Operation } from '../../operations/operation';
import { identifier, qualified } from '../../postgres/quote';
import { withSession } from '../../postgres/session';
import type { SourceTable } from '../facts';
import { loadEverything } from '../load';
import { withPlacedDump, type CopyRequest } from '../loadCopy';
import type { RestorePlan } from '../plan';
import type { RestoreTools } from '../run';
import { readMembers } from './readTables';
import type { MergeJob } from './runMerge';

/** What is loaded for the rows of chosen tables. */
export interface RowsSource {
  readonly plan: RestorePlan;
  readonly rows: NonNullable<RestorePlan['rows']>;
  readonly backup: Backup;
  readonly content: Content;
  readonly onUpload?: CopyRequest['onUpload'];
}

/** Loads the chosen tables into the scratch database: their structure, then their rows with those of all partitions that the backup has. */
export async function loadRows(source: RowsSource, { server, session }: Pick<RestoreTools, 'server' | 'session'>, operation: Operation): Promise<void> {
  const { plan, rows, backup, content, onUpload } = source;
  const { id, scratch: database, properties, jobs, form } = plan;
  const request: CopyRequest = { id, server, session, backup, content, form, database, properties, jobs, ...(onUpload === undefined ? {} : { onUpload }) };
  const segment = plan.segment === undefined ? {} : { segment: plan.segment };
  // Whom the scratch tables belong to does not matter: only their rows are taken.
  const wishes = { ...loadEverything, ...segment, withoutOwners: true, allowMetaCommands: plan.allowMetaCommands };
  await withPlacedDump(request, operation, async (dump) => {
    const { structure } = rows;
    if (structure === 'live') await dump.scaffold(plan.database, []);
    else if (structure === 'backup') await dump.load({ ...wishes, part: 'structure' });
    const tables = await withSession(server, database, { signal: operation.signal }, async (inside) => {
      if (typeof structure === 'string') return readMembers(inside, rows.tables);
      await inside.execute(valueTables(structure));
      return structure.flatMap(({ holders }) => holders);
    });
    await dump.load({ ...wishes, part: 'rows', tables });
  });
}

/**
 * Tables that take any values as text, so that what they would be in the live database shows there and nowhere else. The rows of
 * partitions are read by the name of their table, however the live one is divided.
 */
export function valueTables(tables: readonly SourceTable[]): string {
  const schemas = [...new Set(tables.flatMap(({ schema, holders }) => [schema, ...holders.map((holder) => holder.schema)]))];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)};`),
    ...tables.flatMap(({ name, schema, table, columns, holders }) => [
      `CREATE TABLE ${name} (${columns.map((column) => `${column} text`).join(', ')});`,
      ...holders
        .filter((holder) => holder.schema !== schema || holder.name !== table)
        .map((holder) => `CREATE TABLE ${qualified(holder.schema, holder.name)} () INHERITS (${name});`),
    ]),
  ].join('\n');
}

/** The oldest transaction that runs, as it counts on past 32 bits: what all rows of a backup that begins now are older than. */
export async function oldestTransaction(session: RestoreTools['session']): Promise<string> {
  const [row] = await session.query<{ oldest: string }>('SELECT txid_snapshot_xmin(txid_current_snapshot())::text AS oldest');
  return row?.oldest ?? '0';
}

/** The merge that a plan means. */
export function mergeJob(plan: RestorePlan, rows: NonNullable<RestorePlan['rows']>, server: RestoreTools['server'], since?: string): MergeJob {
  const { id, database, scratch } = plan;
  return {
    ...(since === undefined ? {} : { since }),
    id,
    server,
    database,
    scratch,
    tables: rows.tables.map(({ table }) => table),
    onConflict: rows.onConflict,
    ...(rows.merging === undefined ? {} : { merging: rows.merging }),
    valuesOnly: typeof rows.structure !== 'string',
  };
}
