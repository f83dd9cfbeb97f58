import { readIndexes } from '../../health/indexes';
import { look } from '../../health/look';
import { withoutPartitions } from '../../health/partitions';
import { countExactly, readTables } from '../../health/statistics';
import { findDatabase, targetName } from '../../inventory/target';
import { formatAge, formatBytes, formatCount } from '../../protocol/format';
import type { IndexFigures, TableFigures } from '../../protocol/statistics';
import type { CliCommand } from '../command';
import { columns } from '../terminal';

type Counted = TableFigures & { readonly exactRows?: number };

/** Rows, sizes, dead rows and scans of every table, and the indexes that nobody needs. */
export const statsCommand: CliCommand = {
  name: 'stats',
  summary: 'show the tables of a database: rows, sizes, dead rows, scans, indexes to look at',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [['--exact', 'count the rows, instead of taking what Postgres estimates']],
  run: async ({ app, argument, options, signal }) => {
    const target = findDatabase(app.inventory.current, argument);
    const server = app.inventory.serverOf(target.service);
    const { tables, indexes } = await look(
      server,
      target.database.name,
      async (session) => {
        const read = await readTables(session);
        const counted: Counted[] = [];
        for (const table of read) counted.push(options['exact'] === true ? { ...table, exactRows: await countExactly(session, table.oid) } : table);
        return { tables: counted, indexes: await readIndexes(session) };
      },
      { signal },
    );
    const worth = indexes.filter(({ findings }) => findings.length > 0);
    return {
      value: { target: targetName(target), sizeBytes: target.database.sizeBytes, tables, indexes },
      lines: [...tableLines(tables), ...indexLines(worth)],
    };
  },
};

function tableLines(tables: readonly Counted[]): readonly string[] {
  if (tables.length === 0) return ['The database has no tables.'];
  const now = new Date();
  const age = (moment: number | null): string => (moment === null ? 'never' : formatAge(new Date(moment), now));
  const rows = tables.map((table) => [
    `${table.schema}.${table.name}`,
    table.exactRows === undefined ? (table.rows === null ? '?' : `~${formatCount(Math.round(table.rows))}`) : formatCount(table.exactRows),
    formatBytes(table.totalBytes),
    formatBytes(table.heapBytes),
    formatBytes(table.indexBytes),
    formatBytes(table.toastBytes),
    formatCount(table.deadRows),
    table.bloatBytes === null ? '?' : formatBytes(table.bloatBytes),
    formatCount(table.sequentialScans),
    formatCount(table.indexScans),
    age(table.vacuumedAt),
    age(table.analyzedAt),
  ]);
  const total = withoutPartitions(tables).reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const head = ['TABLE', 'ROWS', 'TOTAL', 'HEAP', 'INDEX', 'TOAST', 'DEAD', 'BLOAT', 'SEQ SCANS', 'INDEX SCANS', 'VACUUMED', 'ANALYZED'];
  return [...columns([head, ...rows]), `${formatCount(tables.length)} tables, ${formatBytes(total)}`];
}

function indexLines(indexes: readonly IndexFigures[]): readonly string[] {
  if (indexes.length === 0) return [];
  const rows = indexes.map(({ schema, name, table, bytes, findings, duplicateOf }) => [
    `${schema}.${name}`,
    table,
    formatBytes(bytes),
    findings.map((finding) => (finding === 'duplicate' ? `duplicate of ${duplicateOf ?? ''}` : finding)).join(', '),
  ]);
  return ['', ...columns([['INDEX TO LOOK AT', 'TABLE', 'SIZE', 'WHY'], ...rows])];
}
