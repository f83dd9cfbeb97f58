import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { standardThresholds } from '../../../src/health/thresholds';
import type { UpdateReport } from '../../../src/migrations/update/updates';
import { databaseOf, openApp, operation, type OpenApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { startStack, type Stack } from '../support/stack';

const database = 'dbmate_copy';

// What dbmate would run lies in its files; a stand-in runs the same through psql.
describe('a safe update with SQL files', () => {
  let stack: Stack;
  let app: OpenApp;
  let folder: string;
  const searched = process.env['PATH'];

  before(async function () {
    this.timeout(300_000);
    stack = await startStack('fastapi');
    await sql(stack, 'postgres', `CREATE DATABASE ${database}`);
    await sql(stack, database, 'CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE things (id int); INSERT INTO things VALUES (1)');
    await sql(stack, database, "INSERT INTO schema_migrations VALUES ('1')");
    folder = await tempFolder('dbmate');
    app = await openApp({ backups: path.join(folder, 'backups') });
    const { published } = app.inventory.serverOf(databaseOf(app, stack, database).service);
    await mkdir(path.join(folder, 'bin'));
    await mkdir(path.join(folder, 'db/migrations'), { recursive: true });
    await writeFile(path.join(folder, '.env'), `DATABASE_URL=postgres://postgres:password@${published?.host}:${published?.port}/${database}\n`);
    const tool = `#!/bin/sh\n[ "$1 $2" = "--no-dump-schema migrate" ] || exit 2\nexec docker exec -i ${stack.container} psql -qX -v ON_ERROR_STOP=1 -U ${stack.user} -d ${database} < ${folder}/bin/apply.sql\n`;
    await writeFile(path.join(folder, 'bin/dbmate'), tool);
    await chmod(path.join(folder, 'bin/dbmate'), 0o755);
    process.env['PATH'] = `${path.join(folder, 'bin')}${path.delimiter}${searched}`;
    await migration('1_things', 'CREATE TABLE things (id int)', 'DROP TABLE things');
  });

  after(async () => {
    process.env['PATH'] = searched;
    await sql(stack, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  });

  const migration = (name: string, up: string, down: string, options = ''): Promise<void> =>
    writeFile(path.join(folder, `db/migrations/${name}.sql`), `-- migrate:up${options}\n${up};\n\n-- migrate:down${options}\n${down};\n`);
  const update = async (): Promise<UpdateReport> => {
    await app.inventory.refresh();
    const target = databaseOf(app, stack, database);
    const { migrations } = await app.migrations.of(target, { folders: [folder] });
    const found = migrations.find(({ status }) => status.tool === 'dbmate') ?? assert.fail('no migrations');
    const plan = await app.migrations.plan(target, found, { kind: 'upgrade', to: { kind: 'all' } }, operation(), 'host');
    const health = { thresholds: standardThresholds, urls: {} };
    return app.updates.run(plan, { restart: false, restoreOnFailure: false, health }, operation());
  };

  it('rehearses what is pending as it stands, with its transactions and its way back', async () => {
    await migration('2_note', "ALTER TABLE things ADD note text DEFAULT 'x'; UPDATE things SET note = 'y'", 'ALTER TABLE things DROP note');
    await migration('3_index', 'CREATE INDEX CONCURRENTLY things_note ON things (note)', 'DROP INDEX things_note', ' transaction:false');
    await writeFile(
      path.join(folder, 'bin/apply.sql'),
      "ALTER TABLE things ADD note text DEFAULT 'x'; UPDATE things SET note = 'y'; CREATE INDEX things_note ON things (note); INSERT INTO schema_migrations VALUES ('2'), ('3');",
    );
    const report = await update();
    assert.deepEqual(
      report.steps.map(({ name, state }) => `${name} ${state}`),
      ['backup done', 'rehearsal done', 'downgrade done', 'migration done', 'validation done', 'health done'],
      JSON.stringify(report),
    );
    assert.equal(report.state, 'updated');
    assert.deepEqual(
      report.rehearsal?.changes.schema.filter((change) => /note/.test(change)),
      ['added: column public.things.note', 'added: index public.things_note'],
    );
    assert.deepEqual(report.rehearsal?.downgrade?.state, 'works');
  });

  it('touches nothing when they fail on the copy', async () => {
    await migration('4_must', 'ALTER TABLE things ADD must int NOT NULL', 'SELECT 1');
    const report = await update();
    assert.deepEqual([report.state, report.rehearsal?.failedAt], ['not begun', 'ALTER TABLE things ADD must int NOT NULL']);
    assert.equal(await sql(stack, database, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'must'"), '0');
  });
});
