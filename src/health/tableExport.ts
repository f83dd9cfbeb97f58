import type { TableFigures } from '../protocol/statistics';

type Field = readonly [name: string, value: (table: TableFigures) => string | number | null];

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const fields: readonly Field[] = [
  ['schema', ({ schema }) => schema],
  ['table', ({ name }) => name],
  ['kind', ({ kind }) => kind],
  ['rows_estimate', ({ rows }) => (rows === null ? null : Math.round(rows))],
  ['total_bytes', ({ totalBytes }) => totalBytes],
  ['heap_bytes', ({ heapBytes }) => heapBytes],
  ['index_bytes', ({ indexBytes }) => indexBytes],
  ['toast_bytes', ({ toastBytes }) => toastBytes],
  ['dead_rows', ({ deadRows }) => deadRows],
  ['bloat_bytes_estimate', ({ bloatBytes }) => bloatBytes],
  ['seq_scans', ({ sequentialScans }) => sequentialScans],
  ['index_scans', ({ indexScans }) => indexScans],
  ['last_vacuum', ({ vacuumedAt }) => moment(vacuumedAt)],
  ['last_analyze', ({ analyzedAt }) => moment(analyzedAt)],
  ['columns', ({ columns }) => columns],
];

/** The figures as CSV (RFC 4180): numbers as they are, nothing where nothing is known. */
export function tablesAsCsv(tables: readonly TableFigures[]): string {
  const lines = tables.map((table) => fields.map(([, value]) => csvField(value(table))).join(','));
  return [fields.map(([name]) => name).join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

/** The figures as a Markdown table. */
export function tablesAsMarkdown(tables: readonly TableFigures[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const isNumber = (value: Field[1]): boolean => tables.some((table) => typeof value(table) === 'number');
  const head = line(fields.map(([name]) => name)) + line(fields.map(([, value]) => (isNumber(value) ? '--:' : '---')));
  return head + tables.map((table) => line(fields.map(([, value]) => markdownCell(value(table))))).join('');
}

// A spreadsheet takes a text that begins like a formula for one; names come from a database that may not be trusted.
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function markdownCell(value: string | number | null): string {
  return String(value ?? '').replace(/[\\|`*_<>[\]]/g, '\\$&').replace(/\s+/g, ' '); // prettier-ignore
}
