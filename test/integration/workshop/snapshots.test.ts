import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SnapshotDatabase } from '../../../src/inventory/model';
import type { JournalEntry } from '../../../src/restore/journal';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import {
  cli,
  cliJson,
  databaseOf,
  failureOf,
  journalFiles,
  openApp,
  operation,
  placeOf,
  serviceOf,
  startCli,
  type OpenApp,
  type RunningCli,
} from '../support/app';
import { assertNothingLeft, leftoversOf, watchServer, type Watch } from '../support/evidence';
import { soon } from '../support/killAt';
import { tempFolder } from '../support/shared';
import { databaseNames, fingerprint, holdSession, rowsOf, sql, type Place } from '../support/sql';
import { removeServer, startServer } from '../support/stack';
import { dependentTimes, dropDatabases, fillDatabase, runningDependents, startWorkshop, type Workshop } from '../support/workshop';

// What is said of a database from outside, which a copy by template leaves behind; some of it means things that are in this database only.
const surroundings = (name: string, user: string): string => `
  CREATE TEXT SEARCH CONFIGURATION own (COPY = simple);
  CREATE ROLE reader; CREATE ROLE "the ""lender""";
  REVOKE ALL ON DATABASE "${name}" FROM PUBLIC; REVOKE TEMPORARY ON DATABASE "${name}" FROM "${user}";
  GRANT CONNECT ON DATABASE "${name}" TO reader;
  GRANT CREATE ON DATABASE "${name}" TO "the ""lender""" WITH GRANT OPTION;
  SET ROLE "the ""lender"""; GRANT CREATE ON DATABASE "${name}" TO reader; RESET ROLE;
  ALTER DATABASE "${name}" SET default_text_search_config = 'public.own';
  ALTER DATABASE "${name}" SET search_path = "odd, ""name""", public;
  ALTER DATABASE "${name}" SET app.words = 'it''s, "so"';
  ALTER ROLE reader IN DATABASE "${name}" SET work_mem = '5MB';
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
  ALTER DATABASE "${name}" CONNECTION LIMIT 40;
  COMMENT ON DATABASE "${name}" IS 'Words with ''quotes'' and 🦊';`;

