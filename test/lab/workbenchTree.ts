import type { Locator, Page } from 'playwright-core';
import { waitFor } from './process';
import { VirtualList, type Row } from './workbenchList';

/** A tree view of the side bar, as a user sees and handles it. Rows are named by the labels on the way to them. */
export class Tree {
  private readonly list: VirtualList;

  constructor(
    private readonly page: Page,
    private readonly title: string,
  ) {
    this.list = new VirtualList(page.locator(`.monaco-list[role="tree"][aria-label=${JSON.stringify(title)}]`));
  }

  /** Opens the view in its container, which has to be open. */
  async show(): Promise<void> {
    const header = this.pane().locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** All visible rows from top to bottom, those that need scrolling too; empty while the view shows its welcome text. */
  async rows(): Promise<readonly Row[]> {
    return this.list.rows();
  }

  /** The rows as text, two spaces for each level, `>` before what is closed; good to compare and to print. */
  async text(): Promise<string> {
    const line = ({ level, expanded, label, description }: Row): string =>
      `${'  '.repeat(level - 1)}${expanded === false ? '> ' : ''}${label}${description === '' ? '' : `  ${description}`}`;
    return (await this.rows()).map(line).join('\n');
  }

  /** Waits for the row, opening those above it on the way, and gives it as text. */
  async row(path: readonly string[], timeout?: number): Promise<Row> {
    return (await this.find(path, timeout)).row;
  }

  /** Opens the rows on the way and the last one too. */
  async expand(path: readonly string[], timeout?: number): Promise<void> {
    const { row, index } = await this.find(path, timeout);
    if (row.expanded !== false) return;
    await (await this.list.reveal(index)).locator('.monaco-tl-twistie').click();
    await waitFor(`${path.join(' › ')} to open`, async () => (await this.find(path)).row.expanded === true, timeout);
  }

  async click(path: readonly string[]): Promise<void> {
    await (await this.locate(path)).click();
  }

  /** Gives the row's element, scrolled into sight. */
  async locate(path: readonly string[]): Promise<Locator> {
    return this.list.reveal((await this.find(path)).index);
  }

  /** Presses one of the row's inline buttons, which show while the pointer is over it. */
  async pressAction(path: readonly string[], label: string): Promise<void> {
    const row = await this.locate(path);
    await row.hover();
    await row.getByRole('button', { name: label }).click();
  }

  /** Gives what hovering the row shows. */
  async tooltip(path: readonly string[]): Promise<string> {
    await (await this.locate(path)).hover();
    const hover = this.page.locator('.monaco-hover:visible').last();
    await hover.waitFor();
    return (await hover.innerText()).trim();
  }

  /** Right-clicks the row and gives the labels of its menu, which stays open. */
  async openContextMenu(path: readonly string[]): Promise<readonly string[]> {
    await (await this.locate(path)).click({ button: 'right' });
    const items = this.page.locator('.monaco-menu .action-label:not(.separator)');
    await items.first().waitFor();
    return (await items.allInnerTexts()).map((text) => text.trim());
  }

  /** Right-clicks the row and takes the item of its menu. */
  async contextMenu(path: readonly string[], itemLabel: string): Promise<void> {
    const labels = await this.openContextMenu(path);
    if (!labels.includes(itemLabel)) throw new Error(`The menu of ${path.join(' › ')} has no “${itemLabel}” but ${labels.join(', ')}`);
    const menu = this.page.locator('.monaco-menu');
    // By keyboard, for a menu ignores clicks in its first 100 ms; hovering focuses the item.
    await menu
      .locator('.action-item')
      .filter({ has: this.page.getByText(itemLabel, { exact: true }) })
      .hover();
    await this.page.keyboard.press('Enter');
    await menu.first().waitFor({ state: 'detached' });
  }

  /** What the view shows instead of rows; its buttons are links or buttons in there. */
  welcome(): Locator {
    return this.pane().locator('.welcome-view-content');
  }

  private pane(): Locator {
    return this.page.locator('.pane').filter({ has: this.page.locator(`.pane-header[aria-label=${JSON.stringify(`${this.title} Section`)}]`) });
  }

  private async find(path: readonly string[], timeout?: number): Promise<Found> {
    await this.list.waitUntilVisible();
    const seen = await this.look(path);
    if (seen !== undefined) return seen;
    const parents = path.slice(0, -1);
    if (parents.length > 0) await this.expand(parents, timeout);
    return waitFor(`${path.join(' › ')} in ${this.title}`, () => this.look(path), timeout);
  }

  private async look(path: readonly string[]): Promise<Found | undefined> {
    const rows = await this.rows();
    const index = indexOf(rows, path);
    const row = rows[index];
    return row === undefined ? undefined : { row, index };
  }
}

interface Found {
  readonly row: Row;
  readonly index: number;
}

/** The index of the row that is reached by these labels from the top, or -1. */
function indexOf(rows: readonly Row[], path: readonly string[]): number {
  let depth = 0;
  for (const [index, { level, label }] of rows.entries()) {
    if (level <= depth) depth = level - 1; // left the branch that matched so far
    if (level === depth + 1 && label === path[depth]) {
      depth += 1;
      if (depth === path.length) return index;
    }
  }
  return -1;
}
