import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../lab/process';
import { engineCommand } from '../lab/stacks';
import type { Workbench } from '../lab/workbench';
import { seriousIn } from './support/axe';
import { lookAt, themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const view = 'Databases';

// Whether data survive, tested and looked for: the reports in every theme as pictures to look at, wide and narrow.
describe('persistence', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-persistence');

  before(async () => {
    ({ stack, workbench } = editor());
  });

  after(async () => {
    await engineCommand(['volume', 'rm', `${stack?.name}_before`]);
  });

  const volume = (): readonly string[] => [stack.name, 'postgres', 'postgres-data'];

  it('is tested on a clone, step by step, and the row tells of it', async () => {
    await workbench.tree(view).contextMenu(volume(), 'Test persistence…');
    await workbench.quickPick.waitUntilOpen('Test the persistence of postgres');
    await workbench.quickPick.select('On a clone');
    const page = await workbench.webview('Persistence of');
    await page.getByText('Start a stand-in on the copy').waitFor();
    await workbench.screenshot('persistence test running');
    await page.getByText('The data outlived a restart').waitFor({ timeout: 120_000 });
    assert.equal(await page.locator('li.done').count(), 9);
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole('button', { name: 'Copy as Markdown' }).press('Enter');
    await workbench.notifications.waitFor('copied as Markdown', 10_000);
    await waitFor('the row to tell', async () => /persists/.test((await workbench.tree(view).row(volume())).description));
  });

  it('is looked for where data may have gone, with a way back', async () => {
    const mounts = ['--volume', `${stack.name}_postgres-data:/from:ro`, '--volume', `${stack.name}_before:/to`];
    await engineCommand(['run', '--rm', ...mounts, '--entrypoint', 'cp', 'postgres:17', '-a', '/from/.', '/to']);
    await workbench.tree(view).contextMenu(volume(), 'Find lost data');
    const page = await workbench.webview('Where are the data of postgres');
    await page.getByText('The database "reims" is there').waitFor({ timeout: 60_000 });
    await page.getByText(`The volume ${stack.name}_before holds`).waitFor();
    await page.getByRole('button', { name: 'Bring it into the service…' }).first().press('Enter');
    const dialog = await workbench.dialog();
    assert.match(dialog.text, /Replace all databases of .*postgres by a backup/);
    await dialog.press('Cancel');
    assert.deepEqual(await seriousIn(page), []);
  });

  it('is told in the overview of a database', async () => {
    await workbench.tree(view).click([stack.name, 'postgres', 'reims']);
    const page = await workbench.webview('Overview of reims');
    const card = page.getByRole('region', { name: 'Persistence' });
    await card.getByText('still there').first().waitFor();
    assert.match(await card.innerText(), /Persistent\.[\s\S]*named volume[\s\S]*down -v\s+gone/);
    assert.deepEqual(await seriousIn(page), []);
    await card.scrollIntoViewIfNeeded();
    await workbench.screenshot('overview with persistence');
  });

  it('is mended in the Compose file by quick fixes, which keep every remark', async () => {
    const file = path.join(stack.folder, 'sample', 'compose.yaml');
    await mkdir(path.dirname(file));
    await writeFile(
      file,
      'services:\n  db:\n    image: postgres:17 # the server\n    ports: ["5432:5432"]\n    environment:\n      POSTGRES_PASSWORD: postgres\n',
    );
    await workbench.page.keyboard.press('Control+P');
    await workbench.quickPick.fill('sample/compose.yaml', { accept: false });
    await workbench.quickPick.select('compose.yaml');
    const apply = async (line: string, title: RegExp, expected: string): Promise<void> => {
      await workbench.page.locator('.view-line').filter({ hasText: line }).first().click();
      await workbench.page.keyboard.press('Home');
      await workbench.page.locator('.squiggly-warning, .squiggly-info').first().waitFor();
      const action = workbench.page.locator('.action-widget .monaco-list-row').filter({ hasText: title });
      // The menu closes when the diagnostics of the last edit arrive.
      await waitFor('the fix', async () => {
        if (await action.isVisible()) return true;
        await workbench.page.keyboard.press('Control+.');
        return action.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
      });
      await workbench.screenshot(`quick fixes ${line.replace(/\W+/g, ' ').trim()}`);
      await action.click();
      await workbench.page.locator('.view-line').filter({ hasText: expected }).first().waitFor();
    };
    await apply('ports:', /this computer only/, '127.0.0.1:5432');
    await apply('db:', /named volume/, 'db-data:/var');
    await apply('environment:', /secret file/, 'PASSWORD_FILE');
    await workbench.run('File: Save All Files');
    await waitFor('the file', async () => (await readFile(file, 'utf8')) === mended);
    assert.equal(await readFile(path.join(stack.folder, 'sample/secrets/db-password.txt'), 'utf8'), 'postgres');
    await workbench.screenshot('compose file mended');
  });

  for (const theme of themes) {
    it(`can be read in ${theme}`, () => lookAt(workbench, theme, { 'Persistence of': 'persistence report', 'Where are the data': 'diagnosis' }));
  }
});

const mended = `services:
  db:
    image: postgres:17 # the server
    ports: ["127.0.0.1:5432:5432"]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db-password
    volumes:
      - db-data:/var/lib/postgresql/data
    secrets:
      - db-password

volumes:
  db-data:

secrets:
  db-password:
    file: ./secrets/db-password.txt
`;