describe('snapshots', () => {
  const name = 'snap "1"';
  let place: Workshop;
  let app: OpenApp;
  let watch: Watch;
  let whole: readonly string[];

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, name);
    await sql(place, name, surroundings('snap ""1""', place.user));
    whole = await fingerprint(place, name);
    app = await openApp();
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await dropDatabases(place, [name]);
    await sql(place, 'postgres', 'DROP ROLE reader; DROP ROLE "the ""lender"""');
  });

  const target = (): string => `${place.project}/db/${name}`;
  const take = async (label?: string, keep = 0): Promise<SnapshotDatabase> => {
    await app.inventory.refresh();
    const database = databaseOf(app, place, name);
    const plan = await app.snapshots.plan(database, { keep, ...(label === undefined ? {} : { label }) }, operation().signal);
    return (await app.snapshots.take(plan, database, operation())).snapshot;
  };
  const listed = async (): Promise<readonly SnapshotDatabase[]> => {
    await app.inventory.refresh();
    return serviceOf(app, place).service.snapshots;
  };
  const assertClean = async (): Promise<void> => {
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await journalFiles(app.state), []);
    await watch.assertUntouched();
  };

  it('are taken from a database that is in use, with all that is said of it, and gone back to as often as one likes', async () => {
    const client = await holdSession(place, name);
    const times = await dependentTimes(place);
    const snapshot = await take('before 🦊');
    assert.equal(await client.isAlive(), false, 'the copy was made with a client in the database');
    assert.deepEqual(await dependentTimes(place), times);
    assert.deepEqual(await fingerprint(place, name), whole);
    assert.deepEqual(
      (await listed()).map(({ of, label }) => [of, label]),
      [[name, 'before 🦊']],
    );
    assert.ok(!serviceOf(app, place).service.databases.some((database) => database.name === snapshot.name));

    await sql(place, name, `DROP TABLE people CASCADE; ALTER DATABASE "snap ""1""" RESET ALL; REVOKE ALL ON DATABASE "snap ""1""" FROM reader CASCADE`);
    const damaged = await fingerprint(place, name);
    await app.inventory.refresh();
    const back = await app.snapshots.planRollBack(placeOf(app, place, name), snapshot, operation().signal);
    assert.deepEqual(back.dependents, ['api', 'worker']);
    const before = await dependentTimes(place);
    const result = await app.snapshots.rollBack(back, placeOf(app, place, name), operation());
    assert.deepEqual(await fingerprint(place, name), whole);
    const after = await dependentTimes(place);
    assert.deepEqual([after['api'] === before['api'], after['idle'] === before['idle']], [false, true]);
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);

    await app.inventory.refresh();
    assert.ok(serviceOf(app, place).service.undos.some((undo) => undo.name === result.undo && undo.expiresAt === result.expiresAt));
    await app.restores.undo(placeOf(app, place, name), operation());
    assert.deepEqual(await fingerprint(place, name), damaged);
    await app.inventory.refresh();
    await app.restores.undo(placeOf(app, place, name), operation());
    assert.deepEqual(await fingerprint(place, name), whole);
    await assertClean();
  });

  it('bring back a database that was dropped', async () => {
    await sql(place, 'postgres', `DROP DATABASE "snap ""1""" WITH (FORCE)`);
    const result = await cliJson<{ undo: string | null }>(['rollback', target(), 'before 🦊', '--yes'], { state: app.state });
    assert.equal(result.undo, null);
    assert.deepEqual(await fingerprint(place, name), whole);
    await assertClean();
  });

  it('are listed, renamed, kept to a number and deleted, and refuse what cannot be', async () => {
    const run = async (...args: readonly string[]): Promise<number> => (await cli(args, { state: app.state })).code;
    const names = async (): Promise<readonly string[]> =>
      (await cliJson<{ snapshots: readonly { name: string }[] }>(['snapshot', 'list', target()], { state: app.state })).snapshots.map((each) => each.name);
    await cliJson(['snapshot', target(), '--name', 'second'], { state: app.state });
    assert.equal(await run('snapshot', target(), '--name', 'second'), 1);
    await cliJson(['snapshot', 'rename', target(), 'before 🦊', '--to', 'first'], { state: app.state });
    assert.deepEqual(await names(), ['second', 'first']);
    assert.equal(await run('snapshot', 'rename', target(), 'first', '--to', 'second'), 1);
    assert.equal(await run('rollback', target(), 'first'), 4);
    assert.equal(await run('rollback', target(), 'nothing', '--yes'), 3);
    const third = await cliJson<{ deleted: readonly { name: string }[] }>(['snapshot', target(), '--name', 'third', '--keep', '2'], { state: app.state });
    assert.deepEqual(
      third.deleted.map((each) => each.name),
      ['first'],
    );
    assert.equal(await run('snapshot', 'delete', target(), 'second'), 4);
    await cliJson(['snapshot', 'delete', target(), 'second', '--yes'], { state: app.state });
    assert.deepEqual(await names(), ['third']);

    await assertClean();
  });

  it('are taken one at a time, and leave nothing when they are cancelled', async () => {
    const stuck = await holdSession(place, name);
    const signal = (kind: string): Promise<unknown> => engineCommand(['exec', place.container, 'sh', '-c', 'kill -s "$1" "$2"', 'sh', kind, String(stuck.pid)]);
    await signal('STOP'); // a session that does not end: the copy waits for it
    try {
      const abort = new AbortController();
      await app.inventory.refresh();
      const database = databaseOf(app, place, name);
      const plan = await app.snapshots.plan(database, { keep: 0 }, abort.signal);
      const taking = app.snapshots.take(plan, database, operation({ signal: abort.signal }));
      taking.catch(() => undefined);
      await waitFor('the copy', () => isCopying(place));
      assert.equal((await failureOf(app.snapshots.plan(database, { keep: 0 }, operation().signal))).code, 'RESTORE_RUNNING');
      abort.abort();
      assert.equal((await failureOf(taking)).code, 'CANCELLED');
    } finally {
      await signal('CONT');
    }
    assert.deepEqual(
      (await listed()).map(({ label }) => label),
      ['third'],
    );
    assert.deepEqual(await fingerprint(place, name), whole);
    await assertClean();
  });

  describe('whose process is killed', () => {
    const kill = async ({ child, ended }: RunningCli): Promise<void> => {
      child.kill('SIGKILL');
      const { signal, stdout } = await ended;
      assert.equal(signal, 'SIGKILL', `it had ended before: ${stdout}`);
    };
    const assertRecovered = async (state: string, sentence: RegExp): Promise<void> => {
      let notes = '';
      await waitFor('the recovery', async () => {
        notes += (await cli(['list'], { state })).stderr; // the server goes on with a copy, and holds the claim as long
        return (await journalFiles(state)).length === 0;
      });
      assert.match(notes, sentence);
      assert.deepEqual(await runningDependents(place), ['api', 'worker']);
      await assertNothingLeft(place);
      await waitFor('the sweep', async () => {
        await cli(['list'], { state });
        return (await leftoversOf(place)).length === 0;
      });
      await watch.assertUntouched();
    };

    it('while the copy is made leave the database as it was, and open', async () => {
      const stuck = await holdSession(place, name);
      const signal = (kind: string): Promise<unknown> =>
        engineCommand(['exec', place.container, 'sh', '-c', 'kill -s "$1" "$2"', 'sh', kind, String(stuck.pid)]);
      const state = await tempFolder('state');
      await signal('STOP');
      try {
        const running = await startCli(['snapshot', target(), '--name', 'killed'], { state });
        await waitFor('the copy', () => isCopying(place));
        await kill(running);
      } finally {
        await signal('CONT');
      }
      assert.equal(await rowsOf(place, name, 'people'), 500); // before any recovery
      await assertRecovered(state, /interrupted snapshot .* rolled back/);
      assert.deepEqual(
        (await listed()).map(({ label }) => label),
        ['third'],
      );
      assert.deepEqual(await fingerprint(place, name), whole);
    });

    const phase = (wanted: JournalEntry['phase']) => (state: string) => async () => (await entryIn(state))?.phase === wanted;
    const moments = [
      { when: 'the dependents are about to be stopped', wait: phase('swapping'), sentence: /interrupted rollback .* (rolled back|finished)/ },
      {
        when: 'the databases have been exchanged',
        wait: () => async () => (await databaseNames(place)).some((each) => each.startsWith('cdb_undo_')),
        sentence: /interrupted rollback .* finished/,
      },
    ];
    for (const { when, wait, sentence } of moments) {
      it(`while ${when}, a rollback is finished or taken back by the next command`, async () => {
        await sql(place, name, 'DELETE FROM people WHERE id > 250');
        for (const each of (await databaseNames(place)).filter((database) => database.startsWith('cdb_undo_')))
          await sql(place, 'postgres', `DROP DATABASE ${each}`);
        const state = await tempFolder('state');
        const running = await startCli(['rollback', target(), 'third', '--yes'], { state });
        await soon(when, wait(state));
        await kill(running);
        await assertRecovered(state, sentence);
        const rows = await rowsOf(place, name, 'people');
        assert.ok(rows === 250 || rows === 500, String(rows));
        if (rows === 250) await cliJson(['rollback', target(), 'third', '--yes'], { state });
        assert.deepEqual(await fingerprint(place, name), whole);
      });
    }
  });
});

