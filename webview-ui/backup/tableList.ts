import type { BackupLabels, BackupTable } from '../../src/protocol/backupDetails';
import { element, textField } from '../shared/dom';
import { dataGrid, type Heading } from '../shared/toolkit';

/** Rows that are drawn at most; more are found by the filter. */
const most = 500;

interface Order {
  readonly by: 'name' | 'rows';
  readonly descending: boolean;
}

interface State {
  readonly filter: string;
  readonly order: Order;
}

/** The tables of a backup, sortable and filterable. What the user chose outlives a reload of the view. */
export class TableList {
  private state: State;
  private readonly grid = element('div', { class: 'grid' });
  private readonly count = element('span', { class: 'quiet', role: 'status' });
  private tables: readonly BackupTable[] = [];
  private labels: BackupLabels | undefined;
  private language = 'en';
  private section: HTMLElement | undefined;

  constructor(private readonly store: { state: unknown }) {
    this.state = readState(store.state);
  }

  /** Gives the section; the same one each time, so that typing in the filter is not interrupted. */
  show(tables: readonly BackupTable[], labels: BackupLabels, language: string): HTMLElement {
    this.tables = tables;
    this.labels = labels;
    this.language = language;
    this.section ??= this.build(labels);
    this.draw();
    return this.section;
  }

  private build(labels: BackupLabels): HTMLElement {
    const filter = textField(labels.filter, this.state.filter, (text) => this.change({ ...this.state, filter: text }));
    const bar = element('div', { class: 'bar' }, element('h2', { id: 'tables' }, labels.tables), this.count, filter);
    return element('section', { 'aria-labelledby': 'tables' }, bar, this.grid);
  }

  private change(state: State): void {
    this.state = state;
    this.store.state = state;
    this.draw();
  }

  private draw(): void {
    const { labels } = this;
    if (labels === undefined) return;
    const fitting = sorted(this.tables, this.state);
    const shown = fitting.slice(0, most);
    this.count.textContent = labels.shown.replace('{0}', String(shown.length)).replace('{1}', String(this.tables.length));
    if (shown.length === 0) return this.grid.replaceChildren(element('p', { class: 'quiet' }, labels.nothingFits));
    const rows = shown.map(({ name, rows }) => [name, rows.toLocaleString(this.language)]);
    this.grid.replaceChildren(dataGrid(labels.tables, '1fr 9rem', [this.heading('name', labels.table), this.heading('rows', labels.rows)], rows));
  }

  private heading(by: Order['by'], label: string): Heading {
    const { order } = this.state;
    const current = order.by === by;
    const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' }, current ? (order.descending ? '↓' : '↑') : '');
    const press = element('button', { type: 'button', class: 'sort', 'data-by': by }, ...(by === 'rows' ? [arrow, label] : [label, arrow]));
    press.addEventListener('click', () => {
      // Names are looked for from A, numbers from the largest.
      this.change({ ...this.state, order: { by, descending: current ? !order.descending : by === 'rows' } });
      this.grid.querySelector<HTMLElement>(`[data-by="${by}"]`)?.focus();
    });
    return { content: press, sorted: current ? (order.descending ? 'descending' : 'ascending') : 'none', numeric: by === 'rows' };
  }
}

function sorted(tables: readonly BackupTable[], { filter, order }: State): readonly BackupTable[] {
  const wanted = filter.trim().toLowerCase();
  const compare = (a: BackupTable, b: BackupTable): number => (order.by === 'rows' ? a.rows - b.rows : 0) || a.name.localeCompare(b.name);
  const fitting = tables.filter(({ name }) => name.toLowerCase().includes(wanted)).toSorted(compare);
  return order.descending ? fitting.toReversed() : fitting;
}

/** What an earlier life of the view has kept, as far as it can be used. */
function readState(value: unknown): State {
  const kept = typeof value === 'object' && value !== null ? (value as { filter?: unknown; order?: { by?: unknown; descending?: unknown } }) : {};
  return {
    filter: typeof kept.filter === 'string' ? kept.filter : '',
    order: { by: kept.order?.by === 'name' ? 'name' : 'rows', descending: kept.order?.descending !== false },
  };
}
