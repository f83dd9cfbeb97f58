// The name makes it the last file of the suite: it restarts the engine, and with it everything that runs on it.
import assert from 'node:assert/strict';
import { dockerIsOurs, restartDocker } from '../../lab/docker';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { backUp, bytesIn, failureOf, filesIn, journalFiles, openApp, operation, placeOf, restore, serviceOf, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { fingerprint, rowsOf, sql } from '../support/sql';
import { fillDatabase, runningDependents, slowToLoad, startWorkshop, waitUntilLoading, type Workshop } from '../support/workshop';

describe('an engine that restarts', () => {
  let place: Workshop;
  let backups: string;
  let app: OpenApp;
  const stop = new AbortController();
  let watching: Promise<void>;

  before(async function () {
    this.timeout(180_000);
    assert.ok(dockerIsOurs(), 'This Docker was not started by the lab, so the lab does not restart it. Stop it, and let the lab start its own.');
    place = await startWorkshop();
    await fillDatabase(place, 'rare', slowToLoad(60));
    await fillDatabase(place, 'large', 'CREATE TABLE large AS SELECT i, md5(i::text) || md5((i * 7)::text) AS noise FROM generate_series(1, 800000) AS i;');
    backups = await tempFolder('restart');
    app = await openApp({ backups });
    watching = app.inventory.watch(stop.signal);
  });

  after(async () => {
    stop.abort();
    await watching;
    await engineCommand(['update', '--cpus', '2', place.container]);
  });

  const restart = async (): Promise<void> => {
    await restartDocker();
    await startAgain(place);
  };

  it('in mid-backup: the backup fails with a code and without a file, and the next one works', async function () {
    this.timeout(240_000);
    await engineCommand(['update', '--cpus', '0.1', place.container]);
    // In the format whose bytes come while it is made.
    const failure = failureOf(backUp(app, place, 'large', operation(), { format: 'custom' }));
    await waitFor('bytes of the dump', async () => (await bytesIn(backups, '.partial')) > 1_000_000);
    await restartDocker();
    const { code, message, remedy } = await failure;
    assert.match(code, /^(ENGINE_GONE|STREAM_CUT|CONNECTION_LOST|CONTAINER_NOT_RUNNING|SESSION_ENDED|DUMP_FAILED)$/, message);
    assert.ok(remedy.length > 10);
    assert.deepEqual(await filesIn(backups), []);
    await engineCommand(['update', '--cpus', '2', place.container]);
    await startAgain(place);
    await assertNothingLeft(place);
    await app.inventory.refresh();
    const backup = await backUp(app, place, 'large');
    assert.equal(backup.manifest?.rows['public.large'], 800_000);
    assert.deepEqual(await leftoversOf(place), [], 'the folder of the dump that was cut off');
  });

  it('is noticed by who watches, before and after', async function () {
    this.timeout(240_000);
    const stateOf = (): string | undefined => app.inventory.current.projects.find(({ name }) => name === place.project)?.services[0]?.state;
    await waitFor('the watch to see the server again', () => stateOf() === 'running');
    const seen: (string | undefined)[] = [];
    const end = app.inventory.onChange(() => void seen.push(stateOf()));
    await restart();
    await waitFor('the watch to see it lost and found', () => seen.some((state) => state !== 'running') && stateOf() === 'running');
    end();
    // The events of the new engine are followed as well.
    await engineCommand(['stop', place.container]);
    await waitFor('the stop', () => stateOf() === 'stopped', 20_000);
    await startAgain(place);
    await waitFor('the start', () => stateOf() === 'running', 20_000);
  });

  it('in mid-restore: the database is as it was, and the next start tidies up', async function () {
    this.timeout(240_000);
    const { file } = await backUp(app, place, 'rare');
    await sql(place, 'rare', 'DELETE FROM people WHERE id > 100');
    const before = await fingerprint(place, 'rare');
    const failure = failureOf(restore(app, place, 'rare', file));
    await waitUntilLoading(place);
    await restart();
    assert.match((await failure).code, /^[A-Z_0-9]+$/);

    const next = await openApp({ backups, state: app.state });
    const sentences = await next.restores.recover();
    assert.deepEqual(await fingerprint(place, 'rare'), before, sentences.join('\n'));
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await journalFiles(app.state), []);
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.equal(serviceOf(next, place).service.hasScratch, false);
    assert.equal(placeOf(next, place, 'rare').databaseName, 'rare');
    assert.equal(await rowsOf(place, 'rare', 'people'), 100);
  });
});

/** Containers without a restart policy stay stopped when the engine comes back. */
async function startAgain({ project, container }: Workshop): Promise<void> {
  for (const service of ['db', 'api', 'worker']) await engineCommand(['start', `${project}-${service}-1`]);
  await waitForPostgres(container);
}
