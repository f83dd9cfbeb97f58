import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import type { ActionResult, ToolPlan } from '../../../src/migrations/migrations';
import type { ToolId } from '../../../src/migrations/model';
import { cli, cliJson, databaseOf, failureOf, journalFiles, openApp, operation, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf, startedAt } from '../support/evidence';
import { cliKilledWhen } from '../support/killAt';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { startStack, waitForDependents, type Stack } from '../support/stack';

const all = { kind: 'upgrade', to: { kind: 'all' } } as const;
const next = { kind: 'upgrade', to: { kind: 'steps', steps: 1 } } as const;

describe('migrations that are files of SQL', () => {
  let stack: Stack;
  let app: OpenApp;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    stack = await startStack('fastapi');
    folder = await tempFolder('sql-files');
    app = await openApp({ backups: path.join(folder, 'backups') });
  });

  // Others share the stack, and find it as it was.
  after(async () => {
    for (const database of ['plain_files', 'go_files']) await sql(stack, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  });

  async function prepare(database: string, root: string, script: string): Promise<void> {
    await sql(stack, 'postgres', `CREATE DATABASE ${database}`);
    await sql(stack, database, script);
    await app.inventory.refresh();
    const { published } = app.inventory.serverOf(databaseOf(app, stack, database).service);
    await mkdir(path.join(folder, root), { recursive: true });
    await writeFile(path.join(folder, root, '.env'), `DATABASE_URL=postgres://postgres:password@${published?.host}:${published?.port}/${database}\n`);
  }

  async function planned(database: string, tool: ToolId, action: MigrationAction): Promise<ToolPlan> {
    const target = databaseOf(app, stack, database);
    const { migrations } = await app.migrations.of(target, { folders: [folder] });
    const found = migrations.find(({ status }) => status.tool === tool) ?? assert.fail('no migrations');
    return app.migrations.plan(target, found, action, operation());
  }

  async function run(database: string, tool: ToolId, action: MigrationAction): Promise<ActionResult> {
    return app.migrations.run(await planned(database, tool, action), { backup: false }, operation());
  }

  describe('and that no tool applies', () => {
    const database = 'plain_files';
    const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, 'configs/sql', name), text);
    const noted = (): Promise<string> => sql(stack, database, 'SELECT version, name, applied_at IS NOT NULL FROM public.schema_migrations ORDER BY 1');

    before(async () => {
      const table = 'CREATE TABLE schema_migrations (version text PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())';
      await prepare(
        database,
        'configs',
        `${table}; INSERT INTO schema_migrations VALUES ('001', 'things'); CREATE TABLE things (id int); INSERT INTO things VALUES (1)`,
      );
      await mkdir(path.join(folder, 'configs/sql'));
      await write('001_things.sql', 'CREATE TABLE things (id int);');
      await write(
        '002_more_notes.sql',
        "SET search_path = pg_temp;\nALTER TABLE public.things ADD note text DEFAULT 'x; y'; -- no semicolon at the end\nUPDATE public.things SET note = 'z'",
      );
      await write('003_index.sql', 'CREATE INDEX CONCURRENTLY things_note ON things (note);\nANALYZE things;\n');
    });

    it('are applied one by one, in one transaction with a row like those that are there', async () => {
      const { before, after, output } = await run(database, 'plain-sql', next);
      assert.deepEqual([before.current, after.current, after.pending], [['1'], ['2'], ['3']]);
      assert.match(output, /^configs\/sql\/002_more_notes\.sql$/m);
      assert.equal(await noted(), '001|things|t\n002|more_notes|t');
      assert.equal(await sql(stack, database, 'SELECT note FROM things'), 'z');
    });

    it('are rehearsed and applied by a safe update, what cannot be in a transaction too', async () => {
      const report = await app.updates.run(await planned(database, 'plain-sql', all), { restart: false, restoreOnFailure: false }, operation());
      assert.equal(report.state, 'updated', JSON.stringify(report));
      assert.deepEqual(report.rehearsal?.changes.schema, ['added: index public.things_note']);
      assert.equal(await noted(), '001|things|t\n002|more_notes|t\n003|index|t');
      assert.equal(await sql(stack, database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_note'::regclass"), 't');
    });

    it('leave nothing of a file that fails, and nothing of those behind it', async () => {
      await write('004_must.sql', 'CREATE TABLE half (id int);\nALTER TABLE things ADD must int NOT NULL;\n');
      await write('005_late.sql', 'CREATE TABLE late (id int);\n');
      const failure = await failureOf(run(database, 'plain-sql', all));
      assert.equal(failure.code, 'MIGRATION_NOT_NULL');
      assert.match(await readFile(/Its output: (.*)$/.exec(failure.remedy)?.[1] ?? '', 'utf8'), /004_must\.sql\n.*contains null values/);
      assert.equal((await noted()).split('\n').length, 3);
      assert.equal(await sql(stack, database, "SELECT to_regclass('half') IS NULL AND to_regclass('late') IS NULL"), 't');
    });

    it('are not noted where they leave their own transaction open', async () => {
      await write('004_must.sql', 'BEGIN;\nCREATE TABLE open_end (id int);\n');
      const failure = await failureOf(run(database, 'plain-sql', next));
      assert.match(await readFile(/Its output: (.*)$/.exec(failure.remedy)?.[1] ?? '', 'utf8'), /004_must\.sql begins a transaction and does not end it/);
      assert.equal(await sql(stack, database, "SELECT to_regclass('open_end') IS NULL"), 't');
      assert.equal((await noted()).split('\n').length, 3);
    });

    it('are not applied where psql alone understands them', async () => {
      await write('004_must.sql', '\\i other.sql\n');
      assert.equal((await failureOf(planned(database, 'plain-sql', next))).code, 'SQL_FOR_PSQL');
    });

    it('are told by the command line beforehand', async () => {
      await write('004_must.sql', 'SELECT 1;\n');
      const args = ['migrations', 'upgrade', `${stack.project}/${stack.service}/${database}`, '--dry-run'];
      const { place, steps } = await cliJson<{ place: string; steps: readonly string[] }>(args, { cwd: folder });
      assert.equal(place, 'server');
      assert.deepEqual(steps.slice(1), ['Run "004_must.sql, 005_late.sql" in the database, each file noted in public.schema_migrations']);
    });

    const steps = [
      ['backup', /Backing up/],
      ['rehearsal', /Rehearsing on a copy/],
      ['migration', /Running \d/],
      ['validation', /Validating/],
      ['restart', /Restarting what uses/],
      ['health', /Looking at the health/],
    ] as const;

    for (const [index, [step, said]] of steps.entries()) {
      it(`are noted exactly where they were applied, when an update is killed at its ${step}`, async () => {
        await write(`01${index}_${step}.sql`, `CREATE TABLE killed_${step} (id int);\nSELECT pg_sleep(0.5);\n`);
        const state = path.join(folder, 'state');
        const target = `${stack.project}/${stack.service}/${database}`;
        await cliKilledWhen(said, ['update', target, '--yes', '--restart', '--folder', path.join(folder, 'backups')], { state, cwd: folder });
        await waitForDependents(stack);
        assert.equal((await cli(['list'], { state, cwd: folder })).code, 0);
        await assertNothingLeft(stack);
        assert.deepEqual([await leftoversOf(stack), await journalFiles(state)], [[], []]);
        const applied = await sql(stack, database, "SELECT substr(relname, 8) FROM pg_class WHERE relname LIKE 'killed\\_%' ORDER BY 1");
        assert.equal(await sql(stack, database, "SELECT name FROM public.schema_migrations WHERE version LIKE '01%' ORDER BY 1"), applied);
        if (step !== 'migration') assert.equal(applied.includes(step), index > 2);
        assert.equal(await sql(stack, database, 'SELECT count(*) FROM things'), '1');
      });
    }

    it('are all applied by the next update, which restarts what uses the database', async () => {
      const dependents = stack.expected.dependents.map(({ container }) => stack.containerNamed(container));
      const before = await Promise.all(dependents.map((name) => startedAt(name)));
      await write('020_last.sql', 'CREATE TABLE last (id int);\n');
      const args = ['update', `${stack.project}/${stack.service}/${database}`, '--yes', '--restart', '--folder', path.join(folder, 'backups')];
      const { stdout, code } = await cli(args, { cwd: folder });
      assert.equal(code, 0, stdout);
      assert.equal(await sql(stack, database, 'SELECT count(*) FROM public.schema_migrations'), '12');
      const after = await Promise.all(dependents.map((name) => startedAt(name)));
      assert.deepEqual(
        after.map((time, index) => time !== before[index] && time.endsWith(' running')),
        dependents.map(() => true),
      );
      assert.ok(dependents.length > 0);
      await waitForDependents(stack);
    });
  });

  describe('and that a tool applies which takes no environment', () => {
    const database = 'go_files';
    const searched = process.env['PATH'];

    before(async () => {
      await prepare(
        database,
        'go',
        'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false)',
      );
      await mkdir(path.join(folder, 'go/migrations'));
      for (const name of ['1_a.up.sql', '1_a.down.sql', '2_b.up.sql', '2_b.down.sql']) await writeFile(path.join(folder, 'go/migrations', name), 'SELECT 1;\n');
      await mkdir(path.join(folder, 'bin'));
      // Stands in for the tool: says what it was given, and does what it would do.
      const psql = `docker exec -i ${stack.container} psql -qX -v ON_ERROR_STOP=1 -U ${stack.user} -d ${database}`;
      const tool = `#!/bin/sh\necho "$@"; echo "a secret of $\{#PGPASSWORD} letters"\necho 'UPDATE schema_migrations SET version = 2' | ${psql}\n`;
      await writeFile(path.join(folder, 'bin/migrate'), tool);
      await chmod(path.join(folder, 'bin/migrate'), 0o755);
      process.env['PATH'] = `${path.join(folder, 'bin')}${path.delimiter}${searched}`;
    });

    after(() => void (process.env['PATH'] = searched));

    it('has the address without the password among its arguments', async () => {
      const { output, after } = await run(database, 'golang-migrate', all);
      assert.match(output, /^-path migrations -database postgres:\/\/postgres@127\.0\.0\.1:\d+\/go_files\?sslmode=disable up\na secret of [1-9]\d* letters\n/);
      assert.deepEqual([after.current, after.pending], [['2'], []]);
    });
  });
});
