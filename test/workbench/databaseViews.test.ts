import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { readManifest } from '../../src/backup/manifest';
import { waitFor } from '../lab/process';
import { engineCommand } from '../lab/stacks';
import type { Workbench } from '../lab/workbench';
import { seriousIn } from './support/axe';
import { themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const figures = `
  CREATE SCHEMA audit; CREATE SCHEMA "Odd <b>schema</b>";
  CREATE TABLE audit.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), payload text);
  INSERT INTO audit.events (payload) SELECT repeat(md5(g::text), 6) FROM generate_series(1, 20000) AS g;
  CREATE INDEX events_at ON audit.events (at); CREATE INDEX events_at_again ON audit.events (at);
  CREATE TABLE audit.sessions AS SELECT g AS id, md5(g::text) AS token FROM generate_series(1, 30000) AS g;
  CREATE TABLE audit.documents AS SELECT g AS id, string_agg(md5((g * h)::text), '') AS body FROM generate_series(1, 300) AS g, generate_series(1, 200) AS h GROUP BY g;
  CREATE TABLE "Odd <b>schema</b>"."<img src=x onerror=alert(1)>" (id int, note text);
  INSERT INTO "Odd <b>schema</b>"."<img src=x onerror=alert(1)>" SELECT g, md5(g::text) FROM generate_series(1, 4000) AS g;
  DELETE FROM audit.sessions WHERE id % 2 = 0; ANALYZE`;

// The views of a database, by keyboard, with axe, and as pictures to look at.
describe('the views of a database', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-figures', { prepare: (own) => own.sql(figures) });

  before(async () => {
    ({ stack, workbench } = editor());
  });

  const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);

  it('shows the overview of a database on a click', async () => {
    await workbench.statusBarItem('15,000 dead rows').waitFor(); // the tree is drawn anew while the first answers come
    await workbench.tree('Databases').click([stack.name, 'postgres', 'reims']);
    const page = await workbench.webview('Overview of reims');
    await page.getByRole('heading', { name: 'Largest tables' }).waitFor();
    const text = await page.locator('body').innerText();
    for (const word of [
      'Needs attention.',
      'audit.sessions',
      'c0f7e83a5d21 · head',
      'Persistent.',
      'reims-figures-postgres',
      'postgres:17',
      'UTF8',
      'events',
      'None yet.',
      'plpgsql',
    ])
      assert.ok(text.includes(word), `${word}: ${text}`);
    assert.doesNotMatch(text, /reims-secret|PASSWORD/i);
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole('button', { name: 'All tables' }).press('Enter');
    await (await workbench.webview('Tables of reims')).getByRole('grid', { name: 'Tables' }).waitFor();
  });

  it('shows the tables, one from near, and the indexes, by keyboard', async () => {
    const page = await workbench.webview('Tables of reims');
    const grid = page.getByRole('grid', { name: 'Tables' });
    assert.equal((await grid.getByRole('row').nth(1).innerText()).split('\n')[0], 'events audit');
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole('textbox', { name: 'Filter tables' }).fill('chart');
    await waitFor('one row', async () => (await grid.getByRole('row').count()) === 2);
    await grid.focus();
    await press('Enter');
    await page.getByRole('heading', { name: 'public.chart_of_accounts' }).waitFor();
    await page.getByRole('heading', { name: 'Referenced by' }).waitFor();
    await page.getByRole('button', { name: 'count exactly' }).press('Enter');
    await waitFor('the count', async () => /^330$/m.test(await page.locator('.side').innerText()));
    assert.deepEqual(await seriousIn(page), []);
    await grid.focus();
    await press('Escape');
    await page.locator('.tile').first().waitFor();
    await page.getByRole('textbox', { name: 'Filter tables' }).fill('');
    await page.getByRole('tab', { name: 'Tables' }).focus();
    await press('ArrowRight');
    await page.getByRole('grid', { name: 'Indexes' }).waitFor();
    await page.getByText('same as events_at').first().waitFor();
    assert.deepEqual(await seriousIn(page), []);
    await press('ArrowRight');
    await page.getByText('The size is noted whenever').waitFor();
    await page.getByRole('tab', { name: 'Tables' }).click();
  });

  it('walks through the treemap by arrow keys', async () => {
    const page = await workbench.webview('Tables of reims');
    const first = page.locator('.tile[tabindex="0"]');
    await first.focus();
    const before = await first.getAttribute('aria-label');
    await press('ArrowRight');
    await press('ArrowDown');
    const after = await page.locator('.tile:focus').getAttribute('aria-label');
    assert.notEqual(after, before);
    await press('Enter');
    await page.locator('.detail h2').waitFor();
    const name = (await page.locator('.detail h2').innerText()).replace(/^.*?\./, '');
    assert.ok(after?.startsWith(`${name} `), `${after} is not ${name}`);
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('shows who blocks whom, and ends a session', async () => {
    const name = `${stack.name}-postgres`;
    const hold = (statement: string): Promise<unknown> =>
      engineCommand([
        'exec',
        '-e',
        'PGAPPNAME=billing',
        name,
        'psql',
        '-U',
        'reims',
        '-d',
        'reims',
        '-Atc',
        'BEGIN',
        '-c',
        statement,
        '-c',
        'SELECT pg_sleep(600)',
      ]);
    const held = [hold('UPDATE lenders SET id = id WHERE id = 1 /* first */')];
    await waitFor(
      'the first',
      async () => (await stack.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND wait_event = 'PgSleep'")) === '1',
    );
    held.push(hold('UPDATE lenders SET id = id WHERE id = 1 /* second */'), hold('DELETE FROM lenders WHERE id = 1 /* third */'));
    await workbench.tree('Databases').contextMenu([stack.name, 'postgres', 'reims'], 'Activity');
    const page = await workbench.webview('Activity of reims');
    await page.getByRole('grid', { name: 'Sessions' }).getByText('blocked').first().waitFor();
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole('tab', { name: 'Sessions' }).focus();
    await press('ArrowRight');
    await page.getByText('blocks 2').or(page.getByText('blocks 1')).first().waitFor();
    assert.deepEqual(await seriousIn(page), []);
    await page.locator('.tree .link').first().press('Enter');
    await page.getByRole('heading', { name: /^Process \d+/ }).waitFor();
    await page.getByRole('button', { name: 'End session' }).press('Enter');
    const dialog = await workbench.dialog();
    assert.match(dialog.text, /End the session of process \d+/);
    await dialog.press('End session');
    await held[0];
    await page.getByRole('tab', { name: 'Blocking' }).focus();
    await press('ArrowRight');
    await page.getByRole('grid', { name: 'Locks' }).waitFor();
    assert.deepEqual(await seriousIn(page), []);
    await press('ArrowRight');
    await page.getByText('Switch it on').waitFor();
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole('tab', { name: 'Blocking' }).click();
  });

  it('rests while nobody sees it', async () => {
    const sessions = (): Promise<string> => stack.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'container-databases statistics'");
    await waitFor('the session of the view', async () => (await sessions()) === '1');
    await workbench.webview('Tables of reims');
    await waitFor('no session', async () => (await sessions()) === '0');
  });

  // Before the pictures: taking one puts a style into every frame.
  it('loads nothing that its policy forbids', () => {
    assert.deepEqual(editor().refusals, []);
  });

  for (const theme of themes) {
    it(`can be looked at and read in ${theme}`, async () => {
      await workbench.setTheme(theme);
      const look = async (title: string, until: (page: FrameLocator) => Promise<unknown>, name: string): Promise<void> => {
        const page = await workbench.webview(title);
        await until(page);
        assert.deepEqual(await seriousIn(page), [], name);
        await workbench.screenshot(`${name} ${theme}`);
        if (theme !== 'light' && theme !== 'hc-dark') return;
        await workbench.page.setViewportSize({ width: 650, height: 900 });
        assert.deepEqual(await seriousIn(page), [], `${name}, narrow`);
        await workbench.screenshot(`${name} ${theme} narrow`);
        await workbench.page.setViewportSize({ width: 1400, height: 900 });
      };
      await look('Overview of reims', (page) => page.getByRole('heading', { name: 'Roles' }).waitFor(), 'overview');
      await look('Activity of reims', (page) => page.getByRole('grid', { name: 'Sessions' }).getByText('billing').first().click(), 'activity');
      await look('Activity of reims', (page) => page.getByRole('tab', { name: 'Blocking' }).click(), 'blocking');
      await look('Activity of reims', (page) => page.getByRole('tab', { name: 'Locks' }).click(), 'locks');
      await look('Activity of reims', (page) => openSlowQueries(page), 'slow queries');
      await look('Tables of reims', (page) => page.locator('.tile').first().waitFor(), 'statistics');
      await look('Tables of reims', (page) => openFirst(page), 'table');
      await look('Tables of reims', (page) => openIndexes(page), 'indexes');
      const page = await workbench.webview('Tables of reims');
      await page.getByRole('tab', { name: 'Tables' }).click();
      await page.getByRole('button', { name: 'Close' }).click();
      const activity = await workbench.webview('Activity of reims');
      await activity.getByRole('tab', { name: 'Sessions' }).click();
    });
  }

  it('counts, vacuums, copies, backs up and exports tables', async () => {
    const page = await workbench.webview('Tables of reims');
    await page.getByRole('grid', { name: 'Tables' }).getByText('sessions').click();
    await page.getByRole('heading', { name: 'audit.sessions' }).waitFor();
    await page.getByRole('button', { name: 'Copy SQL' }).press('Enter');
    await workbench.notifications.waitFor('Copied a SELECT of audit.sessions.', 10_000);
    await page.getByRole('button', { name: 'Vacuum' }).press('Enter');
    await waitFor('the vacuum', async () => (await stack.sql("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'sessions'")) === '0');
    await workbench.statusBarItem('15,000 dead rows').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Back up this table' }).press('Enter');
    const folder = path.join(stack.folder, 'backups');
    const name = await waitFor('the backup of the table', async () => (await readdir(folder).catch(() => [])).find((each) => each.endsWith('.dump.json')));
    const { scope, rows } = readManifest(await readFile(path.join(folder, name), 'utf8'));
    assert.deepEqual([scope, rows], ['tables', { 'audit.sessions': 15_000 }]);
    await page.getByRole('button', { name: 'Export CSV' }).press('Enter');
    await workbench.quickPick.waitUntilOpen('Export CSV');
    await workbench.quickPick.accept();
    const csv = await waitFor('the file', () => readFile(path.join(stack.folder, 'reims_tables.csv'), 'utf8').catch(() => undefined));
    assert.match(csv, /^audit,documents,/m);
    await workbench.notifications.clear();
  });

  it('runs what is selected in an editor, takes it back, and shows what came of it', async () => {
    await writeFile(path.join(stack.folder, 'question.sql'), 'SELECT 1 / 0;\nCREATE TABLE made AS SELECT 42 AS answer; SELECT * FROM made;');
    await press('Control+P');
    await workbench.quickPick.fill('question.sql', { accept: false });
    await workbench.quickPick.select('question.sql');
    await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'AS answer' }).click();
    await press('Home');
    await press('Shift+End');
    await workbench.tree('Databases').contextMenu([stack.name, 'postgres', 'reims'], 'Run SQL…');
    await workbench.quickPick.select('Run and roll back');
    const result = workbench.page.locator('.editor-instance .view-line').filter({ hasText: /^\s*42\s*$/ });
    await result.first().waitFor();
    await workbench.screenshot('result of SQL');
    assert.equal(await stack.sql("SELECT to_regclass('made') IS NULL"), 't');
  });

  it('follows the log in an output channel', async () => {
    await workbench.tree('Databases').contextMenu([stack.name, 'postgres', 'reims'], 'Follow log');
    await waitFor('the log', async () => /\[info\].*database system is ready/.test(await workbench.outputText(`Log of ${stack.name}postgres`)));
    await workbench.screenshot('log');
  });

  it('has slow queries told where they are not, after a question, and shows them', async () => {
    const page = await workbench.webview('Activity of reims');
    await openSlowQueries(page);
    await page.getByRole('button', { name: 'Switch it on' }).press('Enter');
    const dialog = await workbench.dialog();
    assert.match(dialog.detail, /The service is restarted/);
    await dialog.press('Restart postgres');
    const grid = page.getByRole('grid', { name: 'Slow queries' });
    await grid.getByRole('row').nth(1).waitFor({ timeout: 60_000 });
    assert.deepEqual(await seriousIn(page), []);
    await workbench.notifications.clear();
    await workbench.screenshot('slow queries told');
  });
});

async function openFirst(page: FrameLocator): Promise<void> {
  await page.getByRole('grid', { name: 'Tables' }).getByText('chart_of_accounts').click();
  await page.getByRole('heading', { name: 'Referenced by' }).waitFor();
}

async function openSlowQueries(page: FrameLocator): Promise<void> {
  await page.getByRole('tab', { name: 'Slow queries' }).click();
  await page.getByText('Switch it on').waitFor();
}

async function openIndexes(page: FrameLocator): Promise<void> {
  await page.getByRole('tab', { name: 'Indexes' }).click();
  await page.getByText('same as events_at').first().waitFor();
}
