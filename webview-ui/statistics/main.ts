// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import { formatBytes } from '../../src/protocol/format';
import {
  isStatisticsMessage,
  type ExportFormat,
  type IndexFigures,
  type StatisticsMessage,
  type StatisticsRequest,
  type StatisticsView,
  type TableAction,
  type TableDetail,
  type TableFigures,
} from '../../src/protocol/statistics';
import { checkBox, element, textField } from '../shared/dom';
import { Host } from '../shared/host';
import { Tabs } from '../shared/tabs';
import { button, registerToolkit } from '../shared/toolkit';
import { VirtualGrid } from '../shared/virtualGrid';
import { fill } from '../shared/words';
import { indexColumns, tableColumns } from './columns';
import { tableDetail } from './detail';
import { growthOf } from './growth';
import { readState, type State } from './state';
import { Treemap } from './treemap';

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const host = new Host<StatisticsMessage, StatisticsRequest>(isStatisticsMessage, receive);
let page: Page | undefined;
host.send({ kind: 'ready' });

function receive(message: StatisticsMessage): void {
  if (message.kind === 'statistics') {
    if (page === undefined) page = new Page(message.view);
    else page.show(message.view);
    return;
  }
  if (message.kind === 'failure' && page === undefined) return content.replaceChildren(notice(`${message.message} ${message.remedy}`));
  page?.receive(message);
}

function notice(text: string): HTMLElement {
  return element('div', { class: 'notice', role: 'alert' }, text);
}

/** The whole view. Its parts stay when new figures come, so that nobody is interrupted. */
class Page {
  private state: State = readState(host.state);
  private readonly exact = new Map<number, number>();
  private readonly details = new Map<number, TableDetail>();
  private indexes: readonly IndexFigures[] | undefined;
  private open: TableFigures | undefined;
  private readonly heading = element('h1');
  private readonly subheading = element('p', { class: 'quiet' });
  private readonly notice = element('div', { class: 'notice', role: 'alert' });
  private readonly shown = element('span', { class: 'quiet', role: 'status' });
  private readonly shownIndexes = element('span', { class: 'quiet', role: 'status' });
  private readonly side = element('div', { class: 'side', tabindex: '-1' });
  private readonly growth = element('div', { class: 'tabpanel growth', tabindex: '0' });
  private readonly tables: VirtualGrid<TableFigures>;
  private readonly indexGrid: VirtualGrid<IndexFigures>;
  private readonly nothing: HTMLElement;
  private readonly treemap: Treemap;
  private readonly tabs: Tabs;

  constructor(private view: StatisticsView) {
    const { labels } = view;
    this.treemap = new Treemap(labels, (table) => this.openTable(table));
    this.nothing = element('p', { class: 'empty' }, labels.nothingFits);
    this.tables = new VirtualGrid({
      label: labels.tables,
      columns: tableColumns(view, this.exact),
      keyOf: ({ oid }) => oid,
      order: this.state.order,
      groupOf: ({ schema }) => schema,
      groupDetail: (rows) => `${rows.length.toLocaleString(this.view.language)} · ${formatBytes(totalOf(rows))}`,
      onOrder: (order) => this.change({ order }),
      onOpen: (table) => this.openTable(table),
      onClose: () => this.close(),
    });
    this.indexGrid = new VirtualGrid({
      label: labels.indexes,
      columns: indexColumns(view),
      keyOf: ({ oid }) => oid,
      order: this.state.indexOrder,
      onOrder: (indexOrder) => this.change({ indexOrder }),
      onOpen: ({ tableOid }) => this.openOwner(tableOid),
    });
    this.tabs = new Tabs(labels.tables, [
      { id: 'tables', title: labels.tables, panel: this.tablesPanel() },
      { id: 'indexes', title: labels.indexes, panel: this.indexesPanel() },
      { id: 'growth', title: labels.growth, panel: this.growth },
    ], (id) => this.onTab(id)); // prettier-ignore
    content.replaceChildren(this.header(), this.notice, this.tabs.list, ...this.tabs.panels);
    this.tabs.show(this.state.tab);
    this.show(view);
  }

  /** Takes new figures; what was read of single tables is asked for again. */
  show(view: StatisticsView): void {
    this.view = view;
    this.notice.textContent = '';
    this.heading.textContent = view.heading;
    this.subheading.textContent = view.subheading;
    this.details.clear();
    this.indexes = undefined;
    this.growth.replaceChildren(...growthOf(view));
    this.filter();
    this.treemap.show(view.tables);
    const open = view.tables.find(({ oid }) => oid === this.state.open);
    if (open === undefined) this.close();
    else this.openTable(open);
    if (this.state.tab === 'indexes') host.send({ kind: 'indexes' });
  }

  receive(message: Exclude<StatisticsMessage, { readonly kind: 'statistics' }>): void {
    switch (message.kind) {
      case 'detail':
        this.details.set(message.detail.oid, message.detail);
        return this.drawSide();
      case 'indexes':
        this.indexes = message.indexes;
        return this.filterIndexes();
      case 'count':
        this.exact.set(message.oid, message.rows);
        this.filter();
        return this.drawSide();
      case 'open':
        return this.openOwner(message.oid);
      case 'failure':
        this.notice.textContent = `${message.message} ${message.remedy}`;
    }
  }

