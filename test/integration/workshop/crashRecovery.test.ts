import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JournalEntry } from '../../../src/restore/journal';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, cli, cliJson, filesIn, journalFiles, openApp, startCli, type RunningCli } from '../support/app';
import { cliKilledAt, soon, type DeathPoint } from '../support/killAt';
import { assertNothingLeft, leftoversOf, ourSessions, watchServer, type Watch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { contentOf, databaseNames, fingerprint, holdSession, rowsOf, sql } from '../support/sql';
import {
  dependentTimes,
  dropDatabases,
  fillDatabase,
  runningDependents,
  slowToLoad,
  startWorkshop,
  waitUntilLoading,
  type Workshop,
} from '../support/workshop';

interface Moment {
  readonly when: string;
  /** Waits for the moment. */
  readonly wait: (place: Workshop, state: string) => Promise<unknown>;
  /** Rows of the table afterwards: 250 as before the restore, 500 as in the backup, or either. */
  readonly rows: readonly number[];
  readonly sentence: RegExp;
}

const phase = (wanted: JournalEntry['phase']) => (_: Workshop, state: string) =>
  soon(`the phase "${wanted}"`, async () => (await entryIn(state))?.phase === wanted);
const stopped = (service: string) => (place: Workshop) =>
  soon(`${service} to stop`, async () => (await dependentTimes(place))[service]?.endsWith(' exited') === true);

const moments: readonly Moment[] = [
  { when: 'it loads', wait: (place) => waitUntilLoading(place), rows: [250], sentence: /rolled back/ },
  { when: 'it is about to stop the dependents', wait: phase('swapping'), rows: [250, 500], sentence: /rolled back|finished/ },
  { when: 'the first dependent has stopped', wait: stopped('worker'), rows: [250, 500], sentence: /rolled back|finished/ },
  { when: 'the last dependent has stopped', wait: stopped('api'), rows: [250, 500], sentence: /rolled back|finished/ },
  {
    when: 'the databases have just been exchanged',
    wait: (place) => soon('the exchange', async () => (await databaseNames(place)).some((name) => name.startsWith('cdb_undo_'))),
    rows: [500],
    sentence: /finished/,
  },
  { when: 'it starts the dependents', wait: phase('swapped'), rows: [500], sentence: /finished/ },
];

// The journal is written when a restore begins, with what lies in the container, before it changes something, and after that.
const points: readonly { readonly point: DeathPoint; readonly happened: boolean }[] = [
  { point: 'after 1', happened: false },
  { point: 'after 2', happened: false },
  { point: 'after 3', happened: false },
  { point: 'before 4', happened: true },
  { point: 'after 4', happened: true },
  { point: 'before removal', happened: true },
];

describe('a restore whose process is killed', () => {
  let place: Workshop;
  let backups: string;
  let file: string;
  let watch: Watch;
  let whole: readonly string[];

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'crash', slowToLoad(1));
    await fillDatabase(place, 'source');
    whole = await fingerprint(place, 'crash');
    backups = await tempFolder('crash');
    file = (await backUp(await openApp({ backups }), place, 'crash')).file;
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await dropDatabases(place, ['crash', 'source', 'second', 'third', 'fresh']);
  });

  const target = (): string => `${place.project}/db/crash`;
  const restoreByCli = async (state: string, ...more: readonly string[]): Promise<RunningCli> =>
    startCli(['restore', target(), '--file', file, '--yes', '--json', '--skip-safety-backup', ...more], { state });
  const kill = async ({ child, ended }: RunningCli): Promise<void> => {
    child.kill('SIGKILL');
    const { signal, stdout } = await ended;
    assert.equal(signal, 'SIGKILL', `it had ended before: ${stdout}`);
  };

  /** Has the next command tidy up, and checks that everything is as after a restore, or as before it. */
  const assertRecovered = async (state: string, rows: readonly number[], sentence: RegExp, before = ''): Promise<string> => {
    const { code, stdout, stderr } = await cli(['list', '--json'], { state });
    assert.equal(code, 0, stderr);
    const said = before + stderr;
    assert.match(said, sentence);
    assert.match(said, new RegExp(target()));
    const { projects } = JSON.parse(stdout) as {
      projects: readonly { name: string; services: readonly { databases: readonly { name: string }[]; hasScratch: boolean }[] }[];
    };
    const service = projects.find(({ name }) => name === place.project)?.services[0];
    assert.ok(
      service?.databases.some(({ name }) => name === 'crash'),
      'the very command that tidied up does not show the database',
    );
    assert.equal(service?.hasScratch, false, 'the very command that tidied up still tells of the scratch database');

    const found = await rowsOf(place, 'crash', 'people');
    assert.ok(rows.includes(found), `${found} rows instead of ${rows.join(' or ')}`);
    const connectable = await sql(place, 'postgres', "SELECT datallowconn FROM pg_database WHERE datname = 'crash'");
    assert.equal(connectable, 't');
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    await assertNothingLeft(place);
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await journalFiles(state), []);
    await watch.assertUntouched();
    return said;
  };

  beforeEach(async () => {
    await sql(place, 'crash', 'DELETE FROM people WHERE id > 250');
    assert.equal(await rowsOf(place, 'crash', 'people'), 250);
  });

  afterEach(async () => {
    // What undo keeps belongs to one case only; the next starts from a whole database.
    await dropDatabases(place, ['fresh']);
    await sql(place, 'crash', "DELETE FROM people; INSERT INTO people SELECT i, 'person ' || i FROM generate_series(1, 500) AS i");
  });

  for (const { when, wait, rows, sentence } of moments) {
    it(`while ${when} is finished or rolled back by the next command`, async () => {
      const state = await tempFolder('state');
      const running = await restoreByCli(state);
      await wait(place, state);
      await kill(running);
      await assertRecovered(state, rows, sentence);
    });
  }

  for (const { point, happened } of points) {
    it(`${point} in its journal, of tables, over another database or to a new name, is taken back or finished whole`, async () => {
      for (const name of ['second', 'third']) await fillDatabase(place, name, 'DELETE FROM people WHERE id > 250');
      const state = await tempFolder('state');
      const service = `${place.project}/db`;
      const common = ['--yes', '--json', '--skip-safety-backup'];
      const killed = await Promise.all([
        cliKilledAt(point, ['restore', target(), '--file', file, '--table', 'people', ...common], state),
        cliKilledAt(point, ['restore', `${service}/second`, '--from-database', `${service}/source`, ...common], state),
        cliKilledAt(point, ['restore', target(), '--from-database', `${service}/source`, '--into', 'fresh', ...common], state),
        cliKilledAt(point, ['merge', `${service}/source`, `${service}/third`, '--table', 'people', '--folder', backups, '--yes', '--json'], state),
      ]);
      for (const { signal, stdout, stderr } of killed) assert.equal(signal, 'SIGKILL', stdout + stderr);

      // Who has another journal must not take away what tells what has happened.
      if (point === 'before 4') await cli(['list'], { state: await tempFolder('other-host') });
      // One that starts late may have tidied up after one that was killed early.
      const before = killed.map(({ stderr }) => stderr).join('\n');
      const said = await assertRecovered(state, [happened ? 500 : 250], happened ? /finished/ : /rolled back/, before);
      const sentences = said.split('\n').filter((line) => line.includes(`${service}/`));
      assert.equal(sentences.length, 4, said);
      for (const sentence of sentences) assert.match(sentence, happened ? /finished/ : /rolled back/);
      for (const name of ['second', 'third']) assert.equal(await rowsOf(place, name, 'people'), happened ? 500 : 250);
      const names = await databaseNames(place);
      assert.equal(names.includes('fresh'), happened);
      if (happened) assert.equal(await rowsOf(place, 'fresh', 'people'), 500);
      assert.equal(names.filter((name) => name.startsWith('cdb_undo_')).length, happened ? 1 : 0);
      assert.deepEqual(await filesIn(path.join(state, 'copies')), []);
    });
  }

  it('while its rows wait for a lock never puts them in later', async () => {
    const state = await tempFolder('state');
    const holder = await holdSession(place, 'crash');
    await holder.query('BEGIN; LOCK TABLE people IN SHARE MODE; SELECT 1');
    const running = await restoreByCli(state, '--table', 'people');
    await waitFor('the merge', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
    await kill(running);
    await assertRecovered(state, [250], /rolled back/);
    holder.close();
    await waitFor('the lock to go', async () => (await sql(place, 'crash', "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock'")) === '0');
    assert.equal(await rowsOf(place, 'crash', 'people'), 250);
  });

  it('while it dumps the database that it copies leaves nothing of either', async () => {
    const state = await tempFolder('state');
    const holder = await holdSession(place, 'source');
    await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; SELECT 1');
    const args = ['restore', target(), '--from-database', `${place.project}/db/source`, '--yes', '--json', '--skip-safety-backup'];
    const running = await startCli(args, { state });
    await waitFor('the dump', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
    await kill(running);
    holder.close();
    await assertRecovered(state, [250], /rolled back/);
    assert.deepEqual(await filesIn(path.join(state, 'copies')), []);
  });

  it('in its safety backup leaves a partial file only, and the next restore works', async () => {
    const state = await tempFolder('state');
    const holder = await holdSession(place, 'crash');
    await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; SELECT 1');
    const args = ['restore', target(), '--file', file, '--yes', '--json', '--folder', backups];
    const running = await startCli(args, { state });
    await waitFor('the safety backup', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
    await kill(running);
    holder.close();
    await waitFor('the lock to go', async () => (await rowsOf(place, 'crash', 'people')) === 250);
    await assertRecovered(state, [250], /rolled back/);
    const ofCrash = (await filesIn(backups)).filter((name) => name.includes('_crash_'));
    const names = ofCrash.filter((name) => !file.endsWith(name.replace(/\.(json|sha256|roles\.sql)$/, '')));
    assert.equal(
      names.every((name) => name.endsWith('.partial')),
      true,
      names.join(', '),
    );

    const result = await cliJson<{ database: string; safetyBackup: string; rows: number }>(
      args.filter((each) => each !== '--json'),
      { state },
    );
    assert.equal(result.rows, 501);
    assert.deepEqual(contentOf(await fingerprint(place, 'crash')), contentOf(whole));
  });

  it('is tidied up by an app that starts, as the editor does', async () => {
    const state = await tempFolder('state');
    const running = await restoreByCli(state);
    await stopped('api')(place);
    await kill(running);
    const app = await openApp({ state });
    const sentences = await app.restores.recover();
    assert.equal(sentences.filter((sentence) => sentence.includes(target())).length, 1, sentences.join('\n'));
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await app.restores.recover(), []);
  });

  it('does not start what nobody ran', async () => {
    await engineCommand(['stop', `${place.project}-worker-1`]);
    try {
      const state = await tempFolder('state');
      const running = await restoreByCli(state);
      await stopped('api')(place);
      await kill(running);
      await cli(['list'], { state });
      assert.deepEqual(await runningDependents(place), ['api']);
    } finally {
      await engineCommand(['start', `${place.project}-worker-1`]);
    }
  });

  it('in an undo is finished or rolled back', async () => {
    const state = await tempFolder('state');
    await (
      await restoreByCli(state)
    ).ended;
    assert.equal(await rowsOf(place, 'crash', 'people'), 500);
    const running = await startCli(['undo', target(), '--yes', '--json'], { state });
    await stopped('api')(place);
    await kill(running);
    await assertRecovered(state, [250, 500], /rolled back|finished/);
    assert.equal((await databaseNames(place)).filter((name) => name.startsWith('cdb_undo_')).length, 1, 'one of the two states was lost');
  });

  it('is not tidied up while it runs', async () => {
    const state = await tempFolder('state');
    const running = await restoreByCli(state);
    await waitUntilLoading(place);
    const { stderr } = await cli(['list'], { state });
    assert.equal(stderr.includes('crash'), false, stderr);
    const other = await cli(['list'], { state: await tempFolder('other-host') });
    assert.equal(other.stderr.includes(place.project), false, other.stderr);
    const { code } = await running.ended;
    assert.equal(code, 0);
    assert.equal(await rowsOf(place, 'crash', 'people'), 500);
  });
});

async function entryIn(state: string): Promise<JournalEntry | undefined> {
  const [name] = (await journalFiles(state)).filter((each) => each.endsWith('.json'));
  if (name === undefined) return undefined;
  return JSON.parse(await readFile(path.join(state, 'journal', name), 'utf8').catch(() => '{}')) as JournalEntry;
}
