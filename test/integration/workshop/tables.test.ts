import assert from 'node:assert/strict';
import type { Backup } from '../../../src/backup/catalogue';
import type { TableDifference } from '../../../src/restore/part/runMerge';
import { waitFor } from '../../lab/process';
import { backUp, cli, cliJson, failureOf, journalFiles, openApp, operation, placeOf, restore, type OpenApp } from '../support/app';
import { leftoversOf, ourSessions, startedAt } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { fingerprint, holdSession, rowsOf, sql } from '../support/sql';
import { dropDatabases, fillDatabase, startWorkshop, type Workshop } from '../support/workshop';

// Chosen tables of a backup, put into the live database.

const shop = `
  CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person int NOT NULL REFERENCES people ON DELETE CASCADE, doc json, total numeric,
                       doubled numeric GENERATED ALWAYS AS (total * 2) STORED);
  INSERT INTO orders (person, doc, total) SELECT 1 + i % 500, json_build_object('i', i, 'text', E'a\\tb\\n\\\\.'), i / 3.0 FROM generate_series(1, 1000) AS i;
  CREATE TABLE "Odd ""one""" (note text); INSERT INTO "Odd ""one""" VALUES ('twice'), ('twice'), (NULL), ('');
  CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  INSERT INTO parts SELECT i, date '2026-01-01' + i % 360 FROM generate_series(1, 700) AS i;
  CREATE TABLE audit (what text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END $$;
  CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON people FOR EACH ROW EXECUTE FUNCTION note();`;

