import { element, type Content } from './dom';

/** Pixels of a row, as in the style sheet. */
const rowHeight = 24;
/** Rows that are drawn beyond those in sight, on either side. */
const margin = 12;

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** A track of the grid, such as `minmax(8rem, 1fr)`. */
  readonly track: string;
  readonly numeric?: boolean;
  readonly mono?: boolean;
  /** Pixels that the grid must be wide for the column to be shown; always when left out. */
  readonly from?: number;
  readonly cell: (row: Row) => Content;
  /** Decorates the cell's element, where text is not all. */
  readonly decorate?: (cell: HTMLElement, row: Row) => void;
  /** What it is sorted by: texts from A, numbers from the largest; null comes last. */
  readonly value: (row: Row) => string | number | null;
}

export interface Order {
  readonly by: string;
  readonly descending: boolean;
}

interface Settings<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string | number;
  readonly order: Order;
  /** A heading under which rows stand together, where that is wished. */
  readonly groupOf?: (row: Row) => string;
  readonly groupDetail?: (rows: readonly Row[]) => string;
  readonly onOrder: (order: Order) => void;
  readonly onOpen: (row: Row) => void;
  readonly onClose?: () => void;
}

type Item<Row> =
  { readonly kind: 'row'; readonly row: Row } | { readonly kind: 'group'; readonly name: string; readonly detail: string; readonly open: boolean };

let grids = 0;

/** Any number of rows in a box that scrolls; only those in sight are elements. Walked through by keyboard. */
export class VirtualGrid<Row> {
  readonly root: HTMLElement;
  private readonly body = element('div', { class: 'grid-body', role: 'rowgroup' });
  private readonly head = element('div', { class: 'grid-head', role: 'rowgroup' });
  private readonly id = `grid${(grids += 1)}`;
  private readonly drawn = new Map<number, HTMLElement>();
  private readonly closed = new Set<string>();
  private items: readonly Item<Row>[] = [];
  private rows: readonly Row[] = [];
  private shown: readonly Column<Row>[] = [];
  private grouped = false;
  private order: Order;
  private active = 0;
  private chosen: string | number | undefined;

  private columns: readonly Column<Row>[];

  constructor(private readonly settings: Settings<Row>) {
    this.order = settings.order;
    this.columns = settings.columns;
    this.root = element('div', { class: 'grid', role: 'grid', tabindex: '0', 'aria-label': settings.label }, this.head, this.body);
    this.root.addEventListener('scroll', () => this.draw(), { passive: true });
    this.root.addEventListener('keydown', (event) => this.onKey(event));
    this.body.addEventListener('click', ({ target }) => this.onClick(target));
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  /** Shows other rows; where the user stands stays. */
  show(rows: readonly Row[], grouped = false): void {
    this.rows = rows;
    this.grouped = grouped;
    this.arrange();
  }

  /** Takes other columns, where what they show depends on all rows; `show` draws them. */
  use(columns: readonly Column<Row>[]): void {
    this.columns = columns;
  }

  /** Marks a row as the one that is shown elsewhere from near. */
  choose(key: string | number | undefined): void {
    this.chosen = key;
    this.redraw();
  }

  /** The rows in the order in which they are shown, those of closed groups too. */
  get sorted(): readonly Row[] {
    return sortRows(this.rows, this.columns, this.order);
  }

  focus(): void {
    this.root.focus();
  }

  private arrange(): void {
    const sorted = this.sorted;
    const { groupOf, groupDetail } = this.settings;
    this.items = this.grouped && groupOf !== undefined ? this.inGroups(sorted, groupOf, groupDetail) : sorted.map((row) => ({ kind: 'row', row }));
    this.active = Math.max(0, Math.min(this.active, this.items.length - 1));
    this.root.setAttribute('aria-rowcount', String(this.items.length + 1));
    this.body.style.height = `${this.items.length * rowHeight}px`;
    this.fit();
  }

  private inGroups(rows: readonly Row[], groupOf: (row: Row) => string, detail: Settings<Row>['groupDetail']): readonly Item<Row>[] {
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const name = groupOf(row);
      const members = groups.get(name);
      if (members === undefined) groups.set(name, [row]);
      else members.push(row);
    }
    return [...groups].flatMap(([name, members]): readonly Item<Row>[] => {
      const open = !this.closed.has(name);
      const group = { kind: 'group', name, detail: detail?.(members) ?? '', open } as const;
      return [group, ...(open ? members.map((row) => ({ kind: 'row', row }) as const) : [])];
    });
  }

  /** Decides by the width which columns there is room for. */
  private fit(): void {
    const width = this.root.clientWidth;
    if (width === 0) return;
    this.shown = this.columns.filter(({ from = 0 }) => width >= from);
    this.root.style.setProperty('--columns', this.shown.map(({ track }) => track).join(' '));
    this.root.setAttribute('aria-colcount', String(this.shown.length));
    this.drawHead();
    this.redraw();
  }

  private drawHead(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['by'] : undefined;
    const cells = this.shown.map(({ key, title, numeric }) => {
      const current = this.order.by === key;
      const arrow = element('span', { class: 'arrow', 'aria-hidden': 'true' }, current ? (this.order.descending ? '↓' : '↑') : '');
      const press = element('button', { type: 'button', 'data-by': key, title }, ...(numeric === true ? [arrow, title] : [title, arrow]));
      press.addEventListener('click', () => this.sortBy(key));
      const sorted = current ? (this.order.descending ? 'descending' : 'ascending') : 'none';
      return element('div', { role: 'columnheader', 'aria-sort': sorted, class: numeric === true ? 'number' : '' }, press);
    });
    this.head.replaceChildren(element('div', { class: 'grid-row', role: 'row', 'aria-rowindex': '1' }, ...cells));
    if (focused !== undefined) this.head.querySelector<HTMLElement>(`[data-by="${focused}"]`)?.focus();
  }

