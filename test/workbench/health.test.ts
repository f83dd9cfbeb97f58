import assert from 'node:assert/strict';
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
    await stack.sql('DROP TABLE twice');
    await workbench.run('Container Databases: Refresh');
    await workbench.statusBarItem('1 database').waitFor();
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
  });
});
