import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseTargets } from '../../../src/inventory/target';
import { applied, fixesFor } from '../../../src/lint/fixes/fixes';
import { Linter } from '../../../src/lint/linter';
import { FactKeeper, questionKey, type AskedDatabase } from '../../../src/lint/live/keeper';
import { isAtLeast } from '../../../src/lint/severity';
import { ensurePackages } from '../../lab/apt';
import { run, tryRun } from '../../lab/process';
import { openApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

const tables = `
CREATE TABLE categories (id bigint PRIMARY KEY, name text);
CREATE TABLE users (id bigint PRIMARY KEY, email text, age text, plan text);
CREATE TABLE expenses (id bigint PRIMARY KEY, user_id bigint REFERENCES users, category_id bigint, amount numeric);
CREATE VIEW adults AS SELECT id, age FROM users;
CREATE TABLE alembic_version (version_num text);
INSERT INTO alembic_version VALUES ('a');
`;
const header = (id: string, parent: string): string =>
  `from alembic import op\nimport sqlalchemy as sa\n\nrevision = ${id === '' ? 'None' : `'${id}'`}\ndown_revision = ${parent === '' ? 'None' : `'${parent}'`}\n\n\n`;

// One file whose every step is warned of, and which the fixes have to make safe without changing what it is for.
const steps = `def upgrade():
    op.add_column('users', sa.Column('country', sa.Text(), nullable=False))
    op.alter_column('users', 'plan', existing_type=sa.Text(), nullable=False)
    op.create_index('ix_expenses_amount', 'expenses', ['amount'])
    op.create_index('uq_categories_name', 'categories', ['name'], unique=True)
    op.create_foreign_key(
        'fk_expenses_category',
        'expenses',
        'categories',
        ['category_id'],
        ['id'],
    )
    op.create_check_constraint('ck_amount', 'expenses', 'amount > 0')


def downgrade():
    pass
`;

describe('warnings with facts', () => {
  const linter = new Linter(false);
  let server: Server;
  let asked: AskedDatabase;

  after(() => removeServer(server));

  before(async function () {
    this.timeout(240_000);
    server = await startServer('lint', { arguments: ['--publish', '127.0.0.1::5432'] });
    await sql(server, 'app', tables);
    await sql(
      server,
      'app',
      `CREATE DATABASE empty TEMPLATE app;
       INSERT INTO categories SELECT i, 'category ' || i FROM generate_series(1, 20) i;
       INSERT INTO users SELECT i, 'user' || (i % 990) || '@x.org', i::text, CASE WHEN i % 100 > 0 THEN 'free' END FROM generate_series(1, 1000) i;
       UPDATE users SET age = 'unknown' WHERE id <= 3;
       INSERT INTO expenses SELECT i, i, CASE WHEN i <= 7 THEN 999 ELSE i % 20 + 1 END, i - 5 FROM generate_series(1, 500) i;`,
    );
    const app = await openApp();
    const target = databaseTargets(app.inventory.current).find(({ service, database }) => service.name === server.service && database.name === 'app');
    assert.ok(target !== undefined, 'the server is not in the inventory');
    asked = { key: 'test', server: app.inventory.serverOf(target.service), database: 'app' };
  });

  it('tell what would happen now, and change nothing', async () => {
    const text = `${header('b', 'a')}def upgrade():
    op.add_column('users', sa.Column('x', sa.Text(), nullable=False))
    op.alter_column('users', 'plan', nullable=False)
    op.alter_column('users', 'age', type_=sa.Integer())
    op.drop_column('users', 'email')
    op.create_unique_constraint('uq', 'users', ['email'])
    op.create_foreign_key('fk', 'expenses', 'categories', ['category_id'], ['id'])
    op.create_check_constraint('ck', 'expenses', 'amount > 0')
    op.create_check_constraint('evil', 'expenses', 'pg_sleep(5) IS NULL')
    op.create_table('categories')
    op.execute("UPDATE users SET plan = 'x' WHERE id > 10")
    op.rename_table('users', 'people')
    op.drop_column('nowhere', 'email')
    op.drop_table('users')
`;
    // Dropped in the end, users would be nobody's: the last line is looked at by itself.
    const rest = text.slice(0, text.indexOf("    op.drop_table('users')"));
    const linted = [await linter.lint('a.py', rest), await linter.lint('b.py', `${header('c', 'a')}def upgrade():\n    op.drop_table('users')\n`)];
    const findings = linted.flatMap((each) => each?.findings ?? []);
    const before = await sql(server, 'app', 'SELECT pg_current_wal_insert_lsn()');
    const surroundings = { lastBackup: null, now: new Date() };
    const keeper = new FactKeeper();
    const { answers } = await keeper.ask(
      asked,
      findings.flatMap(({ questions = [] }) => questions),
      surroundings,
      new AbortController().signal,
    );
    const said = (rule: string): string =>
      findings
        .filter((finding) => finding.rule === rule)
        .flatMap(({ questions = [] }) => questions.flatMap((question) => answers.get(questionKey(question)) ?? []))
        .map(({ text, raised }) => `${text} (${raised ?? '-'})`)
        .join('; ');
    assert.match(said('column-add-required'), /^1,000 rows \(high\)/);
    assert.match(said('column-set-not-null'), /^10 NULLs, of 1,000 rows \(high\)$/);
    assert.match(said('column-type'), /age is text; 3 values do not read as integer \(very high\); used by view adults/);
    assert.match(
      said('column-drop'),
      /1,000 values, of 1,000 rows \(high\); no view or function uses it \(-\); no verified backup \(high\); there is no table nowhere yet/,
    );
    assert.match(said('unique-add'), /^10 values occur more than once: "user\d+@x\.org" 2 times, "[^"]+" 2 times, "[^"]+" 2 times … \(very high\)$/);
    assert.match(said('fk-add'), /^7 rows refer to nothing \([^)]+ kB and [^)]+ kB\); no index begins with these columns \(high\)/);
    assert.match(said('check-add'), /^5 rows that do not pass, of 500 rows \(high\)$/);
    assert.match(said('table-create'), /^a table categories is already there \(high\)$/);
    assert.match(said('backfill-in-migration'), /^990 rows would be written, of 1,000 rows/);
    assert.match(said('table-rename'), /^used by view adults/);
    assert.match(said('table-drop'), /^1,000 rows \(-\); referred to by expenses \(-\); no verified backup \(high\)$/);
    assert.match(said('timeout-missing'), /lock_timeout is not set there/);
    assert.equal(await sql(server, 'app', 'SELECT pg_current_wal_insert_lsn()'), before, 'something was written');
  });

  it('are made safe by fixes that Alembic runs to the same end', async function () {
    this.timeout(300_000);
    await ensurePackages(['alembic', 'python3-sqlalchemy', 'python3-psycopg2']);
    await sql(server, 'app', "DELETE FROM expenses WHERE id <= 10; UPDATE users SET plan = 'free' WHERE plan IS NULL");
    await sql(server, 'app', 'CREATE DATABASE filled TEMPLATE app');
    const original = `${header('b', 'a')}${steps}`;
    const fixed = await withAllFixes(original);
    assert.equal(await alembic(original, 'empty', 'upgrade', 'head'), '');
    const start = await shape('filled');
    assert.match(await alembic(original, 'filled', 'upgrade', 'head'), /contains null values/);
    assert.equal(await alembic(fixed, 'filled', 'upgrade', 'head'), '');
    assert.equal(await shape('filled'), await shape('empty'));
    assert.equal(await sql(server, 'filled', 'SELECT count(*), count(country) FROM users'), '1000|1000');
    assert.equal(await alembic(fixed, 'filled', 'downgrade', '-1'), '');
    assert.equal(await shape('filled'), start);
  });

  /** The file with the best fix for each warning, one after the other. */
  async function withAllFixes(original: string): Promise<string> {
    let text = original;
    for (let round = 0; round < 20; round += 1) {
      const linted = await linter.lint('b.py', text);
      assert.ok(linted !== undefined && linted.migration.broken === undefined, text);
      const left = linted.findings.filter(({ severity, onlyWithFacts }) => isAtLeast(severity, 'medium') && onlyWithFacts !== true);
      const [finding] = left;
      if (finding === undefined) return text;
      const fix = fixesFor({ text, migration: linted.migration, finding }).find(({ preferred }) => preferred);
      assert.ok(fix !== undefined, `nothing can be done about ${finding.rule}: ${text}`);
      text = applied(text, fix);
    }
    throw new Error(`The fixes have no end:\n${text}`);
  }

  /** Runs Alembic with one pending revision; gives what it complained of. */
  async function alembic(revision: string, database: string, ...args: readonly string[]): Promise<string> {
    const folder = await tempFolder('alembic');
    const port = (await run('docker', ['port', server.container, '5432/tcp'])).trim().split(':').at(-1) ?? '';
    const url = `postgresql://${server.user}:pw-Zq7!secret@127.0.0.1:${port}/${database}`;
    await mkdir(path.join(folder, 'migrations', 'versions'), { recursive: true });
    await writeFile(path.join(folder, 'alembic.ini'), `[alembic]\nscript_location = migrations\nsqlalchemy.url = ${url}\n`);
    await writeFile(
      path.join(folder, 'migrations', 'env.py'),
      `from alembic import context\nfrom sqlalchemy import create_engine\n\nengine = create_engine(context.config.get_main_option('sqlalchemy.url'))\nwith engine.connect() as connection:\n    context.configure(connection=connection, transaction_per_migration=True)\n    with context.begin_transaction():\n        context.run_migrations()\n`,
    );
    await writeFile(path.join(folder, 'migrations', 'versions', 'a.py'), `${header('a', '')}def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n`);
    await writeFile(path.join(folder, 'migrations', 'versions', 'b.py'), revision);
    const { code, stderr } = await tryRun('alembic', args, { cwd: folder });
    return code === 0 ? '' : stderr;
  }

  /** Columns, constraints and indexes, as text. */
  async function shape(database: string): Promise<string> {
    return sql(
      server,
      database,
      `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2;
       SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1::text, 2;
       SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1;`,
    );
  }
});
