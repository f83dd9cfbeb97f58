import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { readManifest, type Manifest } from '../../src/backup/manifest';
import { waitFor } from '../lab/process';
import type { VSCodeVersion } from '../lab/vscodeInstall';
import type { Workbench } from '../lab/workbench';
import type { Row } from '../lab/workbenchList';
import { useEditor } from './support/editor';
import type { Stack } from './support/stack';

const versions: readonly VSCodeVersion[] = ['1.139', '1.100'];
const view = 'Databases';

// What a user does: sees the database, backs it up, loses a table, and gets it back.
for (const version of versions) {
  describe(`as a user of VS Code ${version}`, () => {
    let stack: Stack;
    let workbench: Workbench;
    let database: readonly string[];
    const editor = useEditor(`reims-user-${version.replace('.', '-')}`, { version });

    before(() => {
      ({ stack, workbench } = editor());
      database = [stack.name, 'postgres', 'reims'];
    });

    const backups = async (): Promise<readonly string[]> => {
      const names: readonly string[] = await readdir(path.join(stack.folder, 'backups')).catch(() => []);
      return names.filter((name) => names.includes(`${name}.json`));
    };

    it('shows the database of the open folder, with its volume', async () => {
      const row = await workbench.tree(view).row(database, 60_000);
      assert.match(row.description, /MB/);
      assert.match(row.description, /20 tables/);
      const texts = (await workbench.tree(view).rows()).map(({ label, description }) => `${label} ${description}`);
      assert.ok(
        texts.some((text) => text.includes('postgres-data')),
        texts.join('\n'),
      );
    });

    it('backs it up from the context menu', async () => {
      await workbench.tree(view).contextMenu(database, 'Back up database');
      const name = await waitFor('the backup', async () => (await backups())[0]);
      const file = path.join(stack.folder, 'backups', name);
      const bytes = await readFile(file);
      assert.equal(bytes.subarray(0, 5).toString(), 'PGDMP');
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      const sum = createHash('sha256').update(bytes).digest('hex');
      assert.ok((await readFile(`${file}.sha256`, 'utf8')).startsWith(`${sum}  ${name}\n`));
      assert.equal(await readFile(path.join(stack.folder, 'backups', '.gitignore'), 'utf8'), '*\n');
    });

    /** Opens the restore of the newest backup through the palette, up to the question where it goes. */
    const restoreNewest = async (): Promise<void> => {
      await workbench.notifications.clear();
      await workbench.run('Container Databases: Restore…');
      await answerWhichDatabase(workbench, '.quick-input-title:has-text("Restore reims from")');
      await workbench.quickPick.waitUntilOpen('Restore reims from…');
      const [newest] = await workbench.quickPick.items();
      await workbench.quickPick.select(newest?.label ?? '');
      await workbench.quickPick.waitUntilOpen('Restore into…');
    };

    it('restores a dropped table through the palette', async () => {
      const before = await stack.sql('SELECT count(*), md5(string_agg(c::text, chr(10) ORDER BY c::text)) FROM chart_of_accounts AS c');
      await stack.sql('DROP TABLE chart_of_accounts CASCADE');
      await restoreNewest();
      await workbench.quickPick.select('Replace "reims"');
      const dialog = await workbench.dialog();
      assert.match(dialog.text, /Replace "reims"/);
      assert.match(dialog.detail, /kept until/);
      assert.match(dialog.detail, /backend/);
      await dialog.press('Restore');
      await workbench.notifications.waitFor('Restored "reims"', 60_000);
      const after = await stack.sql('SELECT count(*), md5(string_agg(c::text, chr(10) ORDER BY c::text)) FROM chart_of_accounts AS c');
      assert.equal(after, before);
      assert.match(after, /^330\|/);
    });

    it('undoes the restore', async () => {
      assert.equal(await stack.sql("SELECT to_regclass('chart_of_accounts') IS NOT NULL"), 't');
      await workbench.run('Container Databases: Undo restore');
      await answerWhichDatabase(workbench, '.monaco-dialog-box');
      const dialog = await workbench.dialog();
      assert.match(dialog.detail, /"reims" becomes again what it was/);
      await dialog.press(dialog.buttons.find((button) => button !== 'Cancel') ?? '');
      await waitFor('the table to be gone again', async () => (await stack.sql("SELECT to_regclass('chart_of_accounts') IS NULL").catch(() => '')) === 't');
    });

    // These dialogs are the same in all versions.
    if (version === versions[0]) {
      it('puts the rows of one table back, after it has shown how they differ', async () => {
        const before = await stack.sql('SELECT md5(string_agg(l::text, chr(10) ORDER BY id)) FROM lenders AS l');
        await stack.sql("UPDATE lenders SET lender_name = lender_name || '!' WHERE id = (SELECT min(id) FROM lenders)");
        await restoreNewest();
        await workbench.quickPick.select('Chosen tables of "reims"…');
        await workbench.quickPick.waitUntilOpen('Which tables? Largest first');
        await workbench.quickPick.check(['lenders']);
        await workbench.quickPick.accept();
        await workbench.quickPick.waitUntilOpen('What becomes of the rows that are there?');
        await workbench.quickPick.select('Replace');
        const dialog = await workbench.dialog();
        await workbench.screenshot('restore of one table');
        assert.match(dialog.text, /Put rows of a backup into "reims"/);
        assert.match(dialog.detail, /public\.lenders: .* 0 are missing now, 0 are not in it, 1 are different/);
        assert.doesNotMatch(dialog.detail, /backend/);
        await dialog.press('Restore');
        await workbench.notifications.waitFor('Restored "reims"', 60_000);
        assert.equal(await stack.sql('SELECT md5(string_agg(l::text, chr(10) ORDER BY id)) FROM lenders AS l'), before);
      });

      it('restores into a new database beside it', async () => {
        await restoreNewest();
        await workbench.quickPick.select('A new database…');
        await workbench.quickPick.waitUntilOpen('Restore into a new database');
        await workbench.quickPick.fill('reims', { accept: false });
        await waitFor('the reason', async () => (await workbench.quickPick.message()).includes('There is a database of this name already'));
        await workbench.quickPick.fill('beside');
        const dialog = await workbench.dialog();
        assert.match(dialog.text, /Create "beside"/);
        assert.doesNotMatch(dialog.detail, /backend/);
        await dialog.press('Restore');
        await workbench.notifications.waitFor('Restored "beside"', 60_000);
        await workbench.tree(view).row([stack.name, 'postgres', 'beside'], 60_000);
      });

      it('copies it over another database', async () => {
        await workbench.notifications.clear();
        await workbench.tree(view).contextMenu(database, 'Copy database to…');
        await workbench.quickPick.waitUntilOpen('Copy "reims" to…');
        await workbench.quickPick.select('beside');
        const dialog = await workbench.dialog();
        assert.match(dialog.text, /Replace "beside" in .* by a copy of "reims"/);
        assert.match(dialog.detail, /"beside" is backed up as it is now/);
        await workbench.screenshot('copy of a database');
        await dialog.press('Copy');
        await workbench.notifications.waitFor('Copied ', 60_000);
        const kept = "datname LIKE 'cdb\\_undo\\_%' AND shobj_description(oid, 'pg_database') LIKE '%\"beside\"%'";
        assert.equal(await stack.sql(`SELECT count(*) FROM pg_database WHERE ${kept}`), '1');
        await stack.sql('DROP DATABASE beside');
      });
    }

    const manifests = async (): Promise<readonly Manifest[]> =>
      Promise.all((await backups()).map(async (name) => readManifest(await readFile(path.join(stack.folder, 'backups', `${name}.json`), 'utf8'))));
    /** The rows of the newest backup in the view of all backups, and the way to it. */
    const newestBackup = async (): Promise<{ readonly row: Row; readonly path: readonly string[] }> => {
      await workbench.tree('Backups').expand(['reims']);
      const row = await waitFor('the newest backup', async () => (await workbench.tree('Backups').rows()).find(({ level }) => level === 2));
      return { row, path: ['reims', row.label] };
    };

    it('backs up chosen tables, step by step and back again', async () => {
      await workbench.notifications.clear();
      await workbench.tree(view).contextMenu(database, 'Back up with options…');
      await workbench.quickPick.waitUntilOpen('Back up what?');
      await workbench.quickPick.select('Structure only');
      await workbench.quickPick.waitUntilOpen('In which format?');
      await workbench.page.locator('.quick-input-widget:visible').getByRole('button', { name: 'Back' }).click();
      await workbench.quickPick.waitUntilOpen('Back up what?');
      await workbench.quickPick.select('Chosen tables…');
      await workbench.quickPick.waitUntilOpen('Which tables? Largest first');
      await workbench.quickPick.check(['lenders', 'properties']);
      await workbench.quickPick.accept();
      await workbench.quickPick.waitUntilOpen('In which format?');
      await workbench.quickPick.select('Custom');
      await workbench.quickPick.waitUntilOpen('Encrypt it?');
      await workbench.quickPick.select('Not encrypted');
      await workbench.notifications.waitFor('Backed up "reims"', 60_000);
      const made = (await manifests()).filter(({ scope }) => scope === 'tables');
      assert.deepEqual(
        made.map(({ format, tables, encryption, verified }) => ({ format, tables: tables?.toSorted(), encryption, verified })),
        [{ format: 'custom', tables: ['public.lenders', 'public.properties'], encryption: 'none', verified: 'read' }],
      );
    });

    it('proves a backup by a test restore, and shows that it is proven', async () => {
      await workbench.notifications.clear();
      const { row, path: way } = await newestBackup();
      assert.match(row.description, /only 2 tables/);
      assert.equal(row.icon, 'pass');
      await workbench.tree('Backups').contextMenu(way, 'Test restore');
      const { message } = await workbench.notifications.waitFor('was restored into a scratch database', 60_000);
      assert.match(message, /2 tables, .* rows, as backed up; dropped again/);
      await waitFor('the icon of a proven backup', async () => (await newestBackup()).row.icon === 'verified-filled');
      assert.equal(await stack.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'cdb_scratch%'"), '0');
    });

    it('compares it with another', async () => {
      const { path: way } = await newestBackup();
      await workbench.tree('Backups').contextMenu(way, 'Compare with another backup…');
      await workbench.quickPick.waitUntilOpen('Compare with which backup');
      const [other] = await workbench.quickPick.items();
      await workbench.quickPick.select(other?.label ?? '');
      await workbench.page.locator('.editor-instance .view-line').filter({ hasText: 'Two backups of' }).waitFor();
    });

    it('filters the backups, and sorts them', async () => {
      const tree = workbench.tree('Backups');
      await workbench.run('Container Databases: Filter backups…');
      await workbench.quickPick.waitUntilOpen('Filter backups');
      await workbench.quickPick.check(['Only unproven']);
      await workbench.quickPick.accept();
      await tree.welcome().getByText('No backup fits the filter').waitFor();
      await workbench.run('Container Databases: Clear filter of backups');
      await workbench.run('Container Databases: Sort backups…');
      await workbench.quickPick.select('Largest first');
      await waitFor('the largest to come first', async () => (await tree.rows()).find(({ level }) => level === 2)?.description.includes('only') === false);
    });

    it('schedules its backups, changes the time to one that is typed, and removes the schedule', async () => {
      const files = async (): Promise<readonly string[]> =>
        (await readdir(path.join(stack.folder, '.state', 'schedules'))).filter((name) => name.endsWith('.json'));
      await workbench.notifications.clear();
      await workbench.tree(view).contextMenu(database, 'Schedule backups…');
      await workbench.quickPick.waitUntilOpen('Back up "reims": when?');
      await workbench.quickPick.select('every day at 03:00');
      await answerRunByWhom(workbench, 'is backed up every day at 03:00, while VS Code is open');
      const row = await workbench.tree(view).row([...database, 'every day at 03:00']);
      assert.match(row.description, /^next .* · not run yet$/);
      assert.equal((await files()).length, 1);

      await workbench.notifications.clear();
      await workbench.tree(view).contextMenu([...database, 'every day at 03:00'], 'Change schedule…');
      await workbench.quickPick.waitUntilOpen('Back up "reims": when?');
      await workbench.quickPick.select('Another time…');
      await workbench.page.locator('.quick-input-widget:visible .quick-input-list').waitFor({ state: 'hidden' });
      await workbench.quickPick.fill('sometimes');
      await waitFor('the reason', async () => (await workbench.quickPick.message()).includes('"sometimes" names no time that is understood'));
      await workbench.quickPick.fill('Mondays at 4:30', { accept: true });
      await answerRunByWhom(workbench, 'is backed up every Monday at 04:30, while VS Code is open');

      await workbench.tree(view).contextMenu([...database, 'every Monday at 04:30'], 'Remove schedule');
      const dialog = await workbench.dialog();
      assert.match(dialog.text, /Stop backing "reims" up on a schedule/);
      await dialog.press('Remove schedule');
      await waitFor('the schedule to be gone', async () => (await files()).length === 0);
    });

    it('tells in the status bar how it is', async () => {
      await workbench.statusBarItem('reims').or(workbench.statusBarItem('database')).first().waitFor();
    });
  });
}

/** On hosts with a scheduler of their own it is asked who runs it. */
async function answerRunByWhom(workbench: Workbench, told: string): Promise<void> {
  const question = workbench.page.locator('.quick-input-widget:visible .quick-input-title').filter({ hasText: 'run by whom' });
  await question
    .or(workbench.page.locator('.notification-toast').filter({ hasText: told }))
    .first()
    .waitFor();
  if (await question.isVisible()) await workbench.quickPick.select('while VS Code is open');
  await workbench.notifications.waitFor(told);
}

/** With other databases on the machine the palette asks which one is meant; those of the workspace come first. */
async function answerWhichDatabase(workbench: Workbench, next: string): Promise<void> {
  const { page } = workbench;
  const question = page.locator('.quick-input-widget:visible .quick-input-title').filter({ hasText: 'which database' });
  await question.or(page.locator(next)).first().waitFor();
  if (await question.isVisible()) await workbench.quickPick.select('reims');
}
