import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { databaseTargets } from '../../../src/inventory/target';
import { Linter } from '../../../src/lint/linter';
import { duplicatesQuery } from '../../../src/lint/live/groups';
import { FactKeeper, questionKey, type AskedDatabase } from '../../../src/lint/live/keeper';
import type { Question } from '../../../src/lint/live/question';
import { allRules } from '../../../src/lint/rules/all';
import { lintText, lintTogether, located } from '../../../src/lint/run';
import { waitFor } from '../../lab/process';
import { alembicFolder, revisionHeader } from '../support/alembicFolder';
import { cli, openApp } from '../support/app';
import { lintRows, lintTables } from '../support/lintTables';
import { fingerprint, holdSession, sql } from '../support/sql';
import { exampleFile } from '../../unit/lint/exampleFile';
import { rejectsWith } from '../../unit/operations/rejectsWith';
import { removeServer, startServer, type Server } from '../support/stack';

describe('warnings with facts', () => {
  const linter = new Linter(false);
  let server: Server;
  let asked: AskedDatabase;
  const seen = new Set<string>();

  after(() => removeServer(server));

  before(async function () {
    this.timeout(240_000);
    server = await startServer('lint', { arguments: ['--publish', '127.0.0.1::5432'] });
    await sql(server, 'app', lintTables);
    await sql(
      server,
      'app',
      `CREATE DATABASE empty TEMPLATE app;
       ${lintRows}`,
    );
    const app = await openApp();
    const target = databaseTargets(app.inventory.current).find(({ service, database }) => service.name === server.service && database.name === 'app');
    assert.ok(target !== undefined, 'the server is not in the inventory');
    asked = { key: 'test', server: app.inventory.serverOf(target.service), database: 'app' };
  });

  it('tell what would happen now, and change nothing', async () => {
    const text = `${revisionHeader('b', 'a')}def upgrade():
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
    const said = await factsOf([rest, `${revisionHeader('c', 'a')}def upgrade():\n    op.drop_table('users')\n`]);
    assert.match(said('column-add-required'), /^1,000 rows \(high\)/);
    assert.match(said('column-set-not-null'), /^10 NULLs, of 1,000 rows \(high\)$/);
    assert.match(
      said('column-type'),
      /^age is text; it does not become integer without USING; 3 values do not read as integer \(very high\); used by view adults/,
    );
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
    await sql(server, 'app', 'CREATE SCHEMA kept; CREATE TABLE kept.a AS TABLE categories; CREATE TABLE kept.b (); ANALYZE kept.a');
    await sql(server, 'app', 'CREATE INDEX ix_notes_text ON notes (text)');
    await sql(server, 'app', 'CREATE FUNCTION oldest() RETURNS text LANGUAGE sql AS $$ SELECT max(age) FROM users $$');
    await sql(server, 'app', "CREATE FUNCTION steady() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x' $$");
    await sql(server, 'app', 'ALTER TABLE notes ADD CONSTRAINT text_there CHECK (text IS NOT NULL)');
    await assert.rejects(sql(server, 'app', 'CREATE UNIQUE INDEX CONCURRENTLY ix_notes_id ON notes (id)'), /could not create unique index/);
    const holder = await holdSession(server, 'app');
    await holder.query("SET application_name = 'busy'; BEGIN; LOCK TABLE expenses IN SHARE MODE; SELECT 1");
    const facts = await factsOf([
      `${revisionHeader('b', 'a')}def upgrade():
    op.add_column('expenses', sa.Column('note', sa.Text()))
    op.add_column('users', sa.Column('token', sa.Uuid(), server_default=sa.text('gen_random_uuid()')))
    op.add_column('users', sa.Column('at', sa.Text(), server_default=sa.text('public.steady()')))
    op.alter_column('notes', 'text', nullable=False)
    op.alter_column('users', 'age', new_column_name='years')
    op.create_primary_key('pk_notes', 'notes', ['id'])
    op.create_index('ix_notes_id', 'notes', ['id'])
    op.drop_index('ix_notes_text', table_name='notes')
    op.create_index('uq_notes', 'notes', ['id'], unique=True)
`,
      `${revisionHeader('c', 'a')}def upgrade():\n    op.execute('TRUNCATE notes')\n    op.execute('DROP SCHEMA kept, nowhere CASCADE')\n`,
    ]).finally(holder.close);
    assert.match(facts('column-add-nullable'), /^locked by busy \(pid \d+\) for [^;]+ \(medium\)$/);
    assert.match(
      facts('column-add-rewrite'),
      /^[\d.]+ kB, 1,000 rows \(-\); gen_random_uuid is volatile \(-\); public.steady is not volatile: the table is not rewritten \(-\)$/,
    );
    assert.equal(facts('column-set-not-null'), 'no NULLs, of 4 rows (-); the CHECK text_there has proven it: no row is looked at (-)');
    assert.equal(facts('column-rename'), 'used by view adults, function oldest (-)');
    assert.equal(facts('pk-add'), '1 value occurs more than once: "1" 2 times; 1 NULLs (very high)');
    assert.match(facts('index-create'), /^[\d.]+ kB, 4 rows \(-\); an invalid index ix_notes_id is left over from an attempt that failed \(high\)/);
    assert.match(facts('index-drop'), /^the index ix_notes_text is there, [\d.]+ kB \(-\)$/);
    assert.equal(facts('unique-add'), '1 value occurs more than once: "1" 2 times (very high)');
    assert.equal(facts('table-truncate'), '4 rows (-)');
    assert.equal(facts('drop-cascade'), '2 tables, about 20 rows as last counted (-); there is no schema nowhere yet (-)');
    assert.equal(facts('no-recent-backup'), 'no verified backup (high)');
    await sql(server, 'app', 'DROP SCHEMA kept CASCADE; DROP TABLE notes; DROP FUNCTION oldest(), steady()');
    const heads = await factsOf([revisionHeader('d', 'a'), revisionHeader('e', 'a')]);
    assert.equal(heads('multiple-heads'), 'the database is at a (-)');
  });

  it('tell of a change of type what Postgres then does', async () => {
    const changes: readonly (readonly [from: string, to: string])[] = [
      ['varchar(10)', 'varchar(20)'],
      ['varchar(20)', 'varchar(10)'],
      ['varchar(10)', 'text'],
      ['text', 'varchar(10)'],
      ['integer', 'bigint'],
      ['bigint', 'integer'],
      ['integer', 'text'],
      ['numeric(10,2)', 'numeric(12,2)'],
      ['numeric(10,2)', 'numeric(12,3)'],
      ['numeric(10,2)', 'numeric'],
      ['boolean', 'integer'],
      ['text', 'jsonb'],
      ['jsonb', 'text'],
      ['json', 'jsonb'],
    ];
    await sql(server, 'app', `CREATE TABLE typed (${changes.map(([from], index) => `c${index} ${from}`).join(', ')}); INSERT INTO typed DEFAULT VALUES`);
    for (const [index, [from, to]] of changes.entries()) {
      const [said] = await told([{ kind: 'type', table: { name: 'typed' }, column: `c${index}`, type: to }]);
      const node = "SELECT pg_relation_filenode('typed');";
      const done = sql(server, 'app', `BEGIN; ${node} ALTER TABLE typed ALTER COLUMN c${index} TYPE ${to}; ${node} ROLLBACK;`);
      const [before, after] = await done.then((lines) => lines.split('\n')).catch(() => []);
      const real = before === undefined ? `it does not become ${to} without USING` : `the table is ${before === after ? 'not ' : ''}rewritten`;
      assert.ok(said?.includes(`; ${real}`), `${from} to ${to}: ${real}, but: ${said}`);
    }
    await sql(server, 'app', 'DROP TABLE typed');
  });

  it('say so where they have seen a part only, and are remembered until something changes', async () => {
    const table = { name: 'users' };
    const counting = [
      { kind: 'rows', table },
      { kind: 'nulls', table, column: 'plan' },
      { kind: 'duplicates', table, columns: ['email'] },
    ] as const;
    await sql(server, 'app', "UPDATE pg_class SET reltuples = 2000000 WHERE oid = 'users'::regclass");
    const [rows, nulls, duplicates] = await told(counting);
    await sql(server, 'app', 'ANALYZE users');
    assert.equal(rows, 'about 2,000,000 rows');
    assert.equal(nulls, 'at least 10 NULLs (only 1,000 rows were looked at)');
    assert.match(duplicates ?? '', /^at least 10 values occur more than once/);
    const listed = await sql(server, 'app', duplicatesQuery(table, ['email']));
    assert.equal(listed.split('\n').length, 10, 'the query that people get finds as many');
    const keeper = new FactKeeper();
    assert.equal((await told(counting, keeper))[0], '1,000 rows');
    await sql(server, 'app', "INSERT INTO users VALUES (0, 'new@x.org')");
    assert.equal((await told(counting, keeper))[0], '1,000 rows');
    keeper.forget();
    assert.equal((await told(counting, keeper))[0], '1,001 rows');
    await sql(server, 'app', 'DELETE FROM users WHERE id = 0');
  });

  it('wait for nobody for long, and not at all when they are not wanted any more', async () => {
    const questions = [
      { kind: 'nulls', table: { name: 'users' }, column: 'plan' },
      { kind: 'rows', table: { name: 'categories' } },
    ] as const;
    const holder = await holdSession(server, 'app');
    await holder.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE; SELECT 1');
    const asking = async (): Promise<boolean> =>
      (await sql(server, 'app', "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'container-databases lint'")) !== '0';
    try {
      assert.deepEqual(await told(questions), ['counting took longer than 2 seconds', '20 rows']);
      const stop = new AbortController();
      const asked = rejectsWith('CANCELLED', told(questions, new FactKeeper(), stop.signal));
      await waitFor('the question', asking);
      stop.abort();
      await asked;
      await waitFor('its session to end', async () => !(await asking()));
    } finally {
      holder.close();
    }
  });

  it('are told by the command line of a database that is named, without what it has already', async () => {
    const folder = await alembicFolder(server, `${revisionHeader('b', 'a')}def upgrade():\n    op.drop_column('users', 'email')\n`, 'app');
    await writeFile(path.join(folder, 'migrations', 'versions', 'a.py'), `${revisionHeader('a', '')}def upgrade():\n    op.drop_table('gone')\n`);
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

  /** What the database says to questions. */
  async function told(
    questions: readonly Question[],
    keeper = new FactKeeper(),
    signal = new AbortController().signal,
  ): Promise<readonly (string | undefined)[]> {
    const { answers } = await keeper.ask(asked, questions, { lastBackup: null, now: new Date() }, signal);
    return questions.map((question) => answers.get(questionKey(question))?.text);
  }

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
});
