import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensurePackages } from '../lab/apt';
import { waitFor } from '../lab/process';
import type { Workbench } from '../lab/workbench';
import { seriousIn } from './support/axe';
import { lookAt, themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const view = 'Databases';
/** The first that the database is made to lack. */
const firstPending = '20251106_f370b8a2d416_property_lender_and_tags.py';
const landlords = `
  CREATE TABLE landlords (id int PRIMARY KEY, name text);
  CREATE TABLE leases (id int PRIMARY KEY, landlord int REFERENCES landlords, rent int);
`;

// What the editor shows of migrations, and what it does with them through Alembic itself.
describe('migrations', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-migrations', {
    prepare: async (started) => {
      stack = started;
      await ensurePackages(['alembic', 'python3-sqlalchemy', 'python3-psycopg2', 'python3-dateutil']);
      await stack.sql("UPDATE alembic_version SET version_num = 'd9e4c1035fa8'");
      await writeFile(
        path.join(stack.folder, 'backend/alembic/versions/20251108_feedbeef0001_side.py'),
        '"""Rents by the square metre\n\nCreate Date: 2025-11-08 09:00:00\n"""\nrevision = "feedbeef0001"\ndown_revision = "29c5b7d4e8f0"\nbranch_labels = ("rents",)\ndepends_on = None\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n',
      );
    },
  });

  before(async () => {
    ({ stack, workbench } = editor());
  });

  const migrations = (): readonly string[] => [stack.name, 'postgres', 'reims', 'Migrations'];

  it('stand beneath their database, with what is pending', async () => {
    const tree = workbench.tree(view);
    // The database's row can be opened only once there is something beneath it.
    const row = await waitFor('the migrations', () => tree.row(migrations(), 1000).catch(() => undefined), 120_000);
    assert.match(row.description ?? '', /^2 heads · \d+ pending$/);
    await tree.expand(migrations());
    assert.ok((await tree.rows()).some(({ label }) => label === 'Rents by the square metre'));
  });

  it('show their history', async () => {
    await workbench.tree(view).click(migrations());
    const page = await workbench.webview('Migrations of reims');
    await page.getByText('Rents by the square metre').first().waitFor();
    const text = await page.locator('body').innerText();
    assert.match(text, /There are 2 heads/);
    assert.match(text, /d9e4c1035fa8/);
    await page.locator('[role=listbox]').press('Home');
    await page.locator('.details').getByText('Upgrade to here').waitFor();
    await page.locator('.badge.risk').first().waitFor();
  });

  // Before the pictures: taking one puts a style into every frame.
  it('load nothing that their policy forbids', () => {
    assert.deepEqual(editor().refusals, []);
  });

  it('are merged by Alembic, and then have one head', async () => {
    await workbench.tree(view).contextMenu(migrations(), 'Merge migration heads…');
    await workbench.quickPick.waitUntilOpen('What does the revision do?');
    await workbench.quickPick.accept();
    await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'merge heads' }).first().waitFor();
    await waitFor('one head', async () => /^\d+ pending$/.test((await workbench.tree(view).row(migrations())).description ?? ''), 60_000);
  });

  it('give their place back to the history', async () => {
    await workbench.run('View: Toggle Panel Visibility');
    await workbench.page.locator('.part.panel').waitFor({ state: 'hidden' });
  });

  for (const theme of themes) {
    it(`can be looked at in ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.tree(view).click(migrations());
      const page = await workbench.webview('Migrations of reims');
      await page.getByText('Rents by the square metre').first().waitFor();
      await workbench.resizeSideBar(300);
      await workbench.screenshot(`migrations ${theme} wide`);
      await workbench.page.setViewportSize({ width: 760, height: 900 });
      await workbench.screenshot(`migrations ${theme} narrow`);
      await workbench.page.setViewportSize({ width: 1400, height: 900 });
    });
  }

  // The version table was changed by hand, and the tables were not: the copy tells so before anything is done.
  it('are rehearsed on a copy, and leave the database alone when they fail there', async () => {
    await workbench.setTheme('dark');
    await workbench.tree(view).contextMenu(migrations(), 'Update safely…');
    const dialog = await workbench.dialog();
    assert.match(dialog.text, /Update "reims"/);
    assert.match(dialog.detail, /rehearsed on a copy/);
    await workbench.screenshot('safe update asks');
    await dialog.press('Update');
    const page = await workbench.webview('Update of');
    await page.getByText('Rehearse on a copy made of the backup').waitFor();
    await workbench.screenshot('safe update running');
    await page.getByText('Not touched').waitFor({ timeout: 120_000 });
    assert.match(await page.locator('.verdict').innerText(), /The database is as it was\..*lender_id" is there already\./);
    assert.deepEqual(await page.locator('.steps').first().locator('li .step-title').allInnerTexts(), ['Back up', 'Rehearse on a copy made of the backup']);
    await page.getByRole('button', { name: 'Copy as text' }).press('Enter');
    await workbench.notifications.waitFor('The report was copied', 10_000);
    assert.match((await workbench.tree(view).row(migrations())).description ?? '', /^\d+ pending$/);
  });

  it('are rehearsed from their own file, up to it, and nothing of it stays', async () => {
    const { page } = workbench;
    await page.keyboard.press('Control+p');
    await workbench.quickPick.fill(firstPending, { accept: false });
    await workbench.quickPick.select(firstPending);
    await page.locator('.codelens-decoration a').filter({ hasText: 'Rehearse on a copy' }).first().click({ timeout: 60_000 });
    await (await workbench.webview('Rehearsal for')).getByText('itself was only read').waitFor({ timeout: 120_000 });
    assert.equal(await stack.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'cdb%'"), '0');
  });

  for (const theme of themes) {
    it(`have reports that can be read in ${theme}`, () => lookAt(workbench, theme, { 'Update of': 'safe update', 'Rehearsal for': 'rehearsal' }));
  }

  describe('of schemas', () => {
    const sibling = (name: string): readonly string[] => [stack.name, 'postgres', name];
    const database = (): readonly string[] => sibling('reims');

    before(async () => {
      await stack.sql('CREATE DATABASE reims_stage');
      await stack.sql('CREATE DATABASE reims_prod');
      await stack.sql('CREATE TABLE only_here (id int)');
      await stack.sql(landlords);
      await stack.sql(landlords, 'reims_stage');
      await stack.sql("INSERT INTO landlords VALUES (1, 'Alva'), (2, 'Berg'); INSERT INTO leases VALUES (1, 2, 900)");
      await stack.sql("INSERT INTO landlords VALUES (1, 'Alva'), (2, 'Bergström')", 'reims_stage');
      await writeFile(path.join(stack.folder, 'landlords.sql'), landlords);
      await workbench.run('Container Databases: Refresh');
      await workbench.tree(view).row(sibling('reims_prod'), 60_000);
    });

    it('the differences are shown object by object, with a draft of the change', async () => {
      await workbench.setTheme('dark');
      await workbench.tree(view).contextMenu(database(), 'Compare schema with…');
      await workbench.quickPick.waitUntilOpen(`Compare ${database().join('/')} with…`);
      await workbench.quickPick.select(`${stack.name}/postgres/reims_prod`);
      await workbench.page.locator('.multiDiffEntry').filter({ hasText: 'extension pgcrypto' }).first().waitFor({ timeout: 60_000 });
      await workbench.screenshot('schemas compared');
      await workbench.notifications.press('differences.', 'Draft SQL');
      await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'loses all rows of the table' }).first().waitFor();
      await workbench.screenshot('draft of a change');
    });

    it('rows of one are merged into another, once they were seen', async () => {
      const { quickPick } = workbench;
      await workbench.tree(view).contextMenu(sibling('reims_stage'), 'Merge data from another database…');
      await quickPick.waitUntilOpen('Which database are the rows in?');
      await quickPick.select(database().join('/'));
      await quickPick.waitUntilOpen('Merge rows of "reims" into "reims_stage"');
      await quickPick.check(['landlords', 'leases']);
      await workbench.screenshot('merge tables');
      await quickPick.accept();
      await quickPick.waitUntilOpen('What becomes of rows whose primary key is taken?');
      await workbench.screenshot('merge taken keys');
      await quickPick.select('Update');
      const dialog = await workbench.dialog();
      assert.match(dialog.text, /^Merge rows of "reims" into "reims_stage" in /);
      assert.match(dialog.detail, /public\.landlords: 1 in place of what is there, 1 the same\n.*public\.leases: 1 new\n/);
      await workbench.screenshot('merge asks');
      await dialog.press('Show rows');
      await quickPick.waitUntilOpen('Merge rows of "reims" into "reims_stage" in');
      await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'name=Bergström → Berg' }).waitFor();
      await workbench.screenshot('merge rows');
      await quickPick.select('Merge');
      assert.deepEqual((await workbench.notifications.waitFor('Merged 2 rows into "reims_stage".', 60_000)).buttons, ['Show backup']);
      assert.equal(await stack.sql("SELECT string_agg(name, ' ' ORDER BY id) FROM landlords", 'reims_stage'), 'Alva Berg');
      assert.equal(await stack.sql('SELECT count(*) FROM leases', 'reims_stage'), '1');
    });

    it('a database is compared with a backup, and with an SQL file', async () => {
      const { quickPick, page } = workbench;
      await workbench.setTheme('light');
      await workbench.screenshot('merged light');
      const ask = async (name: string): Promise<void> => {
        await workbench.run('Container Databases: Compare schema with…');
        await quickPick.waitUntilOpen('Compare the schema of which database?');
        await quickPick.select(name);
        await quickPick.waitUntilOpen(`Compare ${sibling(name).join('/')} with…`);
        await quickPick.select('A backup or an SQL file…');
        await quickPick.waitUntilOpen('Choose a backup');
      };
      await ask('reims_stage');
      await workbench.screenshot('compare with a backup light');
      await quickPick.select('just now');
      await workbench.notifications.waitFor('have the same schema.', 60_000);
      await workbench.screenshot('compared with a backup light');
      await ask('reims_prod');
      await quickPick.select('Choose a file…');
      await quickPick.waitUntilOpen('Compare reims_prod with…');
      await quickPick.select('..'); // out of the folder of the backups
      await quickPick.select('landlords.sql');
      await page.locator('.tab').filter({ hasText: 'reims_prod ↔ landlords.sql' }).first().waitFor({ timeout: 60_000 });
      await page.locator('.multiDiffEntry').filter({ hasText: 'table public.landlords' }).first().waitFor();
      await workbench.notifications.waitFor('2 differences.');
      await workbench.screenshot('compared with a file light');
    });

    it('a database is validated', async () => {
      await workbench.tree(view).contextMenu(database(), 'Validate database');
      const page = await workbench.webview('Validation of');
      await page.getByText('No check found anything that is broken').waitFor({ timeout: 60_000 });
      assert.match(await page.locator('.steps').first().innerText(), /The database is not where its migrations are/);
      assert.deepEqual(await seriousIn(page), []);
      await workbench.screenshot('validation');
    });
  });
});
