import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, waitFor } from '../lab/process';
import type { Workbench } from '../lab/workbench';
import { themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const view = 'Databases';

// What a user does before a risky change: takes a snapshot, breaks something, and goes back.
describe('snapshots, as a user', () => {
  let stack: Stack;
  let workbench: Workbench;
  let database: readonly string[];

  const editor = useEditor('reims-snapshots', {
    prepare: async (started) => {
      stack = started;
      database = [stack.name, 'postgres', 'reims'];
      await git('init', '--initial-branch=main');
      await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--allow-empty', '--message=begin');
    },
  });

  before(async () => {
    ({ stack, workbench } = editor());
  });

  const git = (...args: readonly string[]): Promise<string> => run('git', ['-C', stack.folder, ...args]);
  const rows = (): Promise<string> => stack.sql("SELECT CASE WHEN to_regclass('chart_of_accounts') IS NULL THEN 'none' ELSE 'some' END").catch(() => '');

  it('takes one from the context menu, named like the branch unless told otherwise', async () => {
    await workbench.tree(view).contextMenu(database, 'Take snapshot…');
    await workbench.quickPick.waitUntilOpen('Snapshot of "reims"');
    await waitFor('what it does to others', async () => /Copies .* sessions are ended/.test(await workbench.quickPick.message()));
    await workbench.screenshot('snapshot name');
    await workbench.quickPick.accept();
    await workbench.notifications.waitFor('The snapshot "main" holds "reims"', 60_000);
    // A row that has nothing beneath it yet cannot be opened.
    await waitFor('something beneath the database', async () => (await workbench.tree(view).row(database)).expanded !== undefined);
    const row = await workbench.tree(view).row([...database, 'Snapshots', 'main']);
    assert.match(row.description, /^(just now|\d+ min ago) · .* MB$/);
    assert.match((await workbench.tree(view).row([...database, 'Snapshots'])).description, /^1 · .* MB$/);
  });

  it('goes back to it, and says what is kept', async () => {
    await stack.sql('DROP TABLE chart_of_accounts CASCADE');
    await workbench.notifications.clear();
    await workbench.tree(view).contextMenu(database, 'Roll back to snapshot…');
    const dialog = await workbench.dialog();
    assert.match(dialog.text, /Roll "reims" back to "main"/);
    assert.match(dialog.detail, /kept until/);
    assert.match(dialog.detail, /backend/);
    assert.match(dialog.detail, /The snapshot stays/);
    await workbench.screenshot('roll back question');
    await dialog.press('Roll back');
    await workbench.notifications.waitFor('"reims" is again as in the snapshot "main"', 60_000);
    await waitFor('the table', async () => (await rows()) === 'some');
    await workbench.tree(view).row([...database, 'Snapshots', 'main']);
  });

  it('refuses a name that is taken, renames, and deletes after a question', async () => {
    await workbench.notifications.clear();
    await workbench.tree(view).contextMenu(database, 'Take snapshot…');
    await workbench.quickPick.waitUntilOpen('Snapshot of "reims"');
    await workbench.quickPick.fill('main', { accept: false });
    await waitFor('the refusal', async () => (await workbench.quickPick.message()).includes('There is a snapshot "main" already'));
    await workbench.quickPick.fill('before the great change', { accept: true });
    await workbench.tree(view).row([...database, 'Snapshots', 'before the great change'], 60_000);
    await workbench.tree(view).contextMenu([...database, 'Snapshots', 'before the great change'], 'Rename snapshot…');
    await workbench.quickPick.waitUntilOpen('Rename the snapshot');
    await workbench.quickPick.fill('second', { accept: true });
    await workbench.tree(view).row([...database, 'Snapshots', 'second'], 60_000);
    await workbench.notifications.clear();
    for (const theme of themes) {
      await workbench.setTheme(theme);
      await workbench.resizeSideBar(300);
      await workbench.screenshot(`snapshots ${theme} wide`);
      await workbench.resizeSideBar(200);
      await workbench.screenshot(`snapshots ${theme} narrow`);
    }
    await workbench.tree(view).contextMenu([...database, 'Snapshots', 'second'], 'Delete snapshot');
    const dialog = await workbench.dialog();
    assert.match(dialog.detail, /Other snapshots of "reims": 1/);
    await dialog.press('Delete snapshot');
    await waitFor('it to go', async () => (await stack.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'cdb\\_snapshot\\_%'")) === '1');
  });

  it('offers one when a branch is checked out that lacks the migration', async () => {
    await workbench.notifications.clear();
    await mkdir(path.join(stack.folder, 'alembic', 'versions'), { recursive: true });
    // Since git has no part in what a branch holds here, its migrations are all but the one that counts.
    await run('sh', ['-c', 'find "$1" -path "*versions*" -name "*.py" -delete', 'sh', stack.folder]);
    await writeFile(path.join(stack.folder, 'alembic', 'versions', 'a.py'), 'revision = "000000000000"\n');
    await git('checkout', '--quiet', '-b', 'older');
    const { message } = await workbench.notifications.waitFor('which the branch "older" has not', 60_000);
    assert.match(message, /"reims" has the migration/);
    await workbench.screenshot('checkout offer');
  });
});
