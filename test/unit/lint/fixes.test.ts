import assert from 'node:assert/strict';
import { applied, fixesFor } from '../../../src/lint/fixes/fixes';
import { Linter } from '../../../src/lint/linter';
import { allRules } from '../../../src/lint/rules/all';
import { isAtLeast } from '../../../src/lint/severity';
import { exampleFile } from './exampleFile';

const linter = new Linter(false);

async function fixed(
  example: string,
  rule: string,
  title?: string,
): Promise<{ readonly before: string; readonly after: string; readonly file: string } | undefined> {
  const { file, text } = exampleFile(example.replaceAll(/[«»]/g, ''));
  const linted = await linter.lint(file, text);
  const finding = linted?.findings.find((each) => each.rule === rule);
  assert.ok(linted !== undefined && finding !== undefined, `${rule} says nothing`);
  const fixes = fixesFor({ text, migration: linted.migration, finding });
  const fix = fixes.find((each) => (title === undefined ? each.preferred : each.title.includes(title)));
  return fix === undefined ? undefined : { file, before: text, after: applied(text, fix) };
}

async function graveRules(file: string, text: string): Promise<readonly string[]> {
  const linted = await linter.lint(file, text);
  assert.equal(linted?.migration.broken, undefined, text);
  return linted?.findings.filter(({ severity }) => isAtLeast(severity, 'medium')).map(({ rule }) => rule) ?? [];
}

describe('the fixes', () => {
  for (const { id, bad } of allRules) {
    for (const example of bad) {
      it(`of ${id} leave nothing to warn of in ${JSON.stringify(example)}`, async () => {
        const fix = await fixed(example, id);
        if (fix === undefined) return;
        const [before, after] = [await graveRules(fix.file, fix.before), await graveRules(fix.file, fix.after)];
        const linted = await linter.lint(fix.file, fix.after);
        assert.ok(!linted?.findings.some(({ rule }) => rule === id), `still there:\n${fix.after}`);
        assert.deepEqual(
          after.filter((rule) => !before.includes(rule)),
          [],
          `new warnings:\n${fix.after}`,
        );
      });

      it(`silence ${id} in ${JSON.stringify(example)}`, async () => {
        const fix = await fixed(example, id, 'Ignore');
        assert.ok(fix !== undefined);
        const linted = await linter.lint(fix.file, fix.after);
        assert.ok(!linted?.findings.some(({ rule }) => rule === id), fix.after);
        assert.deepEqual(
          linted?.silences.map(({ rules }) => rules),
          [[id]],
        );
      });
    }
  }

  it('make a required column in three steps, and keep what stands around it', async () => {
    const fix = await fixed(
      "if True:\n    op.add_column(\n        'users',\n        sa.Column('email', sa.String(5), nullable=False),  # wanted\n    )\nop.execute('SELECT 1')",
      'column-add-required',
    );
    assert.equal(
      fix?.after.slice(fix.after.indexOf('    if True'), fix.after.indexOf('\n\n\ndef downgrade')),
      [
        '    if True:',
        '        op.add_column(',
        "            'users',",
        "            sa.Column('email', sa.String(5), nullable=True),  # wanted",
        '        )',
        '        # Fills the rows that are there, a few at a time: put in the value that fits.',
        '        with op.get_context().autocommit_block():',
        `            while op.get_bind().exec_driver_sql("UPDATE users SET email = '' WHERE ctid IN (SELECT ctid FROM users WHERE email IS NULL LIMIT 10000)").rowcount > 0:`,
        '                pass',
        '        with op.get_context().autocommit_block():',
        '            op.execute("ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID")',
        '            op.execute("ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null")',
        '        op.execute("ALTER TABLE users ALTER COLUMN email SET NOT NULL")',
        '        op.execute("ALTER TABLE users DROP CONSTRAINT users_email_not_null")',
        "    op.execute('SELECT 1')",
      ].join('\n'),
    );
  });

  it('give a server_default', async () => {
    const fix = await fixed("op.add_column('users', sa.Column('n', sa.Integer(), nullable=False,))", 'column-add-required', 'server_default');
    assert.ok(fix?.after.includes(`sa.Column('n', sa.Integer(), nullable=False, server_default="0")`), fix?.after);
  });

  it('write the way back, last first, and say where there is none', async () => {
    const all = await fixed(
      "def upgrade():\n    op.create_table('a', sa.Column('id', sa.BigInteger()))\n    op.add_column('b', sa.Column('x', sa.Text()), schema='s')\n    op.create_index('ix', 'b', ['x'], schema='s')\n    op.alter_column('c', 'y', new_column_name='z')\n\n\ndef downgrade():\n    # nothing yet\n    pass",
      'downgrade-missing',
    );
    assert.ok(
      all?.after.endsWith(
        'def downgrade():\n    # nothing yet\n    op.alter_column("c", "z", new_column_name="y")\n    op.drop_index("ix", table_name="b", schema="s")\n    op.drop_column("b", "x", schema="s")\n    op.drop_table("a")\n',
      ),
      all?.after,
    );
    const none = await fixed("def upgrade():\n    op.drop_table('a')\n", 'downgrade-missing');
    assert.ok(none?.after.endsWith('raise NotImplementedError("What cannot be undone: a dropped table. Restore a backup.")\n'), none?.after);
  });
});
