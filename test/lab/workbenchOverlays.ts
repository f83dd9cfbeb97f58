import { errors, type Locator, type Page } from 'playwright-core';
import { waitFor } from './process';
import { VirtualList, type Row } from './workbenchList';

/** The box at the top of the window: command palette, quick pick and input box are all the same. */
export class QuickInput {
  private readonly widget: Locator;
  private readonly list: VirtualList;

  constructor(private readonly page: Page) {
    this.widget = page.locator('.quick-input-widget:visible');
    this.list = new VirtualList(this.widget.locator('.quick-input-list .monaco-list'));
  }

  /** Waits until the box is open, with that title or placeholder if one is given. */
  async waitUntilOpen(titleOrPlaceholder?: string): Promise<void> {
    await this.widget.waitFor();
    if (titleOrPlaceholder === undefined) return;
    const title = this.widget.locator('.quick-input-title').filter({ hasText: titleOrPlaceholder });
    await title.or(this.widget.getByPlaceholder(titleOrPlaceholder)).first().waitFor();
  }

  async items(): Promise<readonly Row[]> {
    await this.list.waitUntilVisible();
    return this.list.rows();
  }

  /** Takes the item with this label; waits until it is there. */
  async select(label: string): Promise<void> {
    await (await this.item(label)).click();
  }

  /** Ticks the items with these labels, where several can be chosen; `accept` ends it. */
  async check(labels: readonly string[]): Promise<void> {
    for (const label of labels) await (await this.item(label)).locator('.quick-input-list-checkbox, .monaco-checkbox').first().click();
  }

  /** Types into the box and, unless told otherwise, presses Enter. */
  async fill(text: string, options: { readonly accept?: boolean } = {}): Promise<void> {
    await this.waitUntilOpen();
    await this.box().fill(text);
    if (options.accept ?? true) await this.accept();
  }

  async accept(): Promise<void> {
    await this.box().press('Enter');
  }

  async cancel(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** What stands under the box: the prompt, or why the text is not accepted. */
  async message(): Promise<string> {
    return (await this.widget.locator('.quick-input-message').innerText()).trim();
  }

  /** Takes a command of the palette by its full title, “Category: Title”. One that is not there yet is waited for. */
  async runCommand(title: string): Promise<void> {
    await waitFor(`the command “${title}”`, async () =>
      this.tryCommand(title).catch(async (error: unknown) => {
        if (!(error instanceof errors.TimeoutError)) throw error;
        if (await this.widget.isVisible()) await this.cancel();
        return false;
      }),
    );
  }

  /** Gives up early, for an editor or webview that opens late takes the focus, which closes the palette. */
  private async tryCommand(title: string): Promise<true> {
    const patience = { timeout: 3000 };
    await this.page.keyboard.press('F1');
    await this.widget.waitFor(patience);
    await this.box().fill(`>${title}`, patience);
    await this.rowLabelled(title).click(patience);
    return true;
  }

  private box(): Locator {
    return this.widget.locator('.quick-input-box input');
  }

  private rowLabelled(label: string): Locator {
    const exact = this.page.locator('.quick-input-list-row:first-child .label-name').getByText(label, { exact: true });
    return this.widget.locator('.monaco-list-row').filter({ has: exact }).first();
  }

  private async item(label: string): Promise<Locator> {
    await this.list.waitUntilVisible();
    const index = await waitFor(`the item “${label}”`, async () => {
      const found = (await this.list.rows()).findIndex((row) => row.label === label);
      return found < 0 ? undefined : found;
    });
    return this.list.reveal(index);
  }
}

/** A message box in the corner. VS Code shows three at a time, and hides them after ten seconds or more. */
export interface Notification {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly buttons: readonly string[];
}

export class Notifications {
  constructor(private readonly page: Page) {}

  /** Those that show at the moment. */
  async all(): Promise<readonly Notification[]> {
    return Promise.all((await this.items().all()).map(read));
  }

  /** Waits for one that contains this text. */
  async waitFor(text: string, timeout?: number): Promise<Notification> {
    const item = this.items().filter({ hasText: text }).first();
    await item.waitFor(timeout === undefined ? {} : { timeout });
    return read(item);
  }

  /** Presses a button of the one that contains this text, when it has come. */
  async press(text: string, button: string): Promise<void> {
    const item = this.items().filter({ hasText: text }).first();
    await item.hover(); // which also keeps it from hiding
    await item.getByRole('button', { name: button, exact: true }).click();
  }

  /** Closes all, those in the bell’s list too. */
  async clear(): Promise<void> {
    await new QuickInput(this.page).runCommand('Notifications: Clear All Notifications');
    await waitFor('the notifications to go', async () => (await this.items().count()) === 0);
  }

  private items(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item');
  }
}

async function read(item: Locator): Promise<Notification> {
  const icon = (await item.locator('.notification-list-item-icon').getAttribute('class')) ?? '';
  return {
    severity: icon.includes('error') ? 'error' : icon.includes('warning') ? 'warning' : 'info',
    message: (await item.locator('.notification-list-item-message').innerText()).trim(),
    buttons: await item.locator('.notification-list-item-buttons-container .monaco-button').allInnerTexts(),
  };
}

/** A modal dialog. */
export interface Dialog {
  readonly text: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  /** Presses the button and waits until the dialog is gone. */
  press(button: string): Promise<void>;
}

/** Waits for a modal dialog. */
export async function readDialog(page: Page): Promise<Dialog> {
  const box = page.locator('.monaco-dialog-box');
  await box.waitFor();
  return {
    text: (await box.locator('.dialog-message-text').innerText()).trim(),
    detail: (await box.locator('.dialog-message-detail').innerText()).trim(),
    buttons: await box.locator('.dialog-buttons .monaco-button').allInnerTexts(),
    press: async (button) => {
      await box.locator('.dialog-buttons').getByRole('button', { name: button, exact: true }).click();
      await box.waitFor({ state: 'hidden' });
    },
  };
}