  private header(): HTMLElement {
    const { labels } = this.view;
    const exportAs = (format: ExportFormat) => (): void => host.send({ kind: 'export', format, oids: this.tables.sorted.map(({ oid }) => oid) });
    const actions = element(
      'div',
      { class: 'actions' },
      button(labels.refresh, 'secondary', () => host.send({ kind: 'refresh' })),
      button(labels.csvFile, 'secondary', exportAs('csv')),
      button(labels.markdownFile, 'secondary', exportAs('markdown')),
    );
    return element('header', {}, element('div', {}, this.heading, this.subheading), actions);
  }

  private tablesPanel(): HTMLElement {
    const { labels } = this.view;
    const bar = element(
      'div',
      { class: 'bar' },
      textField(labels.filter, this.state.filter, (filter) => this.change({ filter }, () => this.filter())),
      checkBox(labels.bySchema, this.state.bySchema, (bySchema) => this.change({ bySchema }, () => this.filter())),
      this.shown,
    );
    return element('div', { class: 'tabpanel' }, bar, this.nothing, element('div', { class: 'split' }, this.tables.root, this.side));
  }

  private indexesPanel(): HTMLElement {
    const { labels } = this.view;
    const bar = element(
      'div',
      { class: 'bar' },
      textField(labels.filterIndexes, this.state.indexFilter, (indexFilter) => this.change({ indexFilter }, () => this.filterIndexes())),
      checkBox(labels.findingsOnly, this.state.findingsOnly, (findingsOnly) => this.change({ findingsOnly }, () => this.filterIndexes())),
      this.shownIndexes,
    );
    return element('div', { class: 'tabpanel' }, bar, this.indexGrid.root);
  }

  private change(state: Partial<State>, then?: () => void): void {
    this.state = { ...this.state, ...state };
    host.state = this.state;
    then?.();
  }

  private onTab(tab: string): void {
    this.change({ tab });
    if (tab === 'indexes' && this.indexes === undefined) host.send({ kind: 'indexes' });
  }

  private filter(): void {
    const { tables, labels } = this.view;
    const wanted = this.state.filter.trim().toLowerCase();
    const fitting = wanted === '' ? tables : tables.filter(({ schema, name }) => `${schema}.${name}`.toLowerCase().includes(wanted));
    this.tables.use(tableColumns(this.view, this.exact));
    this.tables.show(fitting, this.state.bySchema);
    this.shown.textContent = fill(labels.shown, fitting.length.toLocaleString(this.view.language), tables.length.toLocaleString(this.view.language));
    this.nothing.textContent = tables.length === 0 ? labels.noTables : labels.nothingFits;
    this.nothing.hidden = fitting.length > 0;
    this.tables.root.hidden = fitting.length === 0;
  }

  private filterIndexes(): void {
    const all = this.indexes ?? [];
    const wanted = this.state.indexFilter.trim().toLowerCase();
    const fitting = all.filter(
      ({ name, schema, table, findings }) => (!this.state.findingsOnly || findings.length > 0) && `${schema}.${table} ${name}`.toLowerCase().includes(wanted),
    );
    const { language, labels } = this.view;
    this.indexGrid.show(fitting);
    this.shownIndexes.textContent = fill(labels.shown, fitting.length.toLocaleString(language), all.length.toLocaleString(language));
    this.tabs.count('indexes', all.filter(({ findings }) => findings.length > 0).length);
  }

  private openTable(table: TableFigures): void {
    this.open = table;
    this.change({ open: table.oid });
    this.tables.choose(table.oid);
    this.treemap.choose(table.oid);
    if (!this.details.has(table.oid)) host.send({ kind: 'detail', oid: table.oid });
    this.drawSide();
  }

  private openOwner(oid: number): void {
    const table = this.view.tables.find((each) => each.oid === oid);
    if (table === undefined) return;
    this.tabs.show('tables');
    this.openTable(table);
    this.side.focus();
  }

  private close(): void {
    this.open = undefined;
    this.change({ open: 0 });
    this.tables.choose(undefined);
    this.treemap.choose(undefined);
    this.drawSide();
  }

  private drawSide(): void {
    const { open: table, view, exact } = this;
    if (table === undefined) return this.side.replaceChildren(this.treemap.root);
    const close = (): void => {
      this.close();
      this.tables.focus();
    };
    const top = this.side.scrollTop;
    const run = (action: TableAction): void => host.send({ kind: 'run', action, oid: table.oid });
    this.side.replaceChildren(tableDetail({ view, table, detail: this.details.get(table.oid), exact, run, close }));
    this.side.scrollTop = top;
  }
}

/** Partitions count with the table that they are parts of. */
function totalOf(tables: readonly TableFigures[]): number {
  return tables.reduce((sum, { parent, totalBytes }) => sum + (parent === null ? totalBytes : 0), 0);
}
