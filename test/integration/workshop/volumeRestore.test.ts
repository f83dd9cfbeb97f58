import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { VolumeEntry } from '../../../src/restore/volume/journal';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { cli, cliJson, failureOf, filesIn, openApp, operation, serviceOf, startCli } from '../support/app';
import { soon } from '../support/killAt';
import { tempFolder } from '../support/shared';
import { startServer } from '../support/stack';
import { sql } from '../support/sql';
import { runningDependents, startWorkshop, type Workshop } from '../support/workshop';

interface Restored {
  readonly undo: string;
  readonly rows: number;
}

const phases: readonly VolumeEntry['phase'][] = ['preparing', 'stopping', 'exchanging', 'exchanged'];

describe('a restore of a whole volume', () => {
  let place: Workshop;
  let backups: string;
  let file: string;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await sql(place, 'app', 'DROP TABLE IF EXISTS era; CREATE TABLE era AS SELECT 1 AS number');
    backups = await tempFolder('volumes');
    const app = await openApp({ backups });
    file = (await app.backups.backUpVolume(serviceOf(app, place), { mode: 'auto', reason: 'manual' }, operation())).file;
    await sql(place, 'app', 'UPDATE era SET number = 2');
  });

  after(async () => {
    await sql(place, 'app', 'DROP TABLE IF EXISTS era');
    await removeUndos(place);
  });

  const target = (): string => `${place.project}/${place.service}`;
  const era = (): Promise<string> => sql(place, 'app', 'SELECT number FROM era');
  const restore = (state: string): Promise<Restored> =>
    cliJson(['restore', target(), '--file', file, '--yes', '--skip-safety-backup', '--folder', backups], { state });

  it('puts the backup in place, keeps the rest of the volume, and can be undone', async function () {
    this.timeout(300_000);
    const state = await tempFolder('state');
    const before = await mountsOf(place);
    const { undo } = await restore(state);
    assert.equal(await era(), '1');
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.deepEqual(await mountsOf(place), before);
    assert.deepEqual(await ownersIn(place), ['postgres 700']);
    const undone = await cliJson<Restored>(['undo', target(), '--volume', '--yes'], { state });
    assert.equal(await era(), '2');
    assert.notEqual((await engineCommand(['volume', 'inspect', undo])).code, 0, 'what was put back is still kept');
    assert.equal((await engineCommand(['volume', 'inspect', undone.undo])).code, 0);
    assert.deepEqual(await filesIn(path.join(state, 'volumeJournal')), []);
    assert.deepEqual(await hiddenIn(place), []);
  });

  it('is taken back when the server does not start on the new data', async function () {
    this.timeout(300_000);
    const app = await openApp({ backups });
    const subject = serviceOf(app, place);
    await sql(place, 'app', 'ALTER SYSTEM SET ssl = on'); // without a certificate; the copy is booted without ssl
    const bad = await app.backups.backUpVolume(subject, { mode: 'live', reason: 'manual' }, operation());
    await sql(place, 'app', 'ALTER SYSTEM RESET ssl; UPDATE era SET number = 2');
    const plan = await app.volumeRestores.plan(subject, bad, { skipSafetyBackup: true }, operation());
    assert.equal((await failureOf(app.volumeRestores.run(plan, subject, { skipSafetyBackup: true }, operation()))).code, 'SERVER_NOT_STARTED');
    await waitForPostgres(place.container);
    assert.equal(await era(), '2');
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.deepEqual(await hiddenIn(place), []);
    assert.notEqual((await engineCommand(['volume', 'inspect', plan.undo])).code, 0, 'the undo of nothing is kept');
  });

  for (const phase of phases) {
    it(`that is killed in the phase "${phase}" is ended by the next command`, async function () {
      this.timeout(400_000);
      const state = await tempFolder('state');
      await sql(place, 'app', 'UPDATE era SET number = 2');
      const { child, ended } = await startCli(['restore', target(), '--file', file, '--yes', '--skip-safety-backup', '--json', '--folder', backups], { state });
      await soon(`the phase "${phase}"`, async () => (await phaseIn(state)) === phase);
      child.kill('SIGKILL');
      assert.equal((await ended).signal, 'SIGKILL');
      const { code, stderr } = await cli(['list'], { state });
      assert.equal(code, 0);
      assert.match(stderr, phase === 'preparing' || phase === 'stopping' ? /rolled back/ : /was finished/);
      await waitForPostgres(place.container);
      assert.equal(await era(), phase === 'preparing' || phase === 'stopping' ? '2' : '1');
      await waitFor('the dependents', async () => (await runningDependents(place)).join() === 'api,worker');
      assert.deepEqual(await filesIn(path.join(state, 'volumeJournal')), []);
      assert.deepEqual(await hiddenIn(place), []);
    });
  }
});

