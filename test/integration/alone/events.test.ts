import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Inventory, Project } from '../../../src/inventory/model';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { openApp, type OpenApp } from '../support/app';
import { runName } from '../support/shared';
import { removeServer, startServer, type Server } from '../support/stack';

describe('watching an engine', () => {
  let app: OpenApp;
  let place: Server;
  const fired: Inventory[] = [];
  const stop = new AbortController();
  let watching: Promise<void>;

  const own = (inventory: Inventory = app.inventory.current): Project | undefined => inventory.projects.find(({ name }) => name === place.project);
  const stateOf = (): string | undefined => own()?.services[0]?.state;
  const until = (state: string | undefined): Promise<unknown> => waitFor(`the state ${state}`, () => stateOf() === state, 20_000);

  before(async function () {
    this.timeout(120_000);
    place = await startServer('events', { arguments: ['--health-cmd', 'pg_isready -h 127.0.0.1', '--health-interval', '1s'] });
    app = await openApp();
    app.inventory.onChange((inventory) => void fired.push(inventory));
    watching = app.inventory.watch(stop.signal);
    await until('running');
  });

  after(async () => {
    stop.abort();
    await watching;
  });

  it('notices that a container stops and starts', async () => {
    await engineCommand(['stop', place.container]);
    await until('stopped');
    assert.deepEqual(own()?.services[0]?.databases, []);
    await engineCommand(['start', place.container]);
    await until('running');
    await waitFor('its databases', () => own()?.services[0]?.databases[0]?.name === 'app');
  });

  it('notices that it becomes healthy', async () => {
    await waitFor('the health check', () => own()?.services[0]?.health === 'healthy', 20_000);
  });

  it('notices that it is killed, paused and unpaused', async () => {
    await engineCommand(['kill', place.container]);
    await until('stopped');
    await engineCommand(['start', place.container]);
    await until('running');
    await engineCommand(['pause', place.container]);
    await until('paused');
    await engineCommand(['unpause', place.container]);
    await until('running');
  });

  it('notices a new container, and that it is removed', async () => {
    const other = await startServer('events-new');
    const found = (): boolean => app.inventory.current.projects.some(({ name, services }) => name === other.project && services[0]?.databases.length === 1);
    await waitFor('the new container', found, 20_000);
    await engineCommand(['rm', '--force', '--volumes', other.container]);
    await waitFor('it to be gone', () => !app.inventory.current.projects.some(({ name }) => name === other.project), 20_000);
  });

  it('notices a renamed container', async () => {
    await engineCommand(['rename', place.container, `${place.container}-renamed`]);
    await waitFor('the new name', () => app.inventory.current.projects.some(({ name }) => name === `${place.container}-renamed`), 20_000);
    await engineCommand(['rename', `${place.container}-renamed`, place.container]);
    await until('running');
  });

  it('tells of real changes only', async () => {
    await waitFor('the health check', () => own()?.services[0]?.health === 'healthy', 20_000);
    const count = (): number => fired.filter((inventory, index) => !isDeepStrictEqual(own(inventory), own(fired[index - 1] ?? inventory))).length;
    const before = count();
    // Readings without a change, execs, a container that has nothing to do with Postgres.
    const box = `${runName}-unrelated`;
    await engineCommand(['run', '--rm', '--name', box, '--network', 'none', '--entrypoint', 'true', 'postgres:17']);
    await engineCommand(['exec', place.container, 'true']);
    for (let round = 0; round < 3; round += 1) await app.inventory.refresh();
    assert.equal(count(), before, 'it told of a change of a project that did not change');
    for (const [index, inventory] of fired.entries()) {
      assert.equal(index > 0 && isDeepStrictEqual(inventory, fired[index - 1]), false, 'two equal inventories in a row');
    }
  });

  it('ends when it is told to', async () => {
    stop.abort();
    await watching;
    const before = fired.length;
    await engineCommand(['stop', place.container]);
    assert.equal(fired.length, before);
    await removeServer(place);
  });
});
