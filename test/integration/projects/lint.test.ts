import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseTargets } from '../../../src/inventory/target';
import { applied, fixesFor } from '../../../src/lint/fixes/fixes';
import { Linter } from '../../../src/lint/linter';
import { FactKeeper, questionKey, type AskedDatabase } from '../../../src/lint/live/keeper';
import { allRules } from '../../../src/lint/rules/all';
import { lintText, lintTogether, located } from '../../../src/lint/run';
import { isAtLeast } from '../../../src/lint/severity';
import { ensurePackages } from '../../lab/apt';
import { run, tryRun } from '../../lab/process';
import { cli, openApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { fingerprint, holdSession, sql } from '../support/sql';
import { exampleFile } from '../../unit/lint/exampleFile';
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
  const seen = new Set<string>();

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
    const before = await sql(server, 'app', 'SELECT pg_current_wal_insert_lsn()');
    const said = await factsOf([rest, `${header('c', 'a')}def upgrade():\n    op.drop_table('users')\n`]);
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

  it('tell the same of every other rule that asks', async () => {
    await sql(server, 'app', 'CREATE TABLE notes (id bigint, text text); INSERT INTO notes VALUES (1, 1), (1, 2), (2, 3), (NULL, 4)');
    await sql(server, 'app', 'CREATE INDEX ix_notes_text ON notes (text)');
    await sql(server, 'app', 'CREATE FUNCTION oldest() RETURNS text LANGUAGE sql AS $$ SELECT max(age) FROM users $$');
    await assert.rejects(sql(server, 'app', 'CREATE UNIQUE INDEX CONCURRENTLY ix_notes_id ON notes (id)'), /could not create unique index/);
    const holder = await holdSession(server, 'app');
    await holder.query("SET application_name = 'busy'; BEGIN; LOCK TABLE expenses IN SHARE MODE; SELECT 1");
    const facts = await factsOf([
      `${header('b', 'a')}def upgrade():
    op.add_column('expenses', sa.Column('note', sa.Text()))
    op.add_column('users', sa.Column('token', sa.Uuid(), server_default=sa.text('gen_random_uuid()')))
    op.alter_column('users', 'age', new_column_name='years')
    op.create_primary_key('pk_notes', 'notes', ['id'])
    op.create_index('ix_notes_id', 'notes', ['id'])
    op.drop_index('ix_notes_text', table_name='notes')
    op.create_index('uq_notes', 'notes', ['id'], unique=True)
`,
      `${header('c', 'a')}def upgrade():\n    op.execute('TRUNCATE notes')\n`,
    ]).finally(holder.close);
    assert.match(facts('column-add-nullable'), /^locked by busy \(pid \d+\) for [^;]+ \(medium\)$/);
    assert.match(facts('column-add-rewrite'), /^[\d.]+ kB, 1,000 rows \(-\)$/);
    assert.equal(facts('column-rename'), 'used by view adults, function oldest (-)');
    assert.equal(facts('pk-add'), '1 value occurs more than once: "1" 2 times; 1 NULLs (very high)');
    assert.match(facts('index-create'), /^[\d.]+ kB, 4 rows \(-\); an invalid index ix_notes_id is left over from an attempt that failed \(high\)/);
    assert.match(facts('index-drop'), /^the index ix_notes_text is there, [\d.]+ kB \(-\)$/);
    assert.equal(facts('unique-add'), '1 value occurs more than once: "1" 2 times (very high)');
    assert.equal(facts('table-truncate'), '4 rows (-)');
    assert.equal(facts('no-recent-backup'), 'no verified backup (high)');
    await sql(server, 'app', 'DROP TABLE notes; DROP FUNCTION oldest()');
    const heads = await factsOf([header('d', 'a'), header('e', 'a')]);
    assert.equal(heads('multiple-heads'), 'the database is at a (-)');
  });

  it('are told by the command line of a database that is named, without what it has already', async () => {
    const folder = await alembicFolder(`${header('b', 'a')}def upgrade():\n    op.drop_column('users', 'email')\n`, 'app');
    await writeFile(path.join(folder, 'migrations', 'versions', 'a.py'), `${header('a', '')}def upgrade():\n    op.drop_table('gone')\n`);
    const target = `${server.project}/${server.service}/app`;
    const content = await fingerprint(server, 'app');
    const { code, stdout, stderr } = await cli(['lint', folder, '--target', target, '--fail-on', 'high', '--json'], { cwd: folder });
    assert.equal(code, 1, stderr);
    const { findings, ...rest } = JSON.parse(stdout) as { findings: readonly { file: string; rule: string; severity: string; message: string }[] };
    assert.deepEqual(rest, { target, applied: 1, files: 2 });
    const drop = findings.find(({ rule }) => rule === 'column-drop');
    assert.match(drop?.message ?? '', /\napp: 1,000 values, of 1,000 rows; no view or function uses it; no verified backup\.$/);
    assert.equal(drop?.severity, 'high');
    assert.ok(
      findings.every(({ file }) => file.endsWith('/b.py')),
      stdout,
    );
    assert.ok(findings.some(({ rule }) => rule === 'no-recent-backup'));
    const text = await cli(['lint', folder, '--target', target, '--fail-on', 'never'], { cwd: folder });
    assert.match(text.stdout, /1,000 values, of 1,000 rows[^\n]*\[column-drop, high\]\n[^]*\n2 migrations were looked at, 1 of which .+\/app has already: /);
    assert.equal((await cli(['lint', folder, '--target', 'nobody/nothing'])).code, 3);
    assert.deepEqual(await fingerprint(server, 'app'), content);
  });

  it('come from every rule that asks, in the tests before this one', async () => {
    const asking = await Promise.all(
      allRules.map(async ({ id, bad: [example = ''] }) => {
        const { file, text } = exampleFile(example.replaceAll(/[«»]/g, ''));
        const findings = (await linter.lint(file, text))?.findings ?? [];
        return findings.some(({ rule, questions = [] }) => rule === id && questions.length > 0) ? [id] : [];
      }),
    );
    assert.deepEqual(
      asking.flat().filter((id) => !seen.has(id)),
      [],
    );
    assert.ok(asking.flat().length >= 17);
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

  /** Asks the database what the rules want to know of migrations, which are all of one folder; gives what it said to each rule. */
  async function factsOf(texts: readonly string[]): Promise<(rule: string) => string> {
    const results = await Promise.all(
      texts.map(async (text, index) => ({ file: path.resolve(`versions/${index}.py`), ...(await lintText(`${index}.py`, text, linter, true)) })),
    );
    const findings = [...located(results), ...lintTogether(results, [path.resolve('.')])];
    const questions = findings.flatMap((finding) => finding.questions ?? []);
    const surroundings = { lastBackup: null, now: new Date() };
    const { answers } = await new FactKeeper().ask(asked, questions, surroundings, new AbortController().signal);
    return (rule) => {
      seen.add(rule);
      const own = new Set(findings.filter((finding) => finding.rule === rule).flatMap((finding) => (finding.questions ?? []).map(questionKey)));
      return [...own]
        .flatMap((key) => answers.get(key) ?? [])
        .map(({ text, raised }) => `${text} (${raised ?? '-'})`)
        .join('; ');
    };
  }

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
    const { code, stderr } = await tryRun('alembic', args, { cwd: await alembicFolder(revision, database) });
    return code === 0 ? '' : stderr;
  }

  /** A folder in which Alembic has one revision that the database has, and one that it has not. */
  async function alembicFolder(revision: string, database: string): Promise<string> {
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
    return folder;
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
