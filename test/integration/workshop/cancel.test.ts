import assert from 'node:assert/strict';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, bytesIn, failureOf, filesIn, journalFiles, openApp, operation, placeOf, restore, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf, ourSessions, watchServer, type Watch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { fingerprint, holdSession, sql } from '../support/sql';
import { dependentTimes, dropDatabases, fillDatabase, slowToLoad, startWorkshop, waitUntilLoading, type Workshop } from '../support/workshop';

// About 260 MB in the database. Half of the digits are noise, so that the archive is large as well.
const largeTable = `
  CREATE TABLE large AS SELECT i AS id, md5(i::text) || md5((i * 7)::text) || md5((i * 13)::text) AS noise, repeat('x', 60) AS filler
  FROM generate_series(1, 1000000) AS i;`;

describe('cancelling', () => {
  let place: Workshop;
  let backups: string;
  let app: OpenApp;
  let watch: Watch;

  before(async function () {
    this.timeout(180_000);
    place = await startWorkshop();
    await fillDatabase(place, 'large', largeTable);
    await fillDatabase(place, 'slow', slowToLoad(40));
    backups = await tempFolder('cancel');
    app = await openApp({ backups });
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await engineCommand(['update', '--cpus', '0', place.container]);
    await dropDatabases(place, ['large', 'slow']);
  });

  afterEach(async () => {
    await watch.assertUntouched();
  });

  for (const [format, what, inTheMiddle] of [
    ['custom', 'while its bytes come', async () => (await bytesIn(backups, '.partial')) > 1_000_000],
    ['plain', 'while its bytes come', async () => (await bytesIn(backups, '.partial')) > 1_000_000],
    ['directory', 'while it is gathered in the container', async () => (await ourSessions(place)).some((line) => /COPY/.test(line))],
    ['directory', 'while it is sent', async () => (await bytesIn(backups, '.partial')) > 1_000_000],
  ] as const) {
    it(`a ${format} backup ${what} leaves no file, no process and no session`, async () => {
      // A fifth of a processor makes it take several seconds on any machine; sending takes less than dumping.
      await engineCommand(['update', '--cpus', what === 'while it is sent' ? '0.1' : '0.2', place.container]);
      const stop = new AbortController();
      const failure = failureOf(backUp(app, place, 'large', operation({ signal: stop.signal }), { format }));
      await waitFor('the middle of it', inTheMiddle);
      stop.abort();
      assert.equal((await failure).code, 'CANCELLED');
      assert.deepEqual(await filesIn(backups), []);
      await engineCommand(['update', '--cpus', '2', place.container]);
      await assertNothingLeft(place);
    });
  }

  it('a backup at its very start leaves nothing either', async () => {
    for (const message of ['Preparing', 'Dumping']) {
      const stop = new AbortController();
      const onReport = (progress: { readonly message: string }): void => void (progress.message.startsWith(message) && stop.abort());
      const failure = await failureOf(backUp(app, place, 'slow', operation({ signal: stop.signal, onReport })));
      assert.equal(failure.code, 'CANCELLED', message);
      assert.deepEqual(await filesIn(backups), []);
      await assertNothingLeft(place);
    }
  });

  it('a backup that waits for a locked table ends at once', async () => {
    const holder = await holdSession(place, 'slow');
    try {
      await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; SELECT 1');
      const stop = new AbortController();
      const failure = failureOf(backUp(app, place, 'slow', operation({ signal: stop.signal })));
      await waitFor('the wait for the lock', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
      const start = performance.now();
      stop.abort();
      assert.equal((await failure).code, 'CANCELLED');
      assert.ok(performance.now() - start < 5_000, 'it waited on');
      assert.deepEqual(await filesIn(backups), []);
      await assertNothingLeft(place);
    } finally {
      holder.close();
    }
  });

  for (const [what, message] of [
    ['while it loads', 'Loading'],
    ['while it copies the file', 'Copying into the container'],
    ['in its safety backup', 'Safety backup'],
    ['while it checks the file', 'Checking the file'],
  ] as const) {
    it(`a restore ${what} leaves the database, its users and the container as they were`, async () => {
      const { file } = await backUp(app, place, 'slow');
      const before = { content: await fingerprint(place, 'slow'), times: await dependentTimes(place), files: await filesIn(backups) };
      const stop = new AbortController();
      const isLoading = message === 'Loading';
      const onReport = (progress: { readonly message: string }): void => void (!isLoading && progress.message.startsWith(message) && stop.abort());
      const failure = failureOf(
        restore(app, place, 'slow', file, operation({ signal: stop.signal, onReport }), { skipSafetyBackup: message !== 'Safety backup' }),
      );
      if (isLoading) await waitUntilLoading(place).then(() => stop.abort());
      assert.equal((await failure).code, 'CANCELLED');
      await assertNothingLeft(place);
      assert.deepEqual(await leftoversOf(place), []);
      assert.deepEqual(await journalFiles(app.state), []);
      assert.deepEqual(await fingerprint(place, 'slow'), before.content);
      assert.deepEqual(await dependentTimes(place), before.times);
      assert.deepEqual(await filesIn(backups), before.files);
    });
  }

  it('before it begins does nothing at all', async () => {
    const { file } = await backUp(app, place, 'slow');
    const signal = AbortSignal.abort();
    assert.equal((await failureOf(backUp(app, place, 'slow', operation({ signal })))).code, 'CANCELLED');
    assert.equal((await failureOf(restore(app, place, 'slow', file, operation({ signal })))).code, 'CANCELLED');
    assert.equal((await failureOf(app.restores.plan(placeOf(app, place, 'slow'), await app.backups.read(file), {}, signal))).code, 'CANCELLED');
    assert.deepEqual(await journalFiles(app.state), []);
  });

  it('has nothing to do with what comes after: the next backup works', async () => {
    const { file, sizeBytes } = await backUp(app, place, 'large');
    assert.ok(sizeBytes > 10_000_000);
    assert.ok((await filesIn(backups)).some((name) => file.endsWith(name)));
    assert.equal(await sql(place, 'large', 'SELECT count(*) FROM large'), '1000000');
  });
});
