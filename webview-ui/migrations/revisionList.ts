import type { GraphRow, MigrationHistory, MigrationLabels } from '../../src/protocol/migrationGraph';
import { element } from '../shared/dom';

const rowHeight = 28;
const laneWidth = 14;
/** Lanes that are drawn at most; beyond, the graph would leave no room for the words. */
const mostLanes = 16;
/** Rows that are drawn above and below what can be seen. */
const margin = 12;
const svgSpace = 'http://www.w3.org/2000/svg';

/** All revisions as rows of one height, of which only those in sight are in the page; the graph is drawn row by row. */
export class RevisionList {
  private readonly spacer = element('div', { class: 'spacer' });
  readonly element = element('div', { class: 'list', role: 'listbox', tabindex: '0' }, this.spacer);
  private rows: readonly GraphRow[] = [];
  private labels: MigrationLabels | undefined;
  private lanes = 1;
  private isFiltered = false;
  private drawn = '';
  private selected: string | undefined;

  constructor(
    private readonly onSelect: (row: GraphRow) => void,
    private readonly onOpen: (row: GraphRow) => void,
  ) {
    this.element.addEventListener('scroll', () => requestAnimationFrame(() => this.draw()), { passive: true });
    this.element.addEventListener('keydown', (event) => this.press(event));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get selection(): GraphRow | undefined {
    return this.rows.find(({ id }) => id === this.selected);
  }

  /** Shows these rows; lines between them make sense only when none is left out. */
  show({ lanes, labels }: MigrationHistory, rows: readonly GraphRow[], isFiltered: boolean): void {
    this.rows = rows;
    this.labels = labels;
    this.lanes = Math.min(lanes, mostLanes);
    this.isFiltered = isFiltered;
    this.drawn = '';
    this.element.setAttribute('aria-label', labels.revisions);
    this.spacer.style.height = `${rows.length * rowHeight}px`;
    this.draw();
  }

  /** Selects a row, and brings it into sight. */
  select(id: string | undefined): void {
    const index = this.rows.findIndex((row) => row.id === id);
    const row = this.rows[index];
    if (row === undefined) return;
    this.selected = row.id;
    const top = index * rowHeight;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + rowHeight - clientHeight;
    this.drawn = '';
    this.draw();
    this.onSelect(row);
  }

  private press(event: KeyboardEvent): void {
    const at = this.rows.findIndex(({ id }) => id === this.selected);
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.rows.length - 1,
    };
    const wanted = moves[event.key];
    const row = this.rows[at];
    if (event.key === 'Enter' && row !== undefined) this.onOpen(row);
    else if (wanted === undefined) return;
    else this.select(this.rows[Math.min(Math.max(wanted, 0), this.rows.length - 1)]?.id);
    event.preventDefault();
  }

  private draw(): void {
    const { labels } = this;
    if (labels === undefined) return;
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - margin);
    const last = Math.min(this.rows.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / rowHeight) + margin);
    if (this.drawn === `${first} ${last}`) return;
    this.drawn = `${first} ${last}`;
    const made = this.rows.slice(first, last).map((row, index) => this.row(row, first + index, labels));
    this.spacer.replaceChildren(...made);
    const at = this.rows.findIndex(({ id }) => id === this.selected);
    if (at >= first && at < last) this.element.setAttribute('aria-activedescendant', `row-${at}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  private row(row: GraphRow, index: number, labels: MigrationLabels): HTMLElement {
    const { id, name, date, state, isHead, risk } = row;
    const badges = [
      ...(isHead ? [element('span', { class: 'badge head' }, labels.head)] : []),
      ...(state === 'applied' ? [] : [element('span', { class: `badge ${state}` }, labels.states[state])]),
      ...row.labels.map((label) => element('span', { class: 'badge label' }, label)),
      ...(risk === undefined ? [] : [element('span', { class: `badge risk ${risk.level}`, title: risk.sentence }, risk.word)]),
    ];
    const isSelected = id === this.selected;
    const made = element(
      'div',
      {
        id: `row-${index}`,
        class: `row ${state}`,
        role: 'option',
        'aria-selected': String(isSelected),
        'aria-posinset': String(index + 1),
        'aria-setsize': String(this.rows.length),
      },
      this.graph(row, this.rows[index - 1]),
      element('span', { class: 'code' }, id),
      element('span', { class: 'name' }, element('span', { class: 'text' }, name), ...badges),
      element('span', { class: 'quiet date' }, date.slice(0, 16)),
    );
    made.style.top = `${index * rowHeight}px`;
    made.addEventListener('click', () => {
      this.element.focus({ preventScroll: true });
      this.select(id);
    });
    made.addEventListener('dblclick', () => this.onOpen(row));
    return made;
  }

  /** The part of the graph that lies in a row: lines that arrive from above, the revision, lines that go on. */
  private graph(row: GraphRow, above: GraphRow | undefined): Element {
    const svg = svgElement('svg', { class: 'graph', width: String(this.lanes * laneWidth + 6), height: String(rowHeight), 'aria-hidden': 'true' });
    const x = (lane: number): number => Math.min(lane, mostLanes - 1) * laneWidth + 10;
    const middle = rowHeight / 2;
    if (!this.isFiltered) {
      for (const { to, isDependency } of above?.lines ?? []) svg.append(line(`M${x(to)} 0V${middle}`, isDependency, to));
      for (const { from, to, isDependency } of row.lines) {
        // A line that passes goes on where it is; one that begins here bends on its way.
        const bend =
          from === to ? `M${x(from)} ${middle}V${rowHeight}` : `M${x(from)} ${middle}C${x(from)} ${rowHeight} ${x(to)} ${middle} ${x(to)} ${rowHeight}`;
        svg.append(line(bend, isDependency, to));
      }
    }
    const shape = row.parents.length > 1 ? { rx: '1.5' } : { rx: '5' };
    svg.append(
      svgElement('rect', {
        ...shape,
        class: `node ${row.state} lane${row.lane % 6}`,
        x: String(x(row.lane) - 4.5),
        y: String(middle - 4.5),
        width: '9',
        height: '9',
      }),
    );
    return svg;
  }
}

function line(path: string, isDependency: boolean, lane: number): Element {
  return svgElement('path', { d: path, class: `line lane${lane % 6}${isDependency ? ' dependency' : ''}` });
}

function svgElement(name: string, attributes: Readonly<Record<string, string>>): Element {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