describe('chosen tables into the live database', () => {
  let place: Workshop;
  let app: OpenApp;
  let custom: Backup;
  let plain: Backup;
  let whole: readonly string[];
  let folder: string;

  before(async function () {
    this.timeout(180_000);
    place = await startWorkshop();
    await fillDatabase(place, 'tables', shop);
    folder = await tempFolder('tables');
    app = await openApp({ backups: folder });
    custom = await backUp(app, place, 'tables');
    plain = await backUp(app, place, 'tables', operation(), { format: 'plain' });
    whole = await fingerprint(place, 'tables');
  });
  after(() => dropDatabases(place, ['tables']));
  afterEach(async () => {
    assert.deepEqual(await leftoversOf(place), []);
    assert.deepEqual(await journalFiles(app.state), []);
  });

  const damage = "DELETE FROM people WHERE id <= 100; UPDATE people SET name = 'changed' WHERE id = 200; TRUNCATE audit;";
  const into = (file: string, options: Parameters<typeof restore>[5]) => restore(app, place, 'tables', file, operation(), options);

  it('shows beforehand how rows differ, and changes nothing for that', async () => {
    await sql(place, 'tables', damage);
    await sql(place, 'tables', "INSERT INTO people VALUES (9000, 'new')");
    const before = await fingerprint(place, 'tables');
    const { tables } = await cliJson<{ tables: readonly TableDifference[] }>([
      ...['restore', `${place.project}/db/tables`, '--file', custom.file, '--table', 'people', '--table', 'orders', '--preview'],
    ]);
    assert.deepEqual(tables, [
      { table: 'public.people', held: 500, present: 401, added: 100, removed: 1, changed: 1 },
      { table: 'public.orders', held: 1000, present: 800, added: 200, removed: 0, changed: 0 },
    ]);
    assert.deepEqual(await fingerprint(place, 'tables'), before);
  });

  it('replaces rows, without taking along what refers to them, and without triggers', async () => {
    const before = await startedAt(`${place.project}-api-1`);
    await sql(place, 'tables', 'TRUNCATE audit');
    const result = await into(custom.file, { tables: ['people', 'orders'], onConflict: 'replace' });
    assert.deepEqual(await fingerprint(place, 'tables'), whole);
    assert.deepEqual([result.undo, result.tables, result.rows], [undefined, 2, 1500]);
    assert.equal((await app.backups.read(result.safetyBackup ?? '')).manifest?.reason, 'safety');
    assert.equal(await startedAt(`${place.project}-api-1`), before, 'nobody has to be stopped for this');
  });

  it('refuses the whole when rows would refer to nothing', async () => {
    await sql(place, 'tables', "INSERT INTO people VALUES (9001, 'later'); INSERT INTO orders (person) VALUES (9001)");
    const before = await fingerprint(place, 'tables');
    const failure = await failureOf(into(custom.file, { tables: ['people'], skipSafetyBackup: true }));
    assert.equal(failure.code, 'ORPHAN_ROWS');
    assert.match(failure.message, /1 rows of public\.orders would refer to rows of public\.people/);
    assert.deepEqual(await fingerprint(place, 'tables'), before);
  });

  it('appends or skips, and puts sequences right', async () => {
    assert.equal((await failureOf(into(custom.file, { tables: ['people'], onConflict: 'append', skipSafetyBackup: true }))).code, 'KEY_CONFLICT');
    await sql(place, 'tables', "DELETE FROM orders WHERE person = 9001; DELETE FROM people WHERE id > 400; SELECT setval('people_id_seq', 3)");
    await into(custom.file, { tables: ['people', 'orders'], onConflict: 'skip', skipSafetyBackup: true });
    assert.equal(await rowsOf(place, 'tables', 'people'), 500);
    assert.equal(await sql(place, 'tables', "INSERT INTO people (name) VALUES ('next') RETURNING id"), '501');
    await sql(place, 'tables', 'DELETE FROM people WHERE id = 501');
    await into(custom.file, { tables: ['Odd "one"'], onConflict: 'append', skipSafetyBackup: true });
    assert.equal(await rowsOf(place, 'tables', '"Odd ""one"""'), 8);
    await into(custom.file, { tables: ['Odd "one"'], skipSafetyBackup: true });
    assert.equal(await sql(place, 'tables', 'SELECT count(*), count(note) FROM "Odd ""one"""'), '4|3');
  });

  it('takes them out of plain SQL, with all partitions, and all tables of rows alone', async () => {
    await sql(place, 'tables', `TRUNCATE parts; ${damage}`);
    await into(plain.file, { tables: ['parts', 'people', 'orders'], skipSafetyBackup: true });
    assert.equal(await rowsOf(place, 'tables', 'parts'), 700);
    assert.equal(await rowsOf(place, 'tables', 'orders'), 1000);
    const data = await backUp(app, place, 'tables', operation(), { scope: 'data' });
    await sql(place, 'tables', 'TRUNCATE people CASCADE; DELETE FROM parts_2');
    const result = await into(data.file, { scope: 'data', skipSafetyBackup: true });
    assert.deepEqual(result.tables, 7 - 2); // parts is one
    assert.equal(await rowsOf(place, 'tables', 'orders'), 1000);
    assert.equal(await rowsOf(place, 'tables', 'parts'), 700);
  });

  it('keeps what newer columns hold in rows that are the same', async () => {
    await sql(place, 'tables', 'ALTER TABLE people ADD vip boolean; UPDATE people SET vip = true WHERE id = 7; DELETE FROM people WHERE id = 8');
    await into(custom.file, { tables: ['people', 'orders'], skipSafetyBackup: true });
    assert.equal(await sql(place, 'tables', 'SELECT count(*), count(vip) FROM people'), '500|1');
  });

  it('names what cannot be chosen, and asks before anything is changed', async () => {
    const target = `${place.project}/db/tables`;
    for (const [args, code, error] of [
      [['--table', 'nowhere'], 1, 'TABLE_MISSING'],
      [['--table', 'people', '--on-conflict', 'perhaps'], 2, 'USAGE'],
      [['--table', 'people'], 4, 'CONFIRMATION_MISSING'],
    ] as const) {
      const result = await cli(['restore', target, '--file', custom.file, '--json', ...args]);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stdout + result.stderr, new RegExp(error));
    }
    const schema = await backUp(app, place, 'tables', operation(), { scope: 'schema' });
    assert.equal((await failureOf(into(schema.file, {}))).code, 'BACKUP_PARTIAL');
    const planned = await app.restores.plan(placeOf(app, place, 'empty'), schema, {}, new AbortController().signal);
    assert.deepEqual(planned.steps.map(({ kind }) => kind).includes('merge'), false);
  });

  it('refuses the whole when a row would go that the safety backup does not hold', async () => {
    const holder = await holdSession(place, 'tables');
    await holder.query("BEGIN; INSERT INTO people VALUES (9002, 'too late'); SELECT 1");
    const running = failureOf(into(custom.file, { tables: ['people', 'orders'] }));
    await waitFor('the merge', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
    await holder.query('COMMIT; SELECT 1');
    const failure = await running;
    assert.equal(failure.code, 'ROWS_CHANGED');
    assert.match(failure.message, /^1 rows of public\.people/);
    assert.equal(await sql(place, 'tables', 'SELECT name FROM people WHERE id = 9002'), 'too late');
    const { differences } = await into(custom.file, { tables: ['people', 'orders', 'parts'] });
    assert.equal(differences?.[0]?.removed, 1);
    holder.close();
  });

  it('takes many wide tables, more than one argument of a program holds', async () => {
    const columns = Array.from({ length: 40 }, (_, index) => `a_column_of_some_length_${index} int DEFAULT ${index}`).join(', ');
    const each = (statement: string): string => `DO $$ BEGIN FOR i IN 1..14 LOOP EXECUTE format('${statement}', i); END LOOP; END $$`;
    await sql(place, 'tables', each(`CREATE TABLE wide_%s (id int PRIMARY KEY, ${columns})`));
    await sql(place, 'tables', each('INSERT INTO wide_%s (id) VALUES (1), (2)'));
    const data = await backUp(app, place, 'tables', operation(), { scope: 'data' });
    await sql(place, 'tables', each('DELETE FROM wide_%s WHERE id = 1'));
    const { differences = [] } = await into(data.file, { scope: 'data', skipSafetyBackup: true });
    assert.equal(differences.filter(({ table, added }) => table.startsWith('public.wide_') && added === 1).length, 14);
    assert.equal(await rowsOf(place, 'tables', 'wide_14'), 2);
  });

  it('leaves the tables alone when somebody else holds them and it is cancelled', async () => {
    const holder = await holdSession(place, 'tables');
    await holder.query('BEGIN; LOCK TABLE people IN SHARE MODE; SELECT 1');
    const stop = new AbortController();
    const own = operation({ signal: stop.signal, onReport: ({ message }) => message === 'Putting the rows in' && setImmediate(() => stop.abort()) });
    const failure = await failureOf(restore(app, place, 'tables', custom.file, own, { tables: ['people'], skipSafetyBackup: true }));
    assert.equal(failure.code, 'CANCELLED');
    holder.close();
    assert.equal(await rowsOf(place, 'tables', 'people'), 500);
  });
});
