import type { Locator } from 'playwright-core';
import { waitFor } from './process';

/** One row of a tree or of a quick pick. */
export interface Row {
  readonly label: string;
  /** The paler text behind the label; empty when there is none. */
  readonly description: string;
  /** The second line of a quick pick's item; empty when there is none. */
  readonly detail: string;
  /** The codicon's name; empty when there is none, or another kind of icon. */
  readonly icon: string;
  /** 1 for the top. */
  readonly level: number;
  /** Undefined for a leaf. */
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
}

interface RenderedRow extends Row {
  readonly index: number;
  readonly last: boolean;
}

/** What is used of the browser's elements; the whole DOM library would leak into the extension's code. */
interface ListElement {
  readonly textContent: string | null;
  readonly className: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): ListElement | null;
}

/** A list or tree of the workbench. It renders only the rows in sight, so reading all means scrolling. */
export class VirtualList {
  constructor(private readonly list: Locator) {}

  async waitUntilVisible(): Promise<void> {
    await this.list.waitFor();
  }

  /** All rows, those out of sight too. Leaves the list at its top. */
  async rows(): Promise<readonly Row[]> {
    const found = new Map<number, RenderedRow>();
    await this.scrollToTop();
    for (;;) {
      const rendered = await this.renderedRows();
      for (const row of rendered) found.set(row.index, row);
      if (rendered.some(({ last }) => last) || rendered.length === 0) break;
      await this.scrollBeyond(rendered);
    }
    await this.scrollToTop();
    return [...found.values()].toSorted((a, b) => a.index - b.index).map(({ index: _index, last: _last, ...row }) => row);
  }

  /** Scrolls until the row with this number is rendered, and gives it. */
  async reveal(index: number): Promise<Locator> {
    for (;;) {
      const rendered = await this.renderedRows();
      const row = this.list.locator(`.monaco-list-row[data-index="${index}"]`);
      if (rendered.some((candidate) => candidate.index === index)) {
        await row.scrollIntoViewIfNeeded();
        return row;
      }
      const first = rendered[0]?.index ?? 0;
      if (index < first) await this.scrollToTop();
      else if (rendered.some(({ last }) => last)) throw new Error(`There is no row ${index} in the list any more`);
      else await this.scrollBeyond(rendered);
    }
  }

  async renderedRows(): Promise<readonly RenderedRow[]> {
    const rows = await this.list.locator('.monaco-list-row').evaluateAll((elements: ListElement[]) =>
      elements.map((element) => {
        const text = (selector: string): string => element.querySelector(selector)?.textContent?.trim() ?? '';
        const expanded = element.getAttribute('aria-expanded');
        const icon = element.querySelector('.custom-view-tree-node-item-icon, .quick-input-list-row .codicon');
        return {
          index: Number(element.getAttribute('data-index')),
          last: element.getAttribute('data-last-element') === 'true',
          label: text('.label-name'),
          description: text('.label-description'),
          detail: text('.quick-input-list-label-meta'),
          icon: /codicon-([\w-]+)/.exec(icon?.className ?? '')?.[1] ?? '',
          level: Number(element.getAttribute('aria-level') ?? 1),
          expanded: expanded === null ? undefined : expanded === 'true',
          selected: element.getAttribute('aria-selected') === 'true',
        };
      }),
    );
    return rows.toSorted((a, b) => a.index - b.index);
  }

  private async scrollToTop(): Promise<void> {
    const top = async (): Promise<boolean> => ((await this.renderedRows())[0]?.index ?? 0) === 0;
    if (await top()) return;
    await this.scroll(-1_000_000);
    await waitFor('the list to be at its top', top);
  }

  private async scrollBeyond(rendered: readonly RenderedRow[]): Promise<void> {
    const highest = rendered.at(-1)?.index ?? 0;
    const height = (await this.list.boundingBox())?.height ?? 0;
    await this.scroll(Math.max(22, height - 44));
    await waitFor('the list to scroll', async () => {
      const now = await this.renderedRows();
      return now.some(({ last }) => last) || (now.at(-1)?.index ?? 0) > highest; // it may also have become shorter
    });
  }

  /** Not with playwright's wheel: VS Code scrolls 50 pixels for each of its turns, however long, and the pointer would have to be here. */
  private async scroll(pixels: number): Promise<void> {
    await this.list
      .locator('.monaco-scrollable-element')
      .first()
      .dispatchEvent('wheel', { deltaY: pixels, wheelDeltaY: (-pixels / 50) * 120 });
  }
}
