import assert from 'node:assert/strict';
import { waitFor } from '../lab/process';
import { engineCommand, waitForHealthy } from '../lab/stacks';
import type { Workbench } from '../lab/workbench';
import { useEditor } from './support/editor';
import type { Stack } from './support/stack';

// What the status bar says of a database that is left alone, that is killed, and that comes back.
describe('the health of a database, in the status bar', () => {
  let stack: Stack;
  let workbench: Workbench;

  const editor = useEditor('reims-health');

  before(async () => {
    ({ stack, workbench } = editor());
  });

  it('tells of an open transaction, and what to do, when the pointer rests on it', async () => {
    await workbench.statusBarItem('1 database').waitFor();
    await stack.sql('CREATE TABLE twice AS SELECT 1 AS i FROM generate_series(1, 2)');
    await stack.sql('CREATE UNIQUE INDEX CONCURRENTLY twice_i ON twice (i)').catch(() => undefined);
    await workbench.run('Container Databases: Refresh');
    await workbench.statusBarItem('1 invalid index').waitFor();
    await workbench.statusBarItem('1 invalid index').hover();
    await workbench.page.locator('.monaco-hover:visible').filter({ hasText: 'REINDEX INDEX CONCURRENTLY' }).waitFor();
    await workbench.screenshot('health tooltip', { keepPointer: true });
    await workbench.statusBarItem('1 invalid index').click();
    await workbench.quickPick.waitUntilOpen('Container databases');
    await workbench.screenshot('health choices');
    await workbench.quickPick.select('1 invalid index');
    await (await workbench.webview('Tables of reims')).getByRole('grid', { name: 'Tables' }).waitFor();
    await workbench.run('View: Close Editor');
    await stack.sql('DROP TABLE twice');
    await workbench.run('Container Databases: Refresh');
    await workbench.statusBarItem('1 database').waitFor();
  });

  it('does not flicker while a container restarts', async () => {
    await workbench.page.evaluate(`{
      globalThis.seen = new Set();
      const note = () => globalThis.seen.add(document.querySelector('[id="container-databases.container-databases.containerDatabases.health"]')?.textContent ?? 'gone');
      new MutationObserver(note).observe(document.querySelector('.part.statusbar'), { subtree: true, childList: true, characterData: true, attributes: true });
      note();
    }`);
    await engineCommand(['restart', `${stack.name}-postgres`]);
    await waitForHealthy(`${stack.name}-postgres`);
    await workbench.run('Container Databases: Refresh');
    await workbench.statusBarItem('1 database').waitFor();
    const seen = await workbench.page.evaluate<readonly string[]>('[...globalThis.seen].map((text) => text.trim())');
    assert.ok(seen.includes('1 database'), seen.join());
    assert.deepEqual(
      seen.filter((text) => text !== '1 database' && text !== 'reims-health: starting'),
      [],
    );
  });

  it('is not there when it is not wished', async () => {
    await workbench.run('Preferences: Open Settings (UI)');
    await workbench.page.locator('.settings-editor .suggest-input-container').click();
    await workbench.page.keyboard.type('containerDatabases.statusBar');
    const box = workbench.page.locator('.setting-item-bool .setting-value-checkbox').first();
    await workbench.page.locator('.setting-item-label').filter({ hasText: 'Status Bar' }).first().waitFor();
    // A click is lost where the page of settings is being painted anew, as it is after each change.
    const set = async (state: 'hidden' | 'visible'): Promise<unknown> =>
      waitFor(`the item to be ${state}`, async () => {
        const isWished = (await box.getAttribute('aria-checked')) === String(state === 'visible');
        if (!isWished) await box.click();
        return workbench
          .statusBarItem('1 database')
          .waitFor({ state, timeout: 3000 })
          .then(
            () => true,
            () => false,
          );
      });
    await set('hidden');
    await set('visible');
    await waitFor('the settings to close', async () => {
      await workbench.page.keyboard.press('Escape');
      return (await workbench.page.locator('.settings-editor:visible').count()) === 0;
    });
  });

  it('says at once that a server has crashed, calls the user, and starts it from the notification', async () => {
    await engineCommand(['kill', `${stack.name}-postgres`]);
    await workbench.statusBarItem('has crashed').waitFor();
    const notice = workbench.page.locator('.notification-toast').filter({ hasText: 'The server was killed' });
    await notice.waitFor();
    await workbench.screenshot('health crashed', { keepPointer: true });
    assert.match((await notice.textContent()) ?? '', /reims-health\/postgres: The server was killed, perhaps for want of memory\./);
    await notice.getByRole('button', { name: 'Start' }).click();
    await waitForHealthy(`${stack.name}-postgres`);
    await workbench.statusBarItem('1 database').waitFor();
    assert.equal(await notice.count(), 0, 'it is told once');
  });

  it('calls nobody any more who does not wish it', async () => {
    await engineCommand(['kill', `${stack.name}-postgres`]);
    const notice = workbench.page.locator('.notification-toast').filter({ hasText: 'The server was killed' });
    await notice.getByRole('button', { name: "Don't show again" }).click();
    await workbench.run('Preferences: Open User Settings (JSON)');
    await workbench.page.locator('.editor-instance .view-line').filter({ hasText: '"containerDatabases.notifications": false' }).waitFor();
  });
});
