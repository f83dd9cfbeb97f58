import assert from 'node:assert/strict';
import path from 'node:path';
import { readdir } from 'node:fs/promises';
import { run, waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { cli, cliJson, failureOf, filesIn, openApp, operation, restore, serviceOf, startCli, type OpenApp } from '../support/app';
import { assertNothingLeft, startedAt } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { runningDependents, startWorkshop, type Workshop } from '../support/workshop';

interface MadeVolume {
  readonly file: string;
  readonly format: string;
  readonly verified: string;
}

describe('the volume of a service', () => {
  let place: Workshop;
  let app: OpenApp;
  let backups: string;

  before(async function () {
    this.timeout(180_000);
    place = await startWorkshop();
    await sql(place, 'app', 'DROP TABLE IF EXISTS ledger; CREATE TABLE ledger AS SELECT i FROM generate_series(1, 4321) AS i');
    backups = await tempFolder('volumes');
    app = await openApp({ backups });
  });
  after(() => sql(place, 'app', 'DROP TABLE ledger'));

  const name = (): string => `${place.project}/${place.service}`;

  it('is copied while it runs, proven by booting it, and nobody is stopped', async () => {
    const before = [await startedAt(place.container), await runningDependents(place)];
    const { project, service } = serviceOf(app, place);
    const backup = await app.backups.backUpVolume({ project, service }, { mode: 'auto', reason: 'manual' }, operation());
    assert.equal(backup.manifest?.verified, 'restored');
    assert.equal(backup.manifest.rows['"app".public.ledger'], 4321);
    assert.deepEqual([await startedAt(place.container), await runningDependents(place)], before);
    await run('sha256sum', ['--check', '--strict', `${path.basename(backup.file)}.sha256`], { cwd: backups });
    await assertNothingLeft(place);
    const listed = (await app.backups.list(project)).find(({ file }) => file === backup.file);
    assert.equal(listed?.manifest?.format, 'volume');
    assert.equal((await failureOf(restore(app, place, 'app', backup.file))).code, 'BACKUP_PARTIAL');
  });

  it('is copied cleanly stopped when that is allowed, and what ran runs again', async () => {
    const args = ['backup', name(), '--format', 'volume', '--stop', '--folder', backups];
    const before = [await startedAt(place.container), await filesIn(backups)];
    const refused = await cli([...args, '--json'], { state: app.state });
    assert.equal(refused.code, 4, refused.stdout);
    assert.deepEqual([await startedAt(place.container), await filesIn(backups)], before);
    const dependents = await runningDependents(place);
    const made = await cliJson<MadeVolume>([...args, '--yes'], { state: app.state });
    assert.deepEqual([made.format, made.verified], ['volume', 'restored']);
    const verified = await cliJson<{ level: string; verified: string }>(['verify', made.file], { state: app.state });
    assert.deepEqual([verified.level, verified.verified], ['read', 'restored']);
    assert.notEqual(await startedAt(place.container), before[0]);
    assert.deepEqual(await runningDependents(place), dependents);
    await waitForPostgres(place.container);
    assert.equal(await sql(place, 'app', 'SELECT count(*) FROM ledger'), '4321');
  });

  it('is started again by the next start when the copy is killed', async () => {
    const dependents = await runningDependents(place);
    const before = await filesIn(backups);
    const { child, ended } = await startCli(['backup', name(), '--format', 'volume', '--stop', '--yes', '--folder', backups], { state: app.state });
    await waitFor('the service to be stopped', async () => (await startedAt(place.container)).endsWith(' exited'));
    child.kill('SIGKILL');
    await ended;
    const { code, stderr } = await cli(['list', '--folder', backups], { state: app.state });
    assert.equal(code, 0);
    assert.match(stderr, /was started again/);
    await waitForPostgres(place.container);
    await waitFor('the dependents', async () => (await runningDependents(place)).join() === dependents.join());
    assert.deepEqual(await readdir(path.join(app.state, 'halted')), []);
    const label = 'container-databases.throwaway';
    const { stdout } = await engineCommand(['ps', '--all', '--filter', `label=${label}`, '--format', `{{.Label "${label}"}}`]);
    assert.ok(!stdout.includes(`.${child.pid}.`), stdout); // others on the engine may have theirs
    assert.deepEqual(
      (await filesIn(backups)).filter((file) => !file.endsWith('.partial')),
      before,
    );
    assert.equal(await sql(place, 'app', 'SELECT count(*) FROM ledger'), '4321');
  });
});
