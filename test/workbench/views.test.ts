import assert from 'node:assert/strict';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readManifest, writeManifest, type Manifest } from '../../src/backup/manifest';
import { waitFor } from '../lab/process';
import type { Workbench } from '../lab/workbench';
import { themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const view = 'Databases';

// Every view in every theme, wide and narrow, as pictures to look at; and that nothing in them breaks.
describe('the views', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-views');

  before(async () => {
    ({ stack, workbench } = editor());
    const database = [stack.name, 'postgres', 'reims'];
    await workbench.tree(view).row(database, 60_000);
    await workbench.tree(view).contextMenu(database, 'Back up database');
    await workbench.notifications.waitFor('Backed up "reims"', 60_000);
    await workbench.notifications.clear();
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

  it('shows all backups by database, with their proof', async () => {
    await makeOthers(path.join(stack.folder, 'backups'));
    const tree = workbench.tree('Backups');
    await tree.expand(['reims']);
    await tree.expand(['Not made here']);
    // Others on this machine may have backups too; those of the workspace come first.
    const icons = ['database', 'pass', 'verified-filled', 'check', 'circle-outline', 'pass', 'database', 'pass'];
    await waitFor('all of the workspace', async () => {
      const shown = (await tree.rows()).map(({ icon }) => icon);
      return shown.slice(0, icons.length).join() === icons.join();
    });
    assert.ok((await tree.rows()).some(({ label, icon }) => label === 'found.sql' && icon === 'question'));
  });

  // Before the pictures: taking one puts a style into every frame.
  it('loads nothing that its policy forbids', () => {
    assert.deepEqual(editor().refusals, []);
  });

  // After the look at what was refused: the page of the editor itself asks for things that it may not have.
  it('leads a new user from nothing to the first restore', async () => {
    await workbench.run('Welcome: Open Walkthrough...');
    await workbench.quickPick.select('Look after the databases in your containers');
    const page = workbench.page.locator('.gettingStartedContainer');
    const titles = page.locator('.gettingStartedDetailsContent .step-title');
    await titles.first().waitFor();
    assert.deepEqual(await titles.allInnerTexts(), [
      'Find your databases',
      'Back one up',
      'Bring it back',
      'Know that the data survive',
      'Have it done every night',
    ]);
    await page.getByText('Bring it back').first().click();
    await page.getByRole('button', { name: 'Restore a database' }).waitFor();
    await workbench.screenshot('walkthrough');
    await workbench.run('View: Close Editor');
  });

  it('compares two backups', async () => {
    await workbench.tree('Backups').contextMenu(['reims', '4 h ago'], 'Compare with another backup…');
    await workbench.quickPick.waitUntilOpen('Compare with which backup');
    await workbench.screenshot('compare with');
    await workbench.quickPick.select('9 h ago');
    await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'Two' }).first().waitFor();
    await workbench.screenshot('comparison');
  });

  for (const theme of themes) {
    it(`can be looked at in ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.resizeSideBar(300);
      await workbench.screenshot(`${theme} wide`);
      await workbench.resizeSideBar(200);
      await workbench.screenshot(`${theme} narrow`);
    });

    it(`asks for the options of a backup in ${theme}`, async () => {
      const { quickPick } = workbench;
      await workbench.setTheme(theme);
      await workbench.tree(view).contextMenu([stack.name, 'postgres', 'reims'], 'Back up with options…');
      const answers: readonly (readonly [question: string, answer: string, ticks?: readonly string[]])[] = [
        ['Back up what?', 'Chosen tables…'],
        ['Which tables? Largest first', '', ['chart_of_accounts', 'lenders']],
        ['In which format?', 'Custom'],
        ['Encrypt it?', ''],
      ];
      for (const [index, [question, answer, ticks]] of answers.entries()) {
        await quickPick.waitUntilOpen(question);
        await quickPick.items();
        if (ticks !== undefined) await quickPick.check(ticks);
        await workbench.screenshot(`${theme} options ${index + 1}`);
        if (ticks !== undefined) await quickPick.accept();
        else if (answer !== '') await quickPick.select(answer);
      }
      await quickPick.cancel();
    });
  }
});

/** Beside the backup that was made, copies of it that look older, as everything that there may be. */
async function makeOthers(folder: string): Promise<void> {
  const name = await waitFor('the manifest', async () => (await readdir(folder)).find((each) => each.endsWith('.dump.json')));
  const text = await readFile(path.join(folder, name), 'utf8');
  const { finishedAt, ...manifest } = readManifest(text);
  const others: readonly (readonly [file: string, hoursAgo: number, Partial<Manifest>])[] = [
    ['b.dump', 4, { verified: 'restored', encryption: 'age-passphrase' }],
    ['c.dump', 9, { verified: 'hash', reason: 'safety' }],
    ['d.sql.gz', 30, { verified: 'none', format: 'plain', scope: 'schema' }],
    ['e.tar', 55, { format: 'directory', scope: 'tables', tables: ['public.lenders'], offsite: [{ location: 's3://vault/reims', copiedAt: finishedAt }] }],
    ['f.dump', 80, { database: 'ledger' }],
  ];
  for (const [file, hours, parts] of others) {
    const moment = new Date(new Date(finishedAt).getTime() - hours * 3_600_000).toISOString();
    await cp(path.join(folder, path.basename(name, '.json')), path.join(folder, file));
    await writeFile(path.join(folder, `${file}.json`), writeManifest({ ...manifest, startedAt: moment, finishedAt: moment, ...parts }));
  }
  await writeFile(path.join(folder, 'found.sql'), '-- PostgreSQL database dump\n-- Dumped from database version 15.4\n');
}
