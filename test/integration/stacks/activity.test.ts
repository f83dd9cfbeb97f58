import assert from 'node:assert/strict';
import { followLog } from '../../../src/engine/logs';
import { endSession, readActivity } from '../../../src/health/activity';
import { readOverview } from '../../../src/health/overview';
import { createExtension, loadAtRestart, readSlowQueries } from '../../../src/health/slowQueries';
import { runScript } from '../../../src/postgres/runScript';
import { withSession, type Session } from '../../../src/postgres/session';
import { logSeverity } from '../../../src/vscode/present/logLine';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { waitFor } from '../../lab/process';
import { failureOf, serviceOf } from '../support/app';
import { startFigures, type Figures } from '../support/figures';
import { holdSession, sql } from '../support/sql';

describe('activity, overview, SQL and logs', () => {
  let place: Figures['place'];
  let app: Figures['app'];
  let ask: Figures['ask'];

  before(async function () {
    this.timeout(120_000);
    ({ place, app, ask } = await startFigures());
    await sql(place, 'app', 'CREATE TABLE held AS SELECT g AS id, g AS amount FROM generate_series(1, 50) AS g');
  });

  it('shows who blocks whom, and ends the one that does', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => holdSession(place, 'app')));
    const [root, middle, last] = sessions;
    assert.ok(root !== undefined && middle !== undefined && last !== undefined);
    try {
      await root.query('BEGIN; UPDATE held SET amount = 1 WHERE id = 10; SELECT 1');
      await middle.query('BEGIN; UPDATE held SET amount = 2 WHERE id = 20; SELECT 1');
      const waits = [middle.query('UPDATE held SET amount = 2 WHERE id = 10; SELECT 1'), last.query('UPDATE held SET amount = 3 WHERE id = 20; SELECT 1')];
      for (const wait of waits) wait.catch(() => undefined);
      const seen = await waitFor('the chain', async () => {
        const activity = await ask(readActivity);
        return activity.blocking[0]?.waiters[0]?.waiters[0] === undefined ? undefined : activity;
      });
      assert.deepEqual(seen.blocking, [{ pid: root.pid, waiters: [{ pid: middle.pid, waiters: [{ pid: last.pid, waiters: [] }] }] }]);
      const blocker = seen.sessions.find(({ pid }) => pid === root.pid);
      assert.equal(blocker?.state, 'idle in transaction');
      assert.equal(seen.sessions.find(({ pid }) => pid === last.pid)?.state, 'blocked');
      assert.ok(seen.locks.some(({ pid, granted }) => pid === middle.pid && !granted));
      assert.ok(seen.locks.some(({ object, pid }) => object === 'public.held' && pid === root.pid));
      assert.ok(seen.connections.used >= 3 && seen.connections.most === 100);
      await assert.rejects(
        ask((session) => endSession(session, 'terminate', root.pid, 'another time')),
        { code: 'SESSION_GONE' },
      );
      await ask((session) => endSession(session, 'terminate', root.pid, blocker?.startedAt ?? ''));
      assert.equal(await waits[0], '1');
      await waitFor('the chain to be shorter', async () => (await ask(readActivity)).blocking[0]?.pid === middle.pid);
    } finally {
      for (const session of sessions) session.close();
    }
  });

  it('tells what is worth knowing of a database', async () => {
    const overview = await ask(readOverview);
    assert.equal(
      String(overview.tables),
      await sql(
        place,
        'app',
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND oid > 16383 AND relnamespace::regnamespace::text !~ '^pg_'",
      ),
    );
    assert.deepEqual(
      overview.extensions.map(({ name }) => name),
      ['pgcrypto', 'plpgsql', 'postgres_fdw'],
    );
    assert.equal(overview.owner, 'app');
    assert.ok(overview.roles.some(({ name, superuser }) => name === 'app' && superuser));
    assert.ok(
      !overview.settings.some(({ name }) => ['statement_timeout', 'lock_timeout', 'application_name'].includes(name)),
      JSON.stringify(overview.settings),
    );
  });

  it('runs SQL as one transaction, and takes it back where that is wished', async () => {
    const server = app.inventory.serverOf(serviceOf(app, place).service);
    const exists = (table: string): Promise<string> => sql(place, 'app', `SELECT to_regclass('${table}') IS NOT NULL`);
    const script =
      "CREATE TABLE made (id int, note text); INSERT INTO made VALUES (1, NULL), (2, 'b'); SELECT * FROM made; DO $$ BEGIN RAISE NOTICE 'hello'; END $$";
    const rehearsed = await runScript(server, 'app', script, true);
    assert.deepEqual(
      rehearsed.results.map(({ command, rowCount }) => [command, rowCount]),
      [
        ['CREATE', null],
        ['INSERT', 2],
        ['SELECT', 2],
        ['DO', null],
      ],
    );
    assert.deepEqual(rehearsed.results[2]?.rows, [['1', null], ['2', 'b']]); // prettier-ignore
    assert.deepEqual(rehearsed.notices, ['NOTICE: hello']);
    assert.equal(await exists('made'), 'f');
    await runScript(server, 'app', script, false);
    assert.equal(await exists('made'), 't');
    assert.equal((await failureOf(runScript(server, 'app', 'CREATE TABLE half (id int); SELECT 1 / 0', false))).code, 'SQLSTATE_22012');
    assert.equal(await exists('half'), 'f');
    for (const sneaky of [
      'DROP TABLE made; COMMIT',
      'DROP TABLE made; DO $$ BEGIN COMMIT; END $$',
      "SELECT set_config('transaction_read_only', 'off', false); DROP TABLE made; END",
    ]) {
      await failureOf(runScript(server, 'app', sneaky, true));
      assert.equal(await exists('made'), 't', sneaky);
    }
    assert.equal((await failureOf(runScript(server, 'app', '\\! touch /tmp/never', false))).code, 'SQL_FOR_PSQL');
  });

  it('follows the log', async () => {
    const { service } = serviceOf(app, place);
    const stop = new AbortController();
    const engine = app.inventory.engineOf(service.container?.endpointId ?? '');
    let found = '';
    for await (const line of followLog(engine, place.container, 100, stop.signal)) {
      if (!line.includes('division by zero')) continue;
      found = line;
      break;
    }
    stop.abort();
    assert.equal(logSeverity(found), 'error');
  });

  it('has slow queries told where they are not, and tells them', async function () {
    this.timeout(60_000);
    const server = app.inventory.serverOf(serviceOf(app, place).service);
    const change = <T>(work: (session: Session) => Promise<T>): Promise<T> => withSession(server, 'app', {}, work);
    assert.equal((await ask(readSlowQueries)).state, 'off');
    await sql(place, 'app', "ALTER SYSTEM SET shared_preload_libraries = 'auto_explain'");
    await engineCommand(['restart', place.container], place);
    await waitForPostgres(place.container, place);
    await change(loadAtRestart);
    await engineCommand(['restart', place.container], place);
    await waitForPostgres(place.container, place);
    assert.equal(await sql(place, 'app', 'SHOW shared_preload_libraries'), 'auto_explain, pg_stat_statements');
    assert.equal((await ask(readSlowQueries)).state, 'loaded');
    await change(createExtension);
    await sql(place, 'app', 'SELECT count(*) FROM held AS slow_one');
    const slow = await ask(readSlowQueries);
    assert.ok(slow.state === 'on' && slow.queries.some(({ query, calls }) => query.includes('slow_one') && calls === 1), JSON.stringify(slow));
  });
});
