import { formatBytes } from '../../src/protocol/format';
import type { IndexFigures, StatisticsView, TableFigures } from '../../src/protocol/statistics';
import { element } from '../shared/dom';
import type { Column } from '../shared/virtualGrid';
import { agoText, bytesText, fill } from '../shared/words';

/** What is counted exactly, by oid; it takes the place of an estimate. */
export type ExactRows = ReadonlyMap<number, number>;

/** The number of rows as people read it: `~` before an estimate. */
export function rowsText({ labels, language }: StatisticsView, { oid, rows }: TableFigures, exact: ExactRows): string {
  const counted = exact.get(oid);
  if (counted !== undefined) return counted.toLocaleString(language);
  return rows === null ? labels.unknown : `~${Math.round(rows).toLocaleString(language)}`;
}

/** The columns of the list of tables; the narrower it is, the fewer. */
export function tableColumns(view: StatisticsView, exact: ExactRows): readonly Column<TableFigures>[] {
  const { labels, language, now, tables } = view;
  const largest = Math.max(1, ...tables.map(({ totalBytes }) => totalBytes));
  const schemas = new Set(tables.map(({ schema }) => schema));
  const count = (value: number): string => (value === 0 ? '–' : value.toLocaleString(language));
  const ago = (moment: number | null): string => (moment === null ? labels.never : agoText(moment, now, language));
  const number = { numeric: true } as const;
  return [
    { key: 'table', title: labels.table, track: 'minmax(7rem, 1fr)', cell: (table) => nameOf(table, view, schemas.size > 1), value: ({ name }) => name },
    {
      key: 'rows',
      title: labels.rows,
      track: '4.75rem',
      ...number,
      from: 330,
      cell: (table) => rowsText(view, table, exact),
      value: (table) => exact.get(table.oid) ?? table.rows,
    },
    {
      key: 'total',
      title: labels.total,
      track: '4.25rem',
      ...number,
      cell: ({ totalBytes }) => bytesText(totalBytes),
      value: ({ totalBytes }) => totalBytes,
      decorate: (cell, { totalBytes }) => bar(cell, totalBytes / largest),
    },
    {
      key: 'heap',
      title: labels.heap,
      track: '3.75rem',
      ...number,
      from: 520,
      cell: ({ heapBytes }) => bytesText(heapBytes),
      value: ({ heapBytes }) => heapBytes,
    },
    {
      key: 'index',
      title: labels.index,
      track: '3.75rem',
      ...number,
      from: 590,
      cell: ({ indexBytes }) => bytesText(indexBytes),
      value: ({ indexBytes }) => indexBytes,
    },
    {
      key: 'toast',
      title: labels.toast,
      track: '3.75rem',
      ...number,
      from: 920,
      cell: ({ toastBytes }) => bytesText(toastBytes),
      value: ({ toastBytes }) => toastBytes,
    },
    { key: 'dead', title: labels.dead, track: '5.5rem', ...number, from: 430, cell: ({ deadRows }) => count(deadRows), value: ({ deadRows }) => deadRows },
    {
      key: 'bloat',
      title: labels.bloat,
      track: '3.75rem',
      ...number,
      from: 680,
      cell: ({ bloatBytes }) => (bloatBytes === null ? labels.unknown : bytesText(bloatBytes)),
      value: ({ bloatBytes }) => bloatBytes,
    },
    {
      key: 'sequentialScans',
      title: labels.sequentialScans,
      track: '5rem',
      ...number,
      from: 850,
      cell: ({ sequentialScans }) => count(sequentialScans),
      value: ({ sequentialScans }) => sequentialScans,
    },
    {
      key: 'indexScans',
      title: labels.indexScans,
      track: '5.25rem',
      ...number,
      from: 770,
      cell: ({ indexScans }) => count(indexScans),
      value: ({ indexScans }) => indexScans,
    },
    {
      key: 'vacuumed',
      title: labels.vacuumed,
      track: '5.5rem',
      ...number,
      from: 1100,
      cell: ({ vacuumedAt }) => ago(vacuumedAt),
      value: ({ vacuumedAt }) => vacuumedAt,
    },
    {
      key: 'analyzed',
      title: labels.analyzed,
      track: '5.5rem',
      ...number,
      from: 1100,
      cell: ({ analyzedAt }) => ago(analyzedAt),
      value: ({ analyzedAt }) => analyzedAt,
    },
    { key: 'columns', title: labels.columns, track: '4.25rem', ...number, from: 1180, cell: ({ columns }) => count(columns), value: ({ columns }) => columns },
  ];
}