  private sortBy(by: string): void {
    const column = this.columns.find(({ key }) => key === by);
    const descending = this.order.by === by ? !this.order.descending : column?.numeric === true;
    this.order = { by, descending };
    this.settings.onOrder(this.order);
    this.arrange();
  }

  private redraw(): void {
    this.drawn.clear();
    this.body.replaceChildren();
    this.draw();
  }

  private draw(): void {
    if (this.shown.length === 0) return;
    const first = Math.max(0, Math.floor(this.root.scrollTop / rowHeight) - margin);
    const last = Math.min(this.items.length - 1, Math.ceil((this.root.scrollTop + this.root.clientHeight) / rowHeight) + margin);
    for (const [index, row] of this.drawn) {
      if (index >= first && index <= last) continue;
      row.remove();
      this.drawn.delete(index);
    }
    for (let index = first; index <= last; index += 1) {
      const item = this.items[index];
      if (item === undefined || this.drawn.has(index)) continue;
      const row = this.rowOf(item, index);
      this.drawn.set(index, row);
      this.body.append(row);
    }
    const active = this.drawn.get(this.active);
    if (active === undefined) this.root.removeAttribute('aria-activedescendant');
    else this.root.setAttribute('aria-activedescendant', active.id);
  }

  private rowOf(item: Item<Row>, index: number): HTMLElement {
    const chosen = item.kind === 'row' && this.chosen !== undefined && this.settings.keyOf(item.row) === this.chosen;
    const classes = [
      'grid-row',
      item.kind === 'group' ? 'group' : this.grouped ? 'indented' : '',
      index === this.active ? 'active' : '',
      chosen ? 'chosen' : '',
    ];
    const attributes = {
      role: 'row',
      id: `${this.id}-${index}`,
      class: classes.filter(Boolean).join(' '),
      'aria-rowindex': String(index + 2),
      'data-index': String(index),
      'aria-selected': chosen ? 'true' : '',
      'aria-expanded': item.kind === 'group' ? String(item.open) : '',
    };
    const row = element('div', attributes, ...(item.kind === 'group' ? this.groupCells(item) : this.shown.map((column) => cellOf(column, item.row))));
    row.style.top = `${index * rowHeight}px`;
    return row;
  }

  private groupCells({ name, detail, open }: Item<Row> & { readonly kind: 'group' }): readonly HTMLElement[] {
    const twistie = element('span', { class: 'twistie', 'aria-hidden': 'true' }, open ? '▾' : '▸');
    const cell = element(
      'div',
      { role: 'gridcell', 'aria-colspan': String(this.shown.length) },
      twistie,
      name,
      ' ',
      element('span', { class: 'quiet' }, detail),
    );
    cell.style.gridColumn = '1 / -1';
    return [cell];
  }

  private onClick(target: EventTarget | null): void {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    if (row === null) return;
    this.active = Number(row.dataset['index']);
    this.root.focus();
    this.open();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.root || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.root.clientHeight / rowHeight) - 2);
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const move = moves[event.key];
    if (move !== undefined) this.moveTo(this.active + move);
    else if (event.key === 'Enter' || event.key === ' ') this.open();
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') this.toggle(event.key === 'ArrowRight');
    else if (event.key === 'Escape') this.settings.onClose?.();
    else return;
    event.preventDefault();
  }

  private moveTo(index: number): void {
    this.active = Math.max(0, Math.min(index, this.items.length - 1));
    const top = this.active * rowHeight;
    const room = this.root.clientHeight - this.head.offsetHeight;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top + rowHeight > this.root.scrollTop + room) this.root.scrollTop = top + rowHeight - room;
    this.redraw();
  }

  private open(): void {
    const item = this.items[this.active];
    if (item?.kind === 'group') this.toggle(!item.open);
    else if (item !== undefined) this.settings.onOpen(item.row);
    this.redraw();
  }

  private toggle(open: boolean): void {
    const item = this.items[this.active];
    if (item?.kind !== 'group' || item.open === open) return;
    if (open) this.closed.delete(item.name);
    else this.closed.add(item.name);
    this.arrange();
  }
}

function cellOf<Row>({ numeric, mono, cell, decorate }: Column<Row>, row: Row): HTMLElement {
  const content = cell(row);
  const text = typeof content === 'string' ? content : (content.textContent ?? '');
  const made = element(
    'div',
    { role: 'gridcell', class: [numeric === true ? 'number' : '', mono === true ? 'mono' : ''].join(' ').trim(), title: text.length > 12 ? text : '' },
    content,
  );
  decorate?.(made, row);
  return made;
}

/** Rows by one of the columns; where they are alike there, in the order in which they came. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], { by, descending }: Order): readonly Row[] {
  const value = columns.find(({ key }) => key === by)?.value;
  if (value === undefined) return rows;
  const direction = descending ? -1 : 1;
  const names = new Intl.Collator(undefined, { numeric: true });
  return rows.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return direction * (typeof one === 'number' && typeof other === 'number' ? one - other : names.compare(String(one), String(other)));
  });
}
