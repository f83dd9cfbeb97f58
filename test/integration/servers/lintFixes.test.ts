import assert from 'node:assert/strict';
import { applied, fixesFor } from '../../../src/lint/fixes/fixes';
import { Linter } from '../../../src/lint/linter';
import { isAtLeast } from '../../../src/lint/severity';
import { ensurePackages } from '../../lab/apt';
import { alembic, revisionHeader, shapeOf } from '../support/alembicFolder';
import { lintRows, lintTables } from '../support/lintTables';
import { sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

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

describe('fixes of warnings', () => {
  const linter = new Linter(false);
  let server: Server;

  after(() => removeServer(server));

  before(async function () {
    this.timeout(240_000);
    server = await startServer('lint-fixes', { arguments: ['--publish', '127.0.0.1::5432'] });
    await sql(server, 'app', `${lintTables}; CREATE INDEX ix_old ON users (age);`);
    await sql(
      server,
      'app',
      `CREATE DATABASE empty TEMPLATE app;
       ${lintRows}
       DELETE FROM expenses WHERE id <= 10; UPDATE users SET plan = 'free' WHERE plan IS NULL;`,
    );
    for (const name of ['filled', 'other', 'plain', 'mended']) await sql(server, 'app', `CREATE DATABASE ${name} TEMPLATE app`);
    await ensurePackages(['alembic', 'python3-sqlalchemy', 'python3-psycopg2']);
  });

  it('make a migration safe, and Alembic runs it to the same end', async function () {
    this.timeout(300_000);
    const original = `${revisionHeader('b', 'a')}${steps}`;
    const fixed = await withAllFixes(original);
    assert.equal(await alembic(server, original, 'empty', 'upgrade', 'head'), '');
    const start = await shapeOf(server, 'filled');
    assert.match(await alembic(server, original, 'filled', 'upgrade', 'head'), /contains null values/);
    assert.equal(await alembic(server, fixed, 'filled', 'upgrade', 'head'), '');
    assert.equal(await shapeOf(server, 'filled'), await shapeOf(server, 'empty'));
    assert.equal(await sql(server, 'filled', 'SELECT count(*), count(country) FROM users'), '1000|1000');
    assert.equal(await alembic(server, fixed, 'filled', 'downgrade', '-1'), '');
    assert.equal(await shapeOf(server, 'filled'), start);
  });

  it('that are chosen instead of the best do too', async function () {
    this.timeout(300_000);
    const original = `${revisionHeader('b', 'a')}def upgrade():
    op.add_column('users', sa.Column('visits', sa.Integer(), nullable=False))
    op.drop_index('ix_old', table_name='users')
    op.rename_table('categories', 'kinds')


def downgrade():
    raise NotImplementedError
`;
    const patient = await withFix(original, 'b.py', 'timeout-missing');
    const given = await withFix(patient, 'b.py', 'column-add-required', 'server_default');
    const fixed = await withFix(given, 'b.py', 'index-drop');
    assert.match(await alembic(server, original, 'other', 'upgrade', 'head'), /contains null values/);
    assert.equal(await alembic(server, fixed, 'other', 'upgrade', 'head'), '');
    assert.equal(await sql(server, 'other', 'SELECT count(*), sum(visits) FROM users'), '1000|0');
    const found = `SELECT to_regclass('ix_old') IS NULL, to_regclass('kinds') IS NOT NULL, is_nullable FROM information_schema.columns WHERE column_name = 'visits'`;
    assert.equal(await sql(server, 'other', found), 't|t|NO');
  });

  it('make SQL safe, and it comes to the same end', async () => {
    const original = `ALTER TABLE users ALTER COLUMN plan SET NOT NULL;
CREATE INDEX ix_expenses_amount ON expenses (amount);
DROP INDEX ix_old;
ALTER TABLE expenses ADD CONSTRAINT fk_category FOREIGN KEY (category_id) REFERENCES categories (id);
ALTER TABLE expenses ADD CONSTRAINT ck_amount CHECK (amount > 0), ALTER COLUMN amount SET DEFAULT 1;
`;
    const fixed = await withFix(await withAllFixes(original, '001_all.sql'), '001_all.sql', 'timeout-missing');
    for (const word of ['CONCURRENTLY', 'NOT VALID', 'VALIDATE', 'lock_timeout']) assert.ok(fixed.includes(word), fixed);
    await sql(server, 'plain', original);
    await sql(server, 'mended', fixed);
    assert.equal(await shapeOf(server, 'mended'), await shapeOf(server, 'plain'));
  });

  /** The file with a fix for the first warning of a rule, which is gone with it. */
  async function withFix(text: string, file: string, rule: string, title = ''): Promise<string> {
    const count = async (of: string): Promise<number> => (await linter.lint(file, of))?.findings.filter((each) => each.rule === rule).length ?? 0;
    const linted = await linter.lint(file, text);
    const finding = linted?.findings.find((each) => each.rule === rule);
    assert.ok(linted !== undefined && finding !== undefined, `no ${rule}: ${text}`);
    const fix = fixesFor({ text, migration: linted.migration, finding }).find((each) => each.title.includes(title) && each.silences !== true);
    assert.ok(fix !== undefined, `nothing can be done about ${rule}: ${text}`);
    const fixed = applied(text, fix);
    assert.ok((await count(fixed)) < (await count(text)), fixed);
    return fixed;
  }

  /** The file with the best fix for each warning, one after the other. */
  async function withAllFixes(original: string, file = 'b.py'): Promise<string> {
    let text = original;
    for (let round = 0; round < 20; round += 1) {
      const linted = await linter.lint(file, text);
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
});
