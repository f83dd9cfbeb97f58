import assert from 'node:assert/strict';
import path from 'node:path';
import { createExtension, loadAtRestart, readSlowQueries } from '../../../src/health/slowQueries';
import { endSession, readActivity } from '../../../src/health/activity';
import { readIndexes } from '../../../src/health/indexes';
import { look } from '../../../src/health/look';
import { readOverview } from '../../../src/health/overview';
import { SizeHistory, sampleOf } from '../../../src/health/sizeHistory';
import { countExactly, readTables } from '../../../src/health/statistics';
import { readTableDetail } from '../../../src/health/tableDetail';
import { followLog } from '../../../src/engine/logs';
import { runScript } from '../../../src/postgres/runScript';
import { withSession, type Session } from '../../../src/postgres/session';
import type { TableFigures } from '../../../src/protocol/statistics';
import { logSeverity } from '../../../src/vscode/present/logLine';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { waitFor } from '../../lab/process';
import { cli, cliJson, failureOf, openApp, serviceOf, type OpenApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer, startStack, type Server } from '../support/stack';

// What the tests ask Postgres itself, past everything that is tested.
const ownFigures = `
  SELECT c.oid, CASE c.relkind WHEN 'p' THEN (SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree(c.oid)) ELSE pg_total_relation_size(c.oid) END,
         CASE c.relkind WHEN 'p' THEN (SELECT coalesce(sum(pg_indexes_size(relid)), 0) FROM pg_partition_tree(c.oid)) ELSE pg_indexes_size(c.oid) END,
         CASE c.relkind WHEN 'm' THEN c.relnatts ELSE (SELECT count(*) FROM information_schema.columns AS k WHERE k.table_schema = n.nspname AND k.table_name = c.relname) END
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid`;

const odd = `
  CREATE EXTENSION postgres_fdw; CREATE EXTENSION pgcrypto;
  CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'app');
  CREATE SCHEMA "a ""b"" <c>"; CREATE SCHEMA parts;
  CREATE TABLE "a ""b"" <c>"."Tab\`le; DROP 💥" ("käse ''n" int PRIMARY KEY, note text);
  INSERT INTO "a ""b"" <c>"."Tab\`le; DROP 💥" SELECT g, repeat(md5(g::text), 200) FROM generate_series(1, 500) AS g;
  CREATE TABLE parts.log (at date NOT NULL, id int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
  CREATE TABLE parts.log_1 PARTITION OF parts.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  CREATE TABLE parts.log_2 PARTITION OF parts.log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY HASH (id);
  CREATE TABLE parts.log_2a PARTITION OF parts.log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE parts.log_2b PARTITION OF parts.log_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  INSERT INTO parts.log SELECT date '2026-01-01' + g % 58, g FROM generate_series(1, 5000) AS g;
  CREATE MATERIALIZED VIEW parts.daily AS SELECT at, count(*) FROM parts.log GROUP BY at;
  CREATE FOREIGN TABLE parts.far (id int) SERVER here OPTIONS (schema_name 'parts', table_name 'log');
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "at" timestamptz DEFAULT now(), amount numeric CHECK (amount > 0), note text);
  INSERT INTO orders (amount, note) SELECT g, md5(g::text) FROM generate_series(1, 50000) AS g;
  CREATE TABLE lines (id int PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, parent int REFERENCES lines);
  CREATE INDEX orders_note ON orders (note); CREATE INDEX orders_note_again ON orders (note); CREATE INDEX orders_part ON orders (note) WHERE amount > 5;
  CREATE TABLE doubles (n int); INSERT INTO doubles VALUES (1), (1);`;

