import assert from 'node:assert/strict';
import { backUp, databaseOf, journalFiles, openApp, operation, placeOf, restore, type OpenApp } from '../support/app';
import { leftoversOf, watchServer, type Watch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { startServer, type Server } from '../support/stack';
import { sql } from '../support/sql';
import { startWriter, writtenIn } from '../support/writer';

describe('under a writer that inserts and reconnects all the time', () => {
  let place: Server;
  let app: OpenApp;
  let watch: Watch;

  before(async function () {
    this.timeout(120_000);
    place = await startServer('load');
    await sql(place, 'app', `CREATE TABLE goods AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 200000) AS i`);
    app = await openApp({ backups: await tempFolder('load') });
    watch = await watchServer(place);
  });

  after(() => watch?.end());

  /** Each confirmed row is in the database or in the undo; and the writer got through again afterwards. */
  async function assertKept(confirmed: readonly number[], confirmedBefore: number, undo: string): Promise<void> {
    const now = await writtenIn(place, 'app');
    const before = await writtenIn(place, undo);
    const lost = confirmed.filter((id) => !now.has(id) && !before.has(id));
    assert.deepEqual(lost, [], `${lost.length} of ${confirmed.length} rows were lost`);
    assert.ok(confirmed.length > confirmedBefore, 'nothing was written while it ran');
    const after = confirmed.slice(confirmedBefore).filter((id) => now.has(id) && !before.has(id));
    assert.ok(after.length > 0, 'nothing was written after the exchange');
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await journalFiles(app.state), []);
    await watch.assertUntouched();
  }

  it('a restore loses no row that was committed', async () => {
    await sql(place, 'app', 'CREATE TABLE written (id int)');
    const backup = await backUp(app, place, 'app');
    const writer = await startWriter(place, 'app');
    await writer.more(20);
    const before = writer.confirmed().length;
    const { undo = '' } = await restore(app, place, 'app', backup.file);
    await writer.more(20);
    await assertKept(await writer.end(), before, undo);
  });

  it('a snapshot holds what was committed before it, and a rollback to it loses no row', async () => {
    await sql(place, 'app', 'TRUNCATE written');
    const writer = await startWriter(place, 'app');
    await writer.more(20);
    const before = writer.confirmed();
    await app.inventory.refresh();
    const target = databaseOf(app, place, 'app');
    const plan = await app.snapshots.plan(target, { keep: 0 }, operation().signal);
    const { snapshot } = await app.snapshots.take(plan, target, operation());
    await writer.more(20);
    const confirmedBefore = writer.confirmed().length;
    const back = await app.snapshots.planRollBack(placeOf(app, place, 'app'), snapshot, operation().signal);
    const { undo = '' } = await app.snapshots.rollBack(back, placeOf(app, place, 'app'), operation());
    await writer.more(20);
    await assertKept(await writer.end(), confirmedBefore, undo);
    const held = await writtenIn(place, snapshot.name);
    assert.deepEqual(
      before.filter((id) => !held.has(id)),
      [],
    );
  });
});
