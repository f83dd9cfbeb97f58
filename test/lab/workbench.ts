import path from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { repositoryRoot } from './paths';
import { step, waitFor } from './process';
import type { OpenOptions, VSCodeServer } from './vscodeServer';
import { themes, type Theme } from './vscodeSettings';
import { Notifications, QuickInput, readDialog, type Dialog } from './workbenchOverlays';
import { Tree } from './workbenchTree';

export interface WorkbenchOptions extends OpenOptions {
  readonly size?: { readonly width: number; readonly height: number };
}

const themeClasses: Readonly<Record<Theme, string>> = { dark: 'vs-dark', light: 'vs', 'hc-dark': 'hc-black', 'hc-light': 'hc-light' };

// Tells about the test's browser and keyboard, not about the product.
const hiddenInScreenshots = '#status\\.workbench\\.keyboardLayout, #status\\.forwardedPorts { display: none !important }';

/** A VS Code window, handled as its user does. Everything waits for what it needs, up to the page's timeout of 30 s. */
export class Workbench {
  readonly quickPick: QuickInput;
  /** The same box as `quickPick`, for input boxes. */
  readonly input: QuickInput;
  readonly notifications: Notifications;

  private constructor(
    readonly page: Page,
    private readonly server: VSCodeServer,
  ) {
    this.quickPick = new QuickInput(page);
    this.input = this.quickPick;
    this.notifications = new Notifications(page);
  }

  /** Opens a folder in a window of its own, and waits until everything is restored and extensions are known. */
  static async open(browser: Browser, server: VSCodeServer, folder: string, options: WorkbenchOptions = {}): Promise<Workbench> {
    return step(`opened the workbench of VS Code ${server.install.version}`, async () => {
      const page = await browser.newPage({ viewport: options.size ?? { width: 1280, height: 800 } });
      await page.goto(server.url(folder, options), { waitUntil: 'commit' });
      const marks = ['code/didStartWorkbench', 'code/didLoadExtensions'];
      await page.waitForFunction(`${JSON.stringify(marks)}.every((name) => performance.getEntriesByName(name).length > 0)`);
      return new Workbench(page, server);
    });
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  /** Takes a command of the palette by its full title, “Category: Title”. */
  async run(commandTitle: string): Promise<void> {
    await this.quickPick.runCommand(commandTitle);
  }

  /** Opens a container of the activity bar. */
  async openView(activityBarTitle: string): Promise<void> {
    const name = JSON.stringify(activityBarTitle);
    const item = this.page.locator('.activitybar .action-item').filter({
      has: this.page.locator(`.action-label[aria-label=${name}], .action-label[aria-label^=${JSON.stringify(`${activityBarTitle} `)}]`),
    });
    await item.waitFor();
    if (!((await item.getAttribute('class')) ?? '').includes('checked')) await item.click();
    await this.page.locator('.part.sidebar .composite.title').filter({ hasText: activityBarTitle }).waitFor();
  }

  /** A tree view of the open container, by its title. */
  tree(viewTitle: string): Tree {
    return new Tree(this.page, viewTitle);
  }

  statusBarItem(text: string): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  /** Waits for a modal dialog. */
  async dialog(): Promise<Dialog> {
    return readDialog(this.page);
  }

  /** The page inside a webview editor; brings its tab to the front if none with that title is. */
  async webview(title: string): Promise<FrameLocator> {
    const tab = this.page.locator('.editor-group-container .tab').filter({ hasText: title });
    await tab.first().waitFor();
    if ((await this.page.locator('.editor-group-container.active .tab.active').filter({ hasText: title }).count()) === 0) await tab.first().click();
    const holder = this.page.locator('.editor-group-container.active [id^="webview-editor-element-"]');
    const name = await waitFor(`the webview ${title}`, async () => (await holder.getAttribute('aria-flowto')) ?? undefined);
    return this.page.frameLocator(`iframe.webview[name="${name}"]`).frameLocator('#active-frame');
  }

  /** What the front terminal shows. */
  async terminalText(): Promise<string> {
    const rows = await this.page.locator('.terminal-wrapper.active .xterm-rows > div').allInnerTexts();
    return rows
      .map((row) => row.replaceAll('\u00a0', ' ').trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** What has been written to an output channel in all windows of this server; channels and log channels alike. */
  async outputText(channel: string): Promise<string> {
    const names = await readdir(this.server.logsFolder, { recursive: true });
    const files = names.filter((name) => path.basename(name).replace(/^\d+-/, '') === `${channel}.log`).toSorted();
    const texts = files.map(async (name) => readFile(path.join(this.server.logsFolder, name), 'utf8'));
    return (await Promise.all(texts)).join('');
  }

  /** Through the palette, for a change of the settings file is not always noticed. */
  async setTheme(theme: Theme): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.quickPick.select(themes[this.server.install.version][theme].label);
    await this.page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor();
  }

  /** Makes the side bar this many pixels wide, by dragging its edge. */
  async resizeSideBar(width: number): Promise<void> {
    const bar = this.page.locator('.part.sidebar');
    const box = await bar.boundingBox();
    if (box === null) throw new Error('The side bar is hidden');
    const sashes = await this.page.locator('.monaco-sash.vertical:not(.disabled)').all();
    const edges = (await Promise.all(sashes.map((sash) => sash.boundingBox()))).flatMap((edge) => edge ?? []);
    const distance = (edge: { readonly x: number }): number => Math.abs(edge.x - box.x - box.width);
    const edge = edges.toSorted((a, b) => distance(a) - distance(b))[0];
    if (edge === undefined) throw new Error('The side bar has no edge to drag');
    const y = edge.y + edge.height / 2;
    const start = edge.x + edge.width / 2;
    await this.page.mouse.move(start, y);
    await this.page.mouse.down();
    await this.page.mouse.move(start + width - box.width, y, { steps: 5 });
    await this.page.mouse.up();
    await waitFor(`the side bar to be ${width} px wide`, async () => Math.abs(((await bar.boundingBox())?.width ?? 0) - width) < 8, 5000);
  }

  /** Takes a picture into test/screenshots/<version>/, the pointer out of the way unless a tooltip is to be seen. Gives its path. */
  async screenshot(name: string, options: { readonly keepPointer?: boolean } = {}): Promise<string> {
    if (!(options.keepPointer ?? false)) {
      const size = this.page.viewportSize();
      await this.page.mouse.move((size?.width ?? 0) / 2, (size?.height ?? 0) - 1);
      await waitFor('tooltips to go', async () => (await this.page.locator('.monaco-hover:visible').count()) === 0);
    }
    const file = path.join(repositoryRoot, 'test/screenshots', this.server.install.version, `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled', caret: 'hide', style: hiddenInScreenshots });
    return file;
  }
}