function named(tables: readonly TableFigures[], name: string): TableFigures {
  const found = tables.find((table) => table.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

describe('statistics and activity', () => {
  let place: Server;
  let app: OpenApp;
  let ask: <T>(work: (session: Session) => Promise<T>) => Promise<T>;

  after(() => removeServer(place));

  before(async function () {
    this.timeout(120_000);
    place = await startServer('stats');
    await sql(place, 'app', odd);
    await sql(place, 'app', 'ANALYZE'); // in a session of its own: what a session has counted of its own inserts is added when it ends
    app = await openApp();
    ask = (work) => look(app.inventory.serverOf(serviceOf(app, place).service), 'app', work);
  });

  const compare = async (tables: readonly TableFigures[], rows: string): Promise<void> => {
    assert.equal(
      tables
        .toSorted((a, b) => a.oid - b.oid)
        .map(({ oid, totalBytes, indexBytes, columns }) => [oid, totalBytes, indexBytes, columns].join('|'))
        .join('\n'),
      rows,
    );
  };

  it('gives the figures that Postgres gives: partitions, materialised views, foreign tables, odd names', async () => {
    const tables = await ask(readTables);
    await compare(tables, await sql(place, 'app', ownFigures));
    assert.deepEqual(
      ['log', 'log_2', 'log_2a', 'daily', 'far', 'orders'].map((name) => named(tables, name).kind),
      ['partitioned table', 'partitioned table', 'partition', 'materialised view', 'foreign table', 'table'],
    );
    assert.equal(named(tables, 'log').rows, 5000);
    assert.ok(named(tables, 'log').totalBytes > named(tables, 'log_2').totalBytes);
    const strange = named(tables, 'Tab`le; DROP 💥');
    assert.equal(strange.schema, 'a "b" <c>');
    assert.equal(String(strange.toastBytes), await sql(place, 'app', `SELECT pg_total_relation_size(reltoastrelid) FROM pg_class WHERE oid = ${strange.oid}`));
    assert.equal(strange.heapBytes + strange.toastBytes + strange.indexBytes, strange.totalBytes);
    assert.equal(await ask((session) => countExactly(session, strange.oid)), 500);
    assert.equal(named(tables, 'lines').rows, 0);
  });

  it('gives them on a stack too, and on the command line', async () => {
    const stack = await startStack('reims');
    const { tables } = await cliJson<{ readonly tables: readonly TableFigures[] }>(['stats', `${stack.project}/${stack.service}/reims`]);
    await compare(tables, await sql(stack, 'reims', ownFigures));
    const { stdout, code } = await cli(['stats', `${stack.project}/${stack.service}/reims`, '--exact']);
    assert.equal(code, 0);
    assert.match(stdout, /^public\.chart_of_accounts +330 /m);
    const info = await cliJson<{ readonly overview: { readonly tables: number; readonly roles: readonly { readonly name: string }[] } }>([
      'info',
      `${stack.project}/${stack.service}/reims`,
    ]);
    assert.equal(info.overview.tables, 20);
    assert.ok(info.overview.roles.some(({ name }) => name === 'reims'));
  });

  it('estimates bloat, and counts dead rows', async () => {
    await sql(place, 'app', 'DELETE FROM orders WHERE id % 10 <> 0; SELECT pg_stat_force_next_flush()');
    const dead = await waitFor('the dead rows', async () => {
      const orders = named(await ask(readTables), 'orders');
      return orders.deadRows > 0 ? orders : undefined;
    });
    assert.equal(dead.deadRows, 45_000);
    await sql(place, 'app', 'VACUUM ANALYZE orders');
    const after = named(await ask(readTables), 'orders');
    const before = await sql(place, 'app', 'SELECT pg_relation_size($$orders$$)');
    await sql(place, 'app', 'VACUUM FULL orders');
    const saved = Number(before) - Number(await sql(place, 'app', 'SELECT pg_relation_size($$orders$$)'));
    assert.ok(Math.abs((after.bloatBytes ?? 0) - saved) < 0.15 * saved, `${after.bloatBytes} is not about ${saved}`);
    assert.equal(after.deadRows, 0);
    assert.ok((after.vacuumedAt ?? 0) > Date.now() - 60_000);
  });

  it('waits for no lock', async () => {
    const holder = await holdSession(place, 'app');
    try {
      await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT 1');
      const tables = await ask(readTables);
      assert.equal(named(tables, 'orders').isLocked, true);
      assert.ok(named(tables, 'orders').totalBytes > 0);
      assert.equal(named(tables, 'lines').isLocked, false);
    } finally {
      holder.close();
    }
  });

  it('finds indexes that are unused, duplicate or invalid', async () => {
    await sql(place, 'app', 'CREATE UNIQUE INDEX CONCURRENTLY broken ON doubles (n)').then(
      () => assert.fail('it is unique'),
      () => undefined,
    );
    await waitFor('the scan to be counted', async () => {
      await sql(place, 'app', 'SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM orders WHERE id = 10');
      return (await ask(readIndexes)).some(({ name, scans }) => name === 'orders_pkey' && scans > 0);
    });
    const indexes = await ask(readIndexes);
    const findings = Object.fromEntries(
      indexes.map(({ name, findings: found, duplicateOf }) => [name, [...found, ...(duplicateOf === null ? [] : [duplicateOf])]]),
    );
    assert.deepEqual(findings['broken'], ['invalid']);
    assert.deepEqual(findings['orders_note_again'], ['duplicate', 'unused', 'orders_note']);
    assert.deepEqual(findings['orders_part'], ['unused']);
    assert.deepEqual(findings['orders_pkey'], []);
    assert.equal(String(indexes.find(({ name }) => name === 'orders_note')?.bytes), await sql(place, 'app', 'SELECT pg_relation_size($$orders_note$$)'));
  });

  it('shows a table from near', async () => {
    const { oid } = named(await ask(readTables), 'orders');
    const detail = await ask((session) => readTableDetail(session, oid));
    assert.deepEqual(
      detail.columns.map(({ name, type, nullable, default: value }) => [name, type, nullable, value]),
      [
        ['id', 'bigint', false, 'identity'],
        ['at', 'timestamp with time zone', true, 'now()'],
        ['amount', 'numeric', true, null],
        ['note', 'text', true, null],
      ],
    );
    assert.deepEqual(
      detail.constraints.map(({ kind }) => kind).filter((kind) => kind !== 'not null'),
      ['check', 'primary key'],
    );
    assert.deepEqual(
      detail.referencedBy.map(({ from, definition }) => [from, definition]),
      [['lines', 'FOREIGN KEY (order_id) REFERENCES orders(id)']],
    );
    assert.equal(detail.indexes.length, 4);
  });

  it('keeps sizes over time', async () => {
    const history = new SizeHistory(path.join(await tempFolder('sizes'), 'deep'));
    const tables = await ask(readTables);
    await history.add('a', sampleOf(1000, 5, tables));
    const samples = await history.add('a', sampleOf(9_000_000, 7, tables));
    assert.deepEqual(samples, await history.read('a'));
    assert.deepEqual(
      samples.map(({ at, totalBytes }) => [at, totalBytes]),
      [
        [1000, 5],
        [9_000_000, 7],
      ],
    );
    assert.equal(samples[1]?.tables['public.orders'], named(tables, 'orders').totalBytes);
    assert.deepEqual(await history.read('b'), []);
  });

  it('shows who blocks whom, and ends the one that does', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => holdSession(place, 'app')));
    const [root, middle, last] = sessions;
    assert.ok(root !== undefined && middle !== undefined && last !== undefined);
    try {
      await root.query('BEGIN; UPDATE orders SET amount = 1 WHERE id = 10; SELECT 1');
      await middle.query('BEGIN; UPDATE orders SET amount = 2 WHERE id = 20; SELECT 1');
      const waits = [middle.query('UPDATE orders SET amount = 2 WHERE id = 10; SELECT 1'), last.query('UPDATE orders SET amount = 3 WHERE id = 20; SELECT 1')];
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
      assert.ok(seen.locks.some(({ object, pid }) => object === 'public.orders' && pid === root.pid));
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
    await sql(place, 'app', 'SELECT count(*) FROM orders AS slow_one');
    const slow = await ask(readSlowQueries);
    assert.ok(slow.state === 'on' && slow.queries.some(({ query, calls }) => query.includes('slow_one') && calls === 1), JSON.stringify(slow));
  });
});