describe('a restore of a bind mount', () => {
  it('puts the backup into the same folder, also after all that was in it was removed', async function () {
    this.timeout(600_000);
    const folder = path.join(await tempFolder('bind'), 'tracker-data');
    await mkdir(folder);
    const backups = await tempFolder('volumes');
    const state = await tempFolder('state');
    const place = await startServer('bind', { arguments: ['--volume', `${folder}:/var/lib/postgresql/data`] });
    const owner = async (): Promise<readonly number[]> => [(await stat(path.join(folder, 'PG_VERSION'))).uid, (await stat(folder)).mode & 0o777];
    const before = await owner();
    await sql(place, 'app', 'CREATE TABLE era AS SELECT 1 AS number');
    const call = <T>(...args: readonly string[]): Promise<T> => cliJson([...args, '--folder', backups], { state });
    const { file } = await call<{ file: string }>('volume', 'export', folder);
    await sql(place, 'app', 'UPDATE era SET number = 2');
    const restored = await call<{ undo: string; safetyBackup: string | null }>('restore', place.container, '--file', file, '--yes');
    assert.equal(await sql(place, 'app', 'SELECT number FROM era'), '1');
    assert.deepEqual(await owner(), before);
    assert.ok(restored.safetyBackup !== null, 'what was replaced is in no backup');
    const { backups: made } = await call<{ backups: readonly string[] }>('volume', 'rm', folder, '--yes');
    assert.deepEqual(await readdir(folder), []);
    await call('restore', place.container, '--file', made[0] ?? '', '--yes');
    await engineCommand(['start', place.container]);
    await waitForPostgres(place.container);
    assert.equal(await sql(place, 'app', 'SELECT number FROM era'), '1');
    assert.deepEqual(await owner(), before);
    await call('volume', 'rm', restored.undo, '--yes');
    assert.notEqual((await engineCommand(['volume', 'inspect', restored.undo])).code, 0);
    await removeUndos(place);
  });
});

async function phaseIn(state: string): Promise<VolumeEntry['phase'] | undefined> {
  const folder = path.join(state, 'volumeJournal');
  const name = (await filesIn(folder)).find((each) => each.endsWith('.json'));
  if (name === undefined) return undefined;
  try {
    return (JSON.parse(await readFile(path.join(folder, name), 'utf8')) as VolumeEntry).phase;
  } catch {
    return undefined;
  }
}

async function mountsOf({ container }: Workshop): Promise<string> {
  return (await engineCommand(['inspect', '--format', '{{json .Id}} {{json .Mounts}}', container])).stdout;
}

async function ownersIn({ container }: Workshop): Promise<readonly string[]> {
  const script = 'cd "$PGDATA" && find . -maxdepth 0 -printf "%u %m\\n"; find . ! -user postgres';
  return lines((await engineCommand(['exec', container, 'sh', '-c', script])).stdout);
}

async function hiddenIn({ container }: Workshop): Promise<readonly string[]> {
  return lines((await engineCommand(['exec', container, 'sh', '-c', 'ls -d "$PGDATA"/.container-databases* 2>/dev/null'])).stdout);
}

async function removeUndos({ project }: { readonly project: string }): Promise<void> {
  const { stdout } = await engineCommand(['volume', 'ls', '--quiet', '--filter', 'label=container-databases.undo']);
  for (const name of lines(stdout)) {
    const { stdout: label } = await engineCommand(['volume', 'inspect', '--format', '{{index .Labels "container-databases.undo"}}', name]);
    if (label.includes(`"${project}"`)) await engineCommand(['volume', 'rm', name]);
  }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
