import { formatBytes } from '../../src/protocol/format';
import { type ConstraintFigures, type StatisticsView, type TableAction, type TableDetail, type TableFigures } from '../../src/protocol/statistics';
import { lineChart } from '../shared/chart';
import { element, link, smallTable, type Content } from '../shared/dom';
import { button } from '../shared/toolkit';
import { agoText } from '../shared/words';
import { findingsOf, rowsText, shortDefinition, type ExactRows } from './columns';

interface Settings {
  readonly view: StatisticsView;
  readonly table: TableFigures;
  /** Undefined until it has come. */
  readonly detail: TableDetail | undefined;
  readonly exact: ExactRows;
  readonly run: (action: TableAction) => void;
  readonly close: () => void;
}

/** One table from near: its figures at once, the rest when it has come. */
export function tableDetail(settings: Settings): HTMLElement {
  const { view, table, detail } = settings;
  const { labels } = view;
  const heading = element('div', { class: 'detail-head' }, element('h2', {}, `${table.schema}.${table.name}`), link(labels.close, settings.close));
  const actions = (['analyze', 'vacuum', 'backUp', 'copySql'] as const)
    .filter((action) => canDo(action, table))
    .map((action) => button(labels[action], 'secondary', () => settings.run(action)));
  const near = detail === undefined ? [element('p', { class: 'quiet', role: 'status' }, labels.loading)] : sectionsOf(view, detail);
  return element('div', { class: 'detail' }, heading, element('div', { class: 'actions' }, ...actions), figuresOf(settings), ...near);
}

/** Only tables hold rows that could be backed up by themselves; partitions do so with their table. */
function canDo(action: TableAction, { kind, parent }: TableFigures): boolean {
  if (action === 'backUp') return parent === null && (kind === 'table' || kind === 'partitioned table');
  return action !== 'vacuum' || kind !== 'foreign table';
}

function figuresOf({ view, table, exact, run }: Settings): HTMLElement {
  const { labels, language, now } = view;
  const age = (moment: number | null): string => (moment === null ? labels.never : agoText(moment, now, language));
  const number = (value: number): string => value.toLocaleString(language);
  const rows = exact.has(table.oid) ? [rowsText(view, table, exact)] : [rowsText(view, table, exact), ' ', link(labels.count, () => run('count'))];
  const facts: readonly (readonly [string, readonly Content[]])[] = [
    [labels.rows, rows],
    [labels.total, [formatBytes(table.totalBytes), partsOf(table), legendOf(view, table)]],
    [labels.dead, [number(table.deadRows)]],
    [labels.bloat, [table.bloatBytes === null ? labels.unknown : formatBytes(table.bloatBytes)]],
    [labels.sequentialScans, [number(table.sequentialScans)]],
    [labels.indexScans, [number(table.indexScans)]],
    [labels.vacuumed, [age(table.vacuumedAt)]],
    [labels.analyzed, [age(table.analyzedAt)]],
  ];
  return element('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, ...value)]));
}

function partsOf({ heapBytes, indexBytes, toastBytes }: TableFigures): HTMLElement {
  const parts = ([['heap', heapBytes], ['index', indexBytes], ['toast', toastBytes]] as const).filter(([, bytes]) => bytes > 0); // prettier-ignore
  const bars = parts.map(([name, bytes]) => {
    const part = element('div', { class: name });
    part.style.setProperty('--share', String(bytes));
    return part;
  });
  return element('div', { class: 'parts', 'aria-hidden': 'true' }, ...bars);
}

function legendOf({ labels }: StatisticsView, { heapBytes, indexBytes, toastBytes }: TableFigures): HTMLElement {
  const part = (name: 'heap' | 'index' | 'toast', bytes: number): HTMLElement =>
    element('span', {}, element('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }), `${labels[name]} ${formatBytes(bytes)}`);
  return element('div', { class: 'legend' }, part('heap', heapBytes), part('index', indexBytes), part('toast', toastBytes));
}

function sectionsOf(view: StatisticsView, { columns, indexes, constraints, referencedBy, history }: TableDetail): readonly HTMLElement[] {
  const { labels, language } = view;
  const percent = (share: number | null): string => (share === null ? '–' : `${Math.round(share * 100)} %`);
  const columnRows = columns.map(({ name, type, nullable, default: value, nullShare }) => [
    name,
    element('span', {}, element('span', { class: 'mono' }, type), ...(value === null ? [] : [' ', element('span', { class: 'quiet mono' }, value)])),
    nullable ? percent(nullShare) : labels.required,
  ]);
  const indexRows = indexes.map((index) => [
    element('span', {}, index.name, ' ', element('span', { class: 'quiet mono' }, shortDefinition(index.definition))),
    formatBytes(index.bytes),
    index.scans.toLocaleString(language),
    findingsOf(index, labels),
  ]);
  const keys = constraints.filter(({ kind }) => kind === 'foreign key');
  // Those that say what the columns say already are left out.
  const others = constraints.filter(({ kind }) => kind !== 'foreign key' && kind !== 'not null');
  return [
    ...section(
      labels.columns,
      smallTable(labels.columns, [{ title: labels.column }, { title: labels.type }, { title: labels.nulls, numeric: true }], columnRows),
    ),
    ...(indexRows.length === 0
      ? []
      : section(
          labels.indexes,
          smallTable(
            labels.indexes,
            [{ title: labels.index }, { title: labels.size, numeric: true }, { title: labels.scans, numeric: true }, { title: labels.state }],
            indexRows,
          ),
        )),
    ...constraintSection(labels.foreignKeys, keys, labels),
    ...constraintSection(labels.referencedBy, referencedBy, labels),
    ...constraintSection(labels.constraints, others, labels),
    ...(history.length < 2 ? [] : section(labels.growth, lineChart(history.map(({ at, bytes }) => ({ x: at, y: bytes })), { width: 400, height: 60 }, labels.growth))), // prettier-ignore
  ];
}

function constraintSection(title: string, constraints: readonly ConstraintFigures[], labels: StatisticsView['labels']): readonly HTMLElement[] {
  if (constraints.length === 0) return [];
  const rows = constraints.map(({ name, definition, from, validated }) => [
    from ?? name,
    element(
      'span',
      {},
      element('span', { class: 'mono' }, definition),
      ...(validated ? [] : [' ', element('span', { class: 'badge tone-warning' }, labels.notValidated)]),
    ),
  ]);
  return section(title, smallTable(title, [{ title: labels.name }, { title: labels.definition }], rows), true);
}

function section(title: string, content: HTMLElement | SVGElement, headless = false): readonly HTMLElement[] {
  if (headless) content.querySelector('thead')?.remove();
  return [element('h3', {}, title), element('div', {}, content)];
}
