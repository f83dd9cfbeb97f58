import assert from 'node:assert/strict';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import type { ActionResult } from '../../../src/migrations/migrations';
import { ensureDebianImage } from '../../lab/debianImages';
import { ensureMigrationTools } from '../../lab/migrationTools';
import { run } from '../../lab/process';
import { databaseOf, openApp, operation, podmanAddress, type OpenApp } from '../support/app';
import { copyDatabase, startMigrator } from '../support/migrator';
import { sql } from '../support/sql';
import { startStack, type Stack } from '../support/stack';

const upgrade = { kind: 'upgrade', to: { kind: 'all' } } as const;
const back = { kind: 'downgrade', to: { kind: 'steps', steps: 1 } } as const;

// What is added goes again: others share the stacks, and find them as they were.
describe('migrations in the stacks that have them', () => {
  async function act(app: OpenApp, stack: Stack, action: MigrationAction): Promise<ActionResult> {
    const target = databaseOf(app, stack, stack.database);
    const { migrations } = await app.migrations.of(target, { folders: [] });
    assert.equal(migrations.length, 1);
    const plan = await app.migrations.plan(target, migrations[0] ?? assert.fail(), action, operation());
    return app.migrations.run(plan, { backup: false }, operation());
  }

  it('bigskies: a file of SQL is applied, and noted as the stack notes its own', async () => {
    const stack = await startStack('bigskies');
    const app = await openApp();
    const file = path.join(stack.folder, 'configs/sql/008_moon_phases.sql');
    await writeFile(file, 'CREATE TABLE moon_phases (id integer PRIMARY KEY);\n');
    const { before, after } = await act(app, stack, upgrade);
    assert.deepEqual([before.current, before.pending, after.current, after.pending], [['7'], ['8'], ['8'], []]);
    assert.equal(
      await sql(stack, stack.database, 'SELECT version, name FROM schema_migrations ORDER BY 1 DESC LIMIT 2'),
      '008|moon_phases\n007|plugins_and_views',
    );
    await sql(stack, stack.database, "DROP TABLE moon_phases; DELETE FROM schema_migrations WHERE version = '008'");
    await rm(file);
  });

  it('expenses: Alembic in a service that has its files goes back and forth', async function () {
    this.timeout(300_000);
    const image = await ensureDebianImage('Alembic');
    const stack = await startStack('expenses');
    await copyDatabase(stack, 'expenses_copy');
    const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = parseEnv(await readFile(path.join(stack.folder, '.env'), 'utf8'));
    const url = `postgresql+psycopg2://${user}:${password}@${stack.service}:5432/expenses_copy`;
    const migrator = await startMigrator(stack, image, stack.folder, url);
    const alembic = async (): Promise<string | undefined> =>
      (await run('docker', ['exec', '--workdir', '/app', migrator, 'alembic', 'current'])).split(/\s/)[0];
    const app = await openApp();
    const place = { ...stack, database: 'expenses_copy' };
    const { before, after } = await act(app, place, back);
    assert.deepEqual([after.applied.length, after.current], [before.applied.length - 1, [await alembic()]]);
    const again = await act(app, place, upgrade);
    assert.deepEqual([again.after.current, again.after.pending], [[await alembic()], []]);
    await run('docker', ['rm', '--force', '--volumes', migrator]);
    await sql(stack, 'postgres', 'DROP DATABASE expenses_copy WITH (FORCE)');
  });

  it('budgie: Sequelize itself goes forth and back', async function () {
    this.timeout(300_000);
    const stack = await startStack('budgie');
    const backend = path.join(stack.folder, 'backend');
    await symlink(await ensureMigrationTools(), path.join(backend, 'node_modules'));
    const name = '20260101000000-create-goals.js';
    const text =
      "module.exports = { up: (queryInterface, { INTEGER }) => queryInterface.createTable('goals', { id: INTEGER }), down: (queryInterface) => queryInterface.dropTable('goals') };";
    await writeFile(path.join(backend, 'migrations', name), text);
    const app = await openApp({ endpoint: await podmanAddress() });
    const { before, after } = await act(app, stack, upgrade);
    assert.deepEqual([before.pending, after.current, after.pending], [[name], [name], []]);
    assert.equal(await sql(stack, stack.database, "SELECT to_regclass('goals') IS NOT NULL"), 't');
    assert.deepEqual((await act(app, stack, back)).after.pending, [name]);
    assert.equal(await sql(stack, stack.database, "SELECT to_regclass('goals') IS NULL"), 't');
    await rm(path.join(backend, 'migrations', name));
    await rm(path.join(backend, 'node_modules'));
  });
});
