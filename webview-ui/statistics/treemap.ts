import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from 'd3-hierarchy';
import { formatBytes } from '../../src/protocol/format';
import type { StatisticsLabels, TableFigures } from '../../src/protocol/statistics';
import { element } from '../shared/dom';
import { fill } from '../shared/words';

/** Tables that have a tile of their own at most; what is smaller stands together. */
const mostTiles = 120;
/** The share of the heap that may be dead or empty before a tile says so. */
const wasteful = 0.2;

interface Tile {
  readonly name: string;
  readonly table?: TableFigures;
  readonly bytes?: number;
  readonly children?: readonly Tile[];
}

type Placed = HierarchyRectangularNode<Tile>;

/** The sizes of tables as areas. One tile is reached by Tab, the others from it by arrow keys. */
export class Treemap {
  readonly root: HTMLElement;
  private readonly tiles: HTMLElement;
  private tables: readonly TableFigures[] = [];
  private placed: readonly { readonly node: Placed; readonly tile: HTMLElement }[] = [];
  private chosen: number | undefined;

  constructor(
    private readonly labels: StatisticsLabels,
    private readonly onOpen: (table: TableFigures) => void,
  ) {
    this.tiles = element('div', { class: 'tiles', role: 'group', 'aria-label': labels.treemap });
    const hint = element(
      'div',
      { class: 'legend' },
      element('span', {}, element('span', { class: 'swatch wasteful', 'aria-hidden': 'true' }), labels.treemapHint),
    );
    this.root = element('div', { class: 'treemap' }, this.tiles, hint);
    this.tiles.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.tiles);
  }

  show(tables: readonly TableFigures[]): void {
    this.tables = tables;
    this.draw();
  }

  choose(oid: number | undefined): void {
    this.chosen = oid;
    for (const { node, tile } of this.placed) tile.classList.toggle('chosen', node.data.table !== undefined && node.data.table.oid === oid);
  }

  private draw(): void {
    // Without fractions of a pixel, which would cut the last edges off.
    const room = this.tiles.getBoundingClientRect();
    const [width, height] = [Math.floor(room.width), Math.floor(room.height)];
    if (width === 0 || height === 0) return;
    const data = tilesOf(this.tables, this.labels.others);
    const several = (data.children?.length ?? 0) > 1;
    const root = hierarchy<Tile>(data, ({ children }) => children).sum(({ bytes = 0 }) => bytes);
    const layout = treemap<Tile>().tile(treemapSquarify).size([width, height]).round(true).paddingInner(2);
    const placed = layout.paddingTop((node) => (several && node.depth === 1 ? 17 : 0))(root);
    const focused = this.placed.findIndex(({ tile }) => tile === document.activeElement);
    const total = root.value ?? 0;
    const largest = Math.max(1, ...placed.leaves().map(({ value = 0 }) => value));
    this.placed = placed.leaves().map((node) => ({ node, tile: this.tileOf(node, total, largest) }));
    const names = several ? (placed.children ?? []).map(schemaName) : [];
    this.tiles.replaceChildren(...names, ...this.placed.map(({ tile }) => tile));
    this.placed[Math.max(0, focused)]?.tile.setAttribute('tabindex', '0');
    if (focused >= 0) this.placed[focused]?.tile.focus();
    this.choose(this.chosen);
  }

  private tileOf(node: Placed, total: number, largest: number): HTMLElement {
    const { table, name } = node.data;
    const bytes = node.value ?? 0;
    const [width, height] = [node.x1 - node.x0, node.y1 - node.y0];
    const share = total === 0 ? 0 : bytes / total;
    const percent = `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
    const label = [`${name} ${formatBytes(bytes)}`, ...(table === undefined ? [] : [table.schema]), percent].join(', ');
    const words = [
      ...(width > 36 && height > 18 ? [element('span', {}, name)] : []),
      ...(width > 44 && height > 36 ? [' ', element('small', {}, formatBytes(bytes))] : []),
    ];
    const classes = ['tile', table === undefined ? 'rest' : '', table !== undefined && isWasteful(table) ? 'wasteful' : ''].filter(Boolean).join(' ');
    const tile = element('button', { type: 'button', class: classes, tabindex: '-1', 'aria-label': label, title: label }, ...words);
    place(tile, node);
    tile.style.setProperty('--weight', (bytes / largest).toFixed(3));
    if (table !== undefined) tile.addEventListener('click', () => this.onOpen(table));
    return tile;
  }

  private onKey(event: KeyboardEvent): void {
    const directions: Readonly<Record<string, readonly [number, number]>> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const direction = directions[event.key];
    const present = this.placed.find(({ tile }) => tile === document.activeElement);
    if (direction === undefined || present === undefined) return;
    const next = this.nearest(present.node, direction);
    event.preventDefault();
    if (next === undefined) return;
    present.tile.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }

  /** The tile that lies in a direction, by how far its middle is; what lies aside counts double. */
  private nearest(from: Placed, [x, y]: readonly [number, number]): HTMLElement | undefined {
    const distance = (to: Placed): number => {
      const [dx, dy] = [middle(to.x0, to.x1) - middle(from.x0, from.x1), middle(to.y0, to.y1) - middle(from.y0, from.y1)];
      const along = dx * x + dy * y;
      return along <= 1 ? Infinity : along + 2 * Math.abs(dx * y + dy * x);
    };
    const [best] = this.placed.map((each) => ({ ...each, far: distance(each.node) })).toSorted((a, b) => a.far - b.far);
    return best === undefined || best.far === Infinity ? undefined : best.tile;
  }
}

function tilesOf(tables: readonly TableFigures[], others: string): Tile {
  const filled = tables.filter(({ parent, totalBytes }) => parent === null && totalBytes > 0).toSorted((a, b) => b.totalBytes - a.totalBytes);
  const rest = filled.slice(mostTiles);
  const schemas = new Map<string, Tile[]>();
  for (const table of filled.slice(0, mostTiles)) {
    const tile = { name: table.name, table, bytes: table.totalBytes };
    const members = schemas.get(table.schema);
    if (members === undefined) schemas.set(table.schema, [tile]);
    else members.push(tile);
  }
  const bytes = rest.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const remaining = rest.length === 0 ? [] : [{ name: fill(others, rest.length), children: [{ name: fill(others, rest.length), bytes }] }];
  return { name: '', children: [...[...schemas].map(([name, children]) => ({ name, children })), ...remaining] };
}

function isWasteful({ rows, deadRows, bloatBytes, heapBytes }: TableFigures): boolean {
  const dead = rows !== null && deadRows > wasteful * (rows + deadRows) && deadRows > 100;
  return dead || (bloatBytes !== null && heapBytes > 200_000 && bloatBytes > 2 * wasteful * heapBytes);
}

function schemaName(node: Placed): HTMLElement {
  const name = element('div', { class: 'tile-schema', 'aria-hidden': 'true' }, node.data.name);
  place(name, node);
  name.style.height = '16px';
  return name;
}

function place({ style }: HTMLElement, { x0, x1, y0, y1 }: Placed): void {
  style.left = `${x0}px`;
  style.top = `${y0}px`;
  style.width = `${Math.max(0, x1 - x0)}px`;
  style.height = `${Math.max(0, y1 - y0)}px`;
}

function middle(from: number, to: number): number {
  return (from + to) / 2;
}
