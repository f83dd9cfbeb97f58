import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../lab/process';
import { engineCommand } from '../lab/stacks';
import type { Workbench } from '../lab/workbench';
import { themes, useEditor } from './support/editor';
import type { Stack } from './support/stack';

const view = 'Databases';

// What asks before something is destroyed: every question in every theme as pictures to look at, and one carried out.
describe('the guards', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-guards');

  before(async () => {
    ({ stack, workbench } = editor());
  });

  const volume = (): readonly string[] => [stack.name, 'postgres', 'postgres-data'];
  const questions: readonly (readonly [what: string, way: () => readonly string[], item: string, message: RegExp, detail: RegExp])[] = [
    ['drop', () => [stack.name, 'postgres', 'reims'], 'Drop database…', /Drop the database "reims"/, /Lost:\n• "reims" · [\d.]+ MB/],
    ['volume', volume, 'Remove volume…', /Remove the data of postgres/, /Lost:\n• .*postgres-data · named volume, with "reims"/],
    ['down', () => [stack.name], 'Down…', /Take .* down\?/, /Kept:\n• .*postgres-data/],
    ['down with volumes', () => [stack.name], 'Down with volumes…', /down, with its volumes/, /Lost:\n• .*postgres-data/],
    ['reset', () => [stack.name], 'Reset to fresh…', /Reset .* to a fresh state/, /Afterwards the restore is offered/],
  ];

  for (const theme of themes) {
    it(`say in ${theme} what would be lost, and what copy there is`, async () => {
      await workbench.setTheme(theme);
      for (const [what, way, item, message, detail] of questions) {
        await workbench.tree(view).contextMenu(way(), item);
        const dialog = await workbench.dialog();
        assert.match(dialog.text, message);
        assert.match(dialog.detail, detail);
        assert.match(dialog.detail, /If that fails, nothing is removed[.,]/);
        await workbench.screenshot(`${theme} ${what}`);
        await dialog.press('Cancel');
      }
    });
  }

  it('say what a volume holds', async () => {
    await workbench.tree(view).contextMenu(volume(), 'Inspect volume');
    const dialog = await workbench.dialog();
    assert.match(dialog.detail, /Postgres 17 in .*, owner \d+:\d+, mode 700/);
    await workbench.screenshot('inspect volume');
    await dialog.press(dialog.buttons[0] ?? '');
  });

  it('drop a database only with a verified backup, which brings it back', async () => {
    const question = 'SELECT count(*), md5(string_agg(c::text, chr(10) ORDER BY c::text)) FROM chart_of_accounts AS c';
    const before = await stack.sql(question);
    await workbench.tree(view).contextMenu([stack.name, 'postgres', 'reims'], 'Drop database…');
    await (await workbench.dialog()).press('Back up and drop');
    await workbench.notifications.waitFor('Dropped "reims"', 120_000);
    const databases = async (): Promise<string> =>
      (await engineCommand(['exec', `${stack.name}-postgres`, 'psql', '-U', 'reims', '-d', 'postgres', '-qAtc', 'SELECT datname FROM pg_database'])).stdout;
    assert.ok(!(await databases()).split('\n').includes('reims'));
    assert.ok((await readdir(path.join(stack.folder, 'backups'))).some((name) => /\.(?:dump|tar)$/.test(name)));
    await workbench.notifications.press('Dropped "reims"', 'Restore');
    const dialog = await workbench.dialog();
    await workbench.screenshot('restore of what was dropped');
    await dialog.press('Restore');
    await workbench.notifications.waitFor('Restored "reims"', 120_000);
    await waitFor('the rows', async () => (await stack.sql(question).catch(() => '')) === before);
  });
});
