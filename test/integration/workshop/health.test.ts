import assert from 'node:assert/strict';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Health } from '../../../src/health/model';
import { readCounters, readInside, readSessions } from '../../../src/health/queries';
import { withSession } from '../../../src/postgres/session';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { backUp, cli, openApp, serviceOf, type OpenApp } from '../support/app';
import { codesOf, healthOf } from '../support/health';
import { tempFolder } from '../support/shared';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

describe('health, each reason produced for real', () => {
  let place: Server;
  let app: OpenApp;
  let backups: string;

  before(async function () {
    this.timeout(120_000);
    const env = { POSTGRES_INITDB_ARGS: '--data-checksums' };
    place = await startServer('health', { command: ['-c', 'max_connections=14'], env });
    backups = await tempFolder('health');
    app = await openApp({ backups });
    await backUp(app, place, 'app');
  });
  after(() => removeServer(place));

  const health = (limits: unknown = {}): Promise<Health> => healthOf(app, place, { limits, folder: backups });
  const codes = (limits: unknown = {}): Promise<readonly string[]> => codesOf(app, place, { limits, folder: backups });
  const withoutBackups = { backupAgeDays: 0 };

  it('is fine at first, and says so by its exit code', async () => {
    assert.deepEqual(await health(), { state: 'healthy', reasons: [] });
    const done = await cli(['health', place.container, '--folder', backups, '--json']);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal((JSON.parse(done.stdout) as { state: string }).state, 'healthy');
  });

  it('an old backup, and a new one', async () => {
    const [name] = (await readdir(backups)).filter((each) => each.endsWith('.dump.json'));
    assert.ok(name);
    const file = path.join(backups, name);
    const manifest = await readFile(file, 'utf8');
    await writeFile(file, manifest.replaceAll(/"(startedAt|finishedAt)": "[^"]+"/g, '"$1": "2026-01-01T00:00:00.000Z"'));
    assert.deepEqual(await codes(), ['BACKUP_OLD']);
    const done = await cli(['health', place.container, '--folder', backups]);
    assert.equal(done.code, 1);
    assert.match(done.stdout, /degraded\n {2}warning: The last verified backup of "app" is \d+ days old\./);
    assert.equal((await cli(['health', place.container, '--folder', backups, '--fail-on', 'down'])).code, 0);
    assert.equal((await cli(['health', place.container, '--limit', 'backupAgeDays=soon'])).code, 2);
    await writeFile(file, manifest);
    await utimes(file, new Date(), new Date());
    assert.deepEqual(await codes(), []);
  });

  it('a transaction that is left open, and sessions that wait behind it', async () => {
    await sql(place, 'app', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i');
    const idle = await holdSession(place, 'app');
    await idle.query('BEGIN; LOCK TABLE t; SELECT 1');
    const blocked = await holdSession(place, 'app');
    void blocked.query('SELECT count(*) FROM t').catch(() => undefined);
    const sensitive = { ...withoutBackups, idleInTransactionMinutes: 0.02, blockedSeconds: 0.5 };
    await waitFor('both reasons', async () => (await codes(sensitive)).length === 2);
    const { state, reasons } = await health(sensitive);
    assert.equal(state, 'degraded');
    await withSession(app.inventory.serverOf(serviceOf(app, place).service), 'app', {}, async (session) => {
      await session.execute('BEGIN');
      await readSessions(session);
      await readCounters(session, ['app']);
      await readInside(session);
      const held = 'SELECT relation::regclass::text AS name, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL';
      const locks = await session.query<{ name: string; mode: string }>(held);
      assert.deepEqual([...new Set(locks.map(({ mode }) => mode))], ['AccessShareLock']);
      assert.deepEqual(await session.query(`${held} AND relation >= 16384`), [], "a check has locked what is the user's");
    });
    assert.deepEqual(reasons.map(({ code }) => code).toSorted(), ['IDLE_IN_TRANSACTION', 'SESSIONS_BLOCKED']);
    assert.match(reasons.find(({ code }) => code === 'SESSIONS_BLOCKED')?.message ?? '', new RegExp(`for ${idle.pid}\\.`));
    idle.close();
    await waitFor('the lock to be gone', async () => (await codes(sensitive)).length === 0);
    blocked.close();
  });

  it('a slow query, and a long transaction', async () => {
    const busy = await holdSession(place, 'app');
    void busy.query("SELECT pg_sleep(600), 'slow'").catch(() => undefined);
    await waitFor('the slow query', async () => (await codes({ slowQuerySeconds: 1, longTransactionMinutes: 0 })).includes('QUERY_SLOW'));
    assert.deepEqual(await codes({ longTransactionMinutes: 0.01 }), ['TRANSACTION_LONG']);
    await sql(place, 'postgres', `SELECT pg_terminate_backend(${busy.pid})`);
    await waitFor('its end', async () => (await codes({ slowQuerySeconds: 1, longTransactionMinutes: 0.01 })).length === 0);
  });

  it('connections that run out, and none that is left', async () => {
    const idlers = await Promise.all(Array.from({ length: 8 }, () => holdSession(place, 'postgres')));
    assert.deepEqual(await codes(), ['CONNECTIONS_MANY']);
    idlers.push(...(await Promise.all(Array.from({ length: 6 }, () => holdSession(place, 'postgres')))));
    const { state, reasons } = await health();
    assert.deepEqual([state, reasons.map(({ code, short }) => `${code} ${short}`)], ['down', ['CONNECTIONS_EXHAUSTED no connection left']]);
    idlers.forEach((idler) => idler.close());
    await waitFor('them to be gone', async () => (await codes()).length === 0);
  });

  it('an invalid index, dead rows, and transactions that are not frozen', async () => {
    await sql(place, 'app', 'CREATE TABLE twice AS SELECT 1 AS i FROM generate_series(1, 2); ALTER TABLE t SET (autovacuum_enabled = off)');
    await sql(place, 'app', 'CREATE UNIQUE INDEX CONCURRENTLY twice_i ON twice (i)').catch(() => undefined);
    assert.deepEqual(await codes(), ['INDEX_INVALID']);
    await sql(place, 'app', 'DROP TABLE twice');
    assert.deepEqual(await codes(), []);
    await sql(place, 'app', 'INSERT INTO t SELECT i FROM generate_series(1, 30000) AS i; ANALYZE t');
    await sql(place, 'app', 'DELETE FROM t');
    await waitFor('the dead rows', async () => (await codes()).includes('ROWS_DEAD'));
    await sql(place, 'app', 'VACUUM t');
    await waitFor('them to be gone', async () => (await codes()).length === 0);
    const few = { wraparoundMillions: 0.0003 };
    await sql(place, 'app', 'DO $$ BEGIN FOR i IN 1..400 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$');
    assert.deepEqual(await codes(few), ['WRAPAROUND_NEAR']);
    await sql(place, 'app', 'VACUUM (FREEZE)');
    assert.deepEqual(await codes(few), []);
  });

  it('a collation that the image has in another version', async () => {
    await sql(place, 'postgres', "CREATE DATABASE words TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'");
    await app.inventory.refresh();
    assert.deepEqual(await codes(withoutBackups), []);
    await sql(place, 'postgres', "UPDATE pg_database SET datcollversion = '1.2.3' WHERE datname = 'words'");
    assert.match(
      (await health(withoutBackups)).reasons.map(({ code, message }) => `${code} ${message}`).join(),
      /^COLLATION_CHANGED "words" .* version 1\.2\.3; /,
    );
    await sql(place, 'words', 'ALTER DATABASE words REFRESH COLLATION VERSION');
    assert.deepEqual(await codes(withoutBackups), []);
    await sql(place, 'postgres', 'DROP DATABASE words');
    await app.inventory.refresh();
  });

  it('a damaged page, found when it is read', async () => {
    await sql(place, 'postgres', 'CREATE DATABASE broken');
    await sql(place, 'broken', 'CREATE TABLE b AS SELECT i FROM generate_series(1, 1000) AS i; CHECKPOINT');
    const file = await sql(place, 'broken', "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('b')");
    await engineCommand(['restart', place.container]);
    await waitForPostgres(place.container);
    await engineCommand(['exec', place.container, 'sh', '-c', 'printf "\\377" | dd of="$1" bs=1 seek=5000 conv=notrunc', 'sh', file]);
    await assert.rejects(sql(place, 'broken', 'SELECT count(*) FROM b'), /invalid page/);
    await app.inventory.refresh();
    await waitFor('the counter', async () => (await codes(withoutBackups)).includes('CHECKSUM_FAILED'));
    await sql(place, 'postgres', 'DROP DATABASE broken');
    await app.inventory.refresh();
    assert.deepEqual(await codes(), []);
  });

  it('a database that is gone, a container that is stopped, and one that is paused', async () => {
    await sql(place, 'postgres', 'ALTER DATABASE app RENAME TO other');
    await app.inventory.refresh();
    assert.ok((await codes(withoutBackups)).includes('DATABASE_MISSING'));
    await sql(place, 'postgres', 'ALTER DATABASE other RENAME TO app');
    await app.inventory.refresh();
    assert.deepEqual(await codes(), []);
    for (const [verb, back, code] of [
      ['pause', 'unpause', 'NOT_RUNNING'],
      ['kill', 'start', 'CRASHED'],
      ['stop', 'start', 'NOT_RUNNING'],
    ] as const) {
      await engineCommand([verb, place.container]);
      await app.inventory.refresh();
      assert.deepEqual(await health().then(({ state, reasons }) => [state, reasons.map(({ code }) => code)]), ['down', [code]]);
      await engineCommand([back, place.container]);
      await waitForPostgres(place.container);
    }
    await app.inventory.refresh();
    assert.equal((await health()).state, 'healthy');
  });

  it('a server that lets nobody in yet, and one that recovers', async () => {
    const inData = (line: string): Promise<unknown> => engineCommand(['exec', place.container, 'sh', '-c', `cd "$PGDATA" && ${line}`]);
    await sql(place, 'postgres', 'ALTER SYSTEM SET hot_standby = off');
    await inData('touch standby.signal');
    await engineCommand(['restart', place.container]);
    await waitFor('it to refuse', async () => (await codes()).join() === 'SERVER_STARTING');
    await app.inventory.refresh();
    assert.deepEqual(await health().then(({ state, reasons }) => [state, reasons.map(({ code }) => code)]), ['unknown', ['STARTING']]);
    await inData('sed -i /hot_standby/d postgresql.auto.conf');
    await engineCommand(['restart', place.container]);
    await waitForPostgres(place.container);
    await app.inventory.refresh();
    assert.deepEqual(await codes(), ['IN_RECOVERY']);
    assert.equal(await sql(place, 'postgres', 'SELECT pg_promote()'), 't');
    assert.deepEqual(await codes(), []);
  });
});
