import assert from 'node:assert/strict';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, failureOf, journalFiles, openApp, placeOf, operation, restore } from '../support/app';
import { assertNothingLeft, leftoversOf, watchServer, type Watch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { databaseNames, fingerprint, holdSession, rowsOf, sql } from '../support/sql';
import { dropDatabases, fillDatabase, runningDependents, slowToLoad, startWorkshop, waitUntilLoading, type Workshop } from '../support/workshop';

describe('several at once', () => {
  let place: Workshop;
  let backups: string;
  let watch: Watch;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'first', slowToLoad(2));
    await fillDatabase(place, 'second', slowToLoad(1));
    backups = await tempFolder('concurrent');
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await dropDatabases(place, ['first', 'second']);
  });

  afterEach(async () => {
    await assertNothingLeft(place);
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    await watch.assertUntouched();
  });

  it('of two restores of a database, from two windows, one is told that the other runs', async () => {
    const [one, other] = await Promise.all([openApp({ backups }), openApp({ backups })]);
    const { file } = await backUp(one, place, 'first');
    const before = await fingerprint(place, 'first');
    await sql(place, 'first', 'DELETE FROM people');
    const first = restore(one, place, 'first', file);
    await waitUntilLoading(place);
    const failure = await failureOf(restore(other, place, 'first', file));
    assert.equal(failure.code, 'RESTORE_RUNNING');
    assert.match(failure.message, /first/);
    assert.equal((await failureOf(other.restores.undo(placeOf(other, place, 'first'), operation()))).code, 'RESTORE_RUNNING');
    await first;
    assert.deepEqual(await fingerprint(place, 'first'), before);
    for (const { state } of [one, other]) assert.deepEqual(await journalFiles(state), []);
    assert.equal((await databaseNames(place)).filter((name) => name.startsWith('cdb_undo_')).length, 1);
  });

  it('two restores that start in the same instant leave one whole database', async () => {
    const [one, other] = await Promise.all([openApp({ backups }), openApp({ backups })]);
    const { file } = await backUp(one, place, 'second');
    await sql(place, 'second', 'DELETE FROM people');
    const ends = await Promise.allSettled([one, other].map((app) => restore(app, place, 'second', file)));
    const codes = ends.map((end) => (end.status === 'fulfilled' ? 'done' : (end.reason as { code: string }).code));
    assert.deepEqual(
      codes.toSorted((a, b) => a.localeCompare(b)),
      ['done', 'RESTORE_RUNNING'],
    );
    assert.equal(await rowsOf(place, 'second', 'people'), 500);
  });

  it('restores of two databases of one service do not hinder one another', async () => {
    const app = await openApp({ backups });
    const files = [await backUp(app, place, 'first'), await backUp(app, place, 'second')].map(({ file }) => file);
    for (const name of ['first', 'second']) await sql(place, name, 'DELETE FROM people');
    await Promise.all([restore(app, place, 'first', files[0] ?? ''), restore(app, place, 'second', files[1] ?? '')]);
    for (const name of ['first', 'second']) assert.equal(await rowsOf(place, name, 'people'), 500);
    assert.deepEqual(await journalFiles(app.state), []);
  });

  it('two backups of a database take nothing from one another', async () => {
    const app = await openApp({ backups });
    const made = await Promise.all([backUp(app, place, 'second'), backUp(app, place, 'second')]);
    assert.notEqual(made[0].file, made[1].file);
    for (const { file, manifest } of made) assert.equal((await app.backups.read(file)).manifest?.sha256, manifest?.sha256);
  });

  it('clients that come back all the time cannot keep a restore from its end', async () => {
    const app = await openApp({ backups });
    const { file } = await backUp(app, place, 'second');
    await sql(place, 'second', 'DELETE FROM people');
    // Not a dependent, so nobody stops them: they run beside the server, and look for themselves whether to go on.
    const loop = 'while [ ! -e /tmp/enough ]; do psql -XqAt -v ON_ERROR_STOP=1 -U app -d second -c "SELECT pg_sleep(0.02)" >/dev/null 2>&1; done';
    const clients = Array.from({ length: 6 }, () => engineCommand(['exec', place.container, 'sh', '-c', loop]));
    const idler = await holdSession(place, 'second'); // never leaves by itself
    try {
      await waitFor('the clients', async () => Number(await sql(place, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE datname = 'second'")) > 2);
      await restore(app, place, 'second', file);
      assert.equal(await rowsOf(place, 'second', 'people'), 500);
      assert.equal(await idler.isAlive(), false);
      await waitFor(
        'the clients to be let in again',
        async () => Number(await sql(place, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE datname = 'second'")) > 0,
      );
    } finally {
      await engineCommand(['exec', place.container, 'touch', '/tmp/enough']);
      await Promise.all(clients);
      await engineCommand(['exec', place.container, 'rm', '/tmp/enough']);
    }
  });

  it('a table that changes while it is dumped is in the backup as it was at one moment', async () => {
    const app = await openApp({ backups });
    await sql(
      place,
      'first',
      'CREATE TABLE IF NOT EXISTS pairs_a AS SELECT i FROM generate_series(1, 1000) AS i; CREATE TABLE IF NOT EXISTS pairs_b AS TABLE pairs_a',
    );
    const loop =
      'while [ ! -e /tmp/enough ]; do psql -XqAt -v ON_ERROR_STOP=1 -U app -d first -c "BEGIN; INSERT INTO pairs_a SELECT i FROM generate_series(1, 50) AS i; INSERT INTO pairs_b SELECT i FROM generate_series(1, 50) AS i; COMMIT" >/dev/null; done';
    const writer = engineCommand(['exec', place.container, 'sh', '-c', loop]);
    try {
      for (let round = 0; round < 3; round += 1) {
        const { manifest } = await backUp(app, place, 'first');
        assert.equal(manifest?.rows['public.pairs_a'], manifest?.rows['public.pairs_b']);
        assert.ok((manifest?.rows['public.pairs_a'] ?? 0) >= 1000);
      }
    } finally {
      await engineCommand(['exec', place.container, 'touch', '/tmp/enough']);
      await writer;
      await engineCommand(['exec', place.container, 'rm', '/tmp/enough']);
    }
    // The counts of the manifest are those of the dump: a restore compares them.
    const newest = (await app.backups.list(placeOf(app, place, 'first').project, backups))[0];
    await restore(app, place, 'first', newest?.file ?? '', operation(), { skipSafetyBackup: true });
    assert.equal(await rowsOf(place, 'first', 'pairs_a'), newest?.manifest?.rows['public.pairs_a']);
  });
});