/** The columns of the list of indexes. */
export function indexColumns({ labels, language, tables }: StatisticsView): readonly Column<IndexFigures>[] {
  const schemas = new Set(tables.map(({ schema }) => schema));
  const qualified = ({ schema, table }: IndexFigures): string => (schemas.size > 1 ? `${schema}.${table}` : table);
  return [
    { key: 'index', title: labels.index, track: 'minmax(7rem, 1.4fr)', cell: ({ name }) => name, value: ({ name }) => name },
    { key: 'table', title: labels.table, track: 'minmax(7rem, 1fr)', from: 560, cell: qualified, value: qualified },
    { key: 'size', title: labels.size, track: '5rem', numeric: true, from: 380, cell: ({ bytes }) => formatBytes(bytes), value: ({ bytes }) => bytes },
    {
      key: 'scans',
      title: labels.scans,
      track: '5.5rem',
      numeric: true,
      from: 480,
      cell: ({ scans }) => scans.toLocaleString(language),
      value: ({ scans }) => scans,
    },
    { key: 'state', title: labels.state, track: 'minmax(7rem, 1.9fr)', cell: (index) => findingsOf(index, labels), value: ({ findings }) => -findings.length },
    {
      key: 'definition',
      title: labels.definition,
      track: 'minmax(8rem, 1.3fr)',
      mono: true,
      from: 820,
      cell: ({ definition }) => shortDefinition(definition),
      value: ({ definition }) => shortDefinition(definition),
    },
  ];
}

/** What to look at in an index, as badges; a dash for nothing. */
export function findingsOf({ findings, duplicateOf, primary, unique }: IndexFigures, labels: StatisticsView['labels']): HTMLElement {
  if (findings.length === 0) return element('span', { class: 'quiet' }, primary ? labels.primaryKey : unique ? labels.uniqueIndex : '–');
  const badges = findings.map((finding) => {
    const text = finding === 'duplicate' ? fill(labels.duplicateOf, duplicateOf ?? '') : labels[finding];
    return element('span', { class: `badge tone-${finding === 'invalid' ? 'bad' : 'warning'}` }, text);
  });
  return element('span', {}, ...badges.flatMap((badge, index) => (index === 0 ? [badge] : [' ', badge])));
}

/** `btree (a, b) WHERE …`: the names that stand beside it anyway are left out. */
export function shortDefinition(definition: string): string {
  return definition.replace(/^CREATE (?:UNIQUE )?INDEX .*? USING /s, '');
}

/** The name first, since it is what is looked for; then, paler, whose it is and what it is. */
function nameOf({ schema, name, kind, isLocked }: TableFigures, { labels }: StatisticsView, qualified: boolean): HTMLElement {
  const aside = [...(qualified && schema !== 'public' ? [schema] : []), ...(kind === 'table' ? [] : [labels[kind]]), ...(isLocked ? [labels.locked] : [])].join(
    ' · ',
  );
  return element('span', {}, name, ...(aside === '' ? [] : [' ', element('span', { class: 'quiet' }, aside)]));
}

function bar(cell: HTMLElement, share: number): void {
  cell.classList.add('sized');
  cell.style.setProperty('--share', share < 0.04 ? '0' : share.toFixed(4)); // less would be a speck
}