for (const major of [13, 18]) {
  describe(`snapshots on Postgres ${major}`, () => {
    it('are taken and gone back to, also where the collation has another version by now', async function () {
      this.timeout(120_000);
      const place = await startServer(`snapshots${major}`, { image: `postgres:${major}` });
      await sql(
        place,
        'app',
        'CREATE TABLE words AS SELECT i AS id, repeat(md5(i::text), 20) AS word FROM generate_series(1, 200000) AS i; CREATE INDEX ON words (word)',
      );
      if (major >= 15) await sql(place, 'postgres', "UPDATE pg_database SET datcollversion = '1.0' WHERE datname = 'app'");
      const whole = await fingerprint(place, 'app');
      const app = await openApp();
      const database = databaseOf(app, place, 'app');
      const plan = await app.snapshots.plan(database, { keep: 0 }, operation().signal);
      assert.equal(plan.strategy === 'only', major < 15);
      const { snapshot } = await app.snapshots.take(plan, database, operation());
      await sql(place, 'app', 'DROP TABLE words');
      await app.inventory.refresh();
      const back = await app.snapshots.planRollBack(placeOf(app, place, 'app'), snapshot, operation().signal);
      await app.snapshots.rollBack(back, placeOf(app, place, 'app'), operation());
      assert.deepEqual(await fingerprint(place, 'app'), whole);
      assert.deepEqual(await leftoversOf(place), []);
      await removeServer(place);
    });
  });
}

async function isCopying(place: Place): Promise<boolean> {
  return (await sql(place, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND state = 'active'")) === '1';
}

async function entryIn(state: string): Promise<JournalEntry | undefined> {
  const [file] = (await journalFiles(state)).filter((each) => each.endsWith('.json'));
  if (file === undefined) return undefined;
  return JSON.parse(await readFile(path.join(state, 'journal', file), 'utf8').catch(() => '{}')) as JournalEntry;
}
