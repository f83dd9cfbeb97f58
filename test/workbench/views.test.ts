import assert from 'node:assert/strict';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../lab/chromium';
import { repositoryRoot } from '../lab/paths';
import { ensureVSCode } from '../lab/vscodeInstall';
import { startVSCode, type VSCodeServer } from '../lab/vscodeServer';
import type { Theme } from '../lab/vscodeSettings';
import { Workbench } from '../lab/workbench';
import { startStack, type Stack } from './support/stack';

const view = 'Container Databases';
const themes: readonly Theme[] = ['dark', 'light', 'hc-dark', 'hc-light'];

// Every view in every theme, wide and narrow, as pictures to look at; and that nothing in them breaks.
describe('the views', () => {
  let stack: Stack;
  let browser: Browser;
  let server: VSCodeServer;
  let workbench: Workbench;
  const errors: string[] = [];

  before(async () => {
    stack = await startStack('reims-views');
    browser = await launchChromium();
    const env = { CONTAINER_DATABASES_STATE: path.join(stack.folder, '.state') };
    server = await startVSCode(await ensureVSCode('1.139'), { dataFolder: path.join(stack.folder, '.vscode-server'), extensions: [repositoryRoot], env });
    workbench = await Workbench.open(browser, server, stack.folder, { size: { width: 1400, height: 900 } });
    workbench.page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text()))
        errors.push(`${message.text()} (${message.location().url}:${message.location().lineNumber})`);
    });
    await workbench.openView(view);
    const database = [stack.name, 'postgres', 'reims'];
    await workbench.tree(view).row(database, 60_000);
    await workbench.tree(view).contextMenu(database, 'Back up database');
    await workbench.notifications.waitFor('reims', 60_000);
    await workbench.notifications.clear();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await stack?.remove();
  });

  it('shows what a backup holds', async () => {
    const tree = workbench.tree(view);
    await tree.expand([stack.name, 'postgres', 'Backups']);
    const rows = await tree.rows();
    const backups = rows.findIndex(({ label }) => label === 'Backups');
    const backup = rows[backups + 1];
    assert.ok(backup !== undefined, 'the backup is not in the tree');
    await tree.click([stack.name, 'postgres', 'Backups', backup.label]);
    const page = await workbench.webview('reims');
    await page.getByText('chart_of_accounts').first().waitFor();
    const text = await page.locator('body').innerText();
    assert.match(text, /330/);
    assert.match(text, /[0-9a-f]{64}/);
  });

  // Before the pictures: taking one puts a style into every frame.
  it('loads nothing that its policy forbids', () => {
    assert.deepEqual(errors, []);
  });

  for (const theme of themes) {
    it(`can be looked at in ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.resizeSideBar(300);
      await workbench.screenshot(`${theme} wide`);
      await workbench.resizeSideBar(200);
      await workbench.screenshot(`${theme} narrow`);
    });
  }
});
