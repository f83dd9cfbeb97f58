import assert from 'node:assert/strict';
import { Linter } from '../../../src/lint/linter';
import { Lines } from '../../../src/lint/text/lines';
import { exampleFile } from './exampleFile';

const linter = new Linter(false);

/** What is warned of from a severity that matters on: the rule, and what it underlines. */
async function warned(file: string, text: string): Promise<readonly string[]> {
  const linted = await linter.lint(file, text);
  assert.ok(linted !== undefined, 'it was not taken for a migration');
  const shown = linted.findings.filter(
    ({ rule, severity, onlyWithFacts }) => onlyWithFacts !== true && severity !== 'info' && severity !== 'low' && rule !== 'downgrade-missing',
  );
  return shown.map(({ rule, span }) => `${rule}: ${text.slice(span.from, span.to).replaceAll(/\s+/g, ' ')}`);
}

const inAlembic = async (body: string): Promise<readonly string[]> => {
  const { file, text } = exampleFile(body);
  return warned(file, text);
};

describe('Alembic', () => {
  const cases: readonly (readonly [title: string, body: string, expected: readonly string[]])[] = [
    ['names given by op.f', "op.create_index(op.f('ix'), 't', ['a'])", ['index-create: op.create_index']],
    [
      'batches',
      "with op.batch_alter_table('t', schema=None) as batch_op:\n    batch_op.alter_column('a', existing_type=sa.Text(), nullable=False)\n    batch_op.drop_column('b')",
      ['column-set-not-null: nullable=False', 'column-drop: batch_op.drop_column'],
    ],
    [
      'batches on tables that the function makes',
      "op.create_table('t')\nwith op.batch_alter_table('t') as batch_op:\n    batch_op.create_index('ix', ['a'])\n    batch_op.add_column(sa.Column('b', sa.Text(), nullable=False))",
      [],
    ],
    [
      'helpers, with their arguments',
      "def drop(table):\n    op.drop_column(table, 'a')\n\n\ndef upgrade():\n    op.create_table('new')\n    drop('new')\n    drop('old')\n",
      ['column-drop: op.drop_column'],
    ],
    [
      'helpers that call one another without end',
      'def a():\n    b()\n\n\ndef b():\n    a()\n\n\ndef upgrade():\n    a()\n    op.drop_table("t")\n',
      ['table-drop: op.drop_table'],
    ],
    ['constants', 'SQL = "DROP TABLE t"\n\n\ndef upgrade():\n    op.execute(SQL)\n', ['table-drop: DROP TABLE t']],
    ['sa.text', "op.execute(sa.text('DROP TABLE t'))", ['table-drop: DROP TABLE t']],
    [
      'joined strings',
      "op.execute('ALTER TABLE t '\n           'DROP COLUMN a, '  # why\n           'ADD b int NOT NULL')",
      ['column-drop: DROP COLUMN a', 'column-add-required: ADD b int NOT NULL'],
    ],
    [
      'long strings',
      'op.execute("""\n    -- é and more\n    ALTER TABLE t\n      DROP COLUMN a;\n    DROP TABLE "ü";\n""")',
      ['column-drop: DROP COLUMN a', 'table-drop: DROP TABLE "ü"'],
    ],
    ['escapes', "op.execute('ALTER TABLE t\\n\\tDROP COLUMN a')", ['column-drop: DROP COLUMN a']],
    [
      'connections',
      "conn = op.get_bind()\nconn.execute(sa.text('DROP TABLE t'))\nop.get_bind().exec_driver_sql('DROP TABLE u')",
      ['table-drop: DROP TABLE t', 'table-drop: DROP TABLE u'],
    ],
    [
      'parameters',
      "op.get_bind().execute(sa.text('DELETE FROM t WHERE a = :a'), {'a': 1})\nop.drop_constraint('c', 't')",
      ['backfill-in-migration: DELETE FROM t WHERE a = :a'],
    ],
    [
      'expressions of SQLAlchemy',
      "users = sa.table('users', sa.column('a'))\nop.execute(users.update().values(a=1))\nop.drop_constraint('c', 'users')",
      ['backfill-in-migration: users.update().values(a=1)'],
    ],
    ['loops over what is listed', "for table in ('a', 'b'):\n    op.drop_table(table)", ['table-drop: op.drop_table']],
    [
      'branches',
      "if op.get_context().dialect.name == 'postgresql':\n    op.drop_table('a')\nelse:\n    op.drop_table('b')",
      ['table-drop: op.drop_table', 'table-drop: op.drop_table'],
    ],
    ['one line', "if True: op.drop_table('a')", ['table-drop: op.drop_table']],
    ['autocommit in a name', "context = op.get_context()\nwith context.autocommit_block():\n    op.execute('CREATE INDEX CONCURRENTLY i ON t (a)')", []],
    ['schemas', "op.create_table('t', schema='s')\nop.drop_column('t', 'a', schema='s')\nop.drop_column('t', 'a')", ['column-drop: op.drop_column']],
    [
      'keyword arguments',
      "op.add_column(table_name='t', column=sa.Column('a', sa.Text(), nullable=False))",
      ["column-add-required: sa.Column('a', sa.Text(), nullable=False)"],
    ],
    ['what others do with execute', 'pool.execute(job)\nop.execute(sa.select(1))', []],
    [
      'new columns with keys',
      "op.add_column('t', sa.Column('a', sa.Integer(), sa.ForeignKey('s.u.id'), nullable=True))",
      ["fk-add: sa.Column('a', sa.Integer(), sa.ForeignKey('s.u.id'), nullable=True)"],
    ],
  ];
  for (const [title, body, expected] of cases) it(`reads ${title}`, async () => assert.deepEqual(await inAlembic(body), expected));

  it('knows who the revision is, in any way of writing it', async () => {
    const text =
      'from alembic import op\nrevision: str = "b"\ndown_revision: Union[str, None] = ("a", \'c\')\nbranch_labels = ("x",)\ndepends_on = None\ndef upgrade(): pass\n';
    const { id, parents, labels, dependsOn } = (await linter.lint('b.py', text))?.migration.revision ?? {};
    assert.deepEqual({ id, parents, labels, dependsOn }, { id: 'b', parents: ['a', 'c'], labels: ['x'], dependsOn: [] });
  });

  it('takes no other Python for a migration', async () => {
    for (const text of ['import os\n', 'def upgrade():\n    pass\n', 'from alembic import context\nconnectable = 1\n'])
      assert.equal(await linter.lint('env.py', text), undefined);
  });
});

describe('SQL', () => {
  it('reads both ways of a file, and whether there is a transaction', async () => {
    const text = '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n-- migrate:down\nDROP INDEX CONCURRENTLY i;\n';
    assert.deepEqual(await warned('1_a.sql', text), ['concurrently-in-transaction: DROP INDEX CONCURRENTLY i']);
    assert.deepEqual(await warned('1.up.sql', 'CREATE INDEX CONCURRENTLY i ON t (a);\nSELECT 1;'), [
      'concurrently-in-transaction: CREATE INDEX CONCURRENTLY i ON t (a)',
    ]);
    assert.deepEqual(await warned('1.up.sql', 'CREATE INDEX CONCURRENTLY i ON t (a);'), []);
    assert.deepEqual(await warned('1.sql', '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (a);'), []);
  });

  it('finds its way through quotes, dollars, comments and placeholders', async () => {
    const text = `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $x$ SELECT 'DROP TABLE a; ' $x$; /* ; /* nested; */ */
ALTER TABLE "a;b" DROP COLUMN "é;", ADD CONSTRAINT k FOREIGN KEY (x, y) REFERENCES {{ schema }}.t (x, y); -- end;
\\restrict abc
DELETE FROM t WHERE name = ':no' AND id = :id;`;
    assert.deepEqual(await warned('1.sql', text), [
      'column-drop: DROP COLUMN "é;"',
      'fk-add: ADD CONSTRAINT k FOREIGN KEY (x, y) REFERENCES {{ schema }}.t (x, y)',
      "backfill-in-migration: DELETE FROM t WHERE name = ':no' AND id = :id",
    ]);
  });

  it('reads on behind what it cannot read', async () => {
    assert.deepEqual(await warned('1.sql', 'DROP TABLE a;\nDROP TABEL b;\nDROP TABLE c;'), [
      'table-drop: DROP TABLE a',
      'file-unreadable: TABEL',
      'table-drop: DROP TABLE c',
    ]);
  });
});

describe('what is wrong in SQL', () => {
  const cases: readonly (readonly [text: string, place: readonly [line: number, column: number], what: string])[] = [
    ["-- é\nCREATE TABLE t (\n  name text DEFAULT '🦊🦊🦊🦊é',\n  kind txet nott null\n);", [4, 13], 'nott'],
    ['SELECT 1;\n\nALTER TABLE t\n  ADD\n  -- nothing more\n;', [4, 3], 'ADD'],
    ["SELECT 1;\nSELECT\n  'never closed;\nSELECT 2;\n", [3, 3], "'"],
    ['SELECT 1;\nDROPP TABLE t;', [2, 1], 'DROPP TABLE t'],
    ['SELECT a FROM {{ table }}\n  LIMIT 1, 2', [2, 3], 'LIMIT'],
  ];
  for (const [text, [line, column], what] of cases) {
    it(`is shown where it is: ${JSON.stringify(what)}`, async () => {
      const linted = await linter.lint('1.sql', text);
      const span = linted?.findings.find(({ rule }) => rule === 'file-unreadable')?.span;
      assert.ok(span !== undefined);
      assert.deepEqual(new Lines(text).at(span.from), { line, column });
      assert.ok(text.slice(span.from, span.to).startsWith(what), text.slice(span.from, span.to));
    });
  }
});

describe('JavaScript and TypeScript', () => {
  const cases: readonly (readonly [tool: string, text: string, expected: readonly string[]])[] = [
    [
      'Knex',
      `exports.up = async function (knex) {
  await knex.schema.createTable('new', (table) => { table.increments(); table.unique(['a']); });
  await knex.schema.alterTable('users', (table) => {
    table.string('email').notNullable();
    table.dropColumn('old');
    table.renameColumn('a', 'b');
    table.unique(['email']);
    table.text('bio').defaultTo('');
  });
  await knex.raw(\`DROP TABLE gone\`);
};
exports.down = (knex) => knex.schema.dropTable('new');`,
      [
        "column-add-required: table.string('email').notNullable()",
        "column-drop: table.dropColumn('old')",
        "column-rename: table.renameColumn('a', 'b')",
        "unique-add: table.unique(['email'])",
        'table-drop: DROP TABLE gone',
      ],
    ],
    [
      'Sequelize',
      `module.exports = {
  up: async (queryInterface, Sequelize) => {
    await queryInterface.addColumn('users', 'email', { type: Sequelize.STRING, allowNull: false });
    await queryInterface.removeColumn('users', 'old');
    await queryInterface.addIndex('users', ['email'], { unique: true });
    await queryInterface.sequelize.query('ALTER TABLE users DROP COLUMN x');
  },
  async down(queryInterface) { await queryInterface.dropTable('users'); },
};`,
      [
        'column-add-required: { type: Sequelize.STRING, allowNull: false }',
        'column-drop: queryInterface.removeColumn',
        'unique-add: queryInterface.addIndex',
        'column-drop: DROP COLUMN x',
        'table-drop: queryInterface.dropTable',
      ],
    ],
    [
      'TypeORM',
      `import { MigrationInterface, QueryRunner } from 'typeorm';
export class Add1700000000000 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`CREATE INDEX CONCURRENTLY i ON t (a)\`);
    await queryRunner.query(\`ALTER TABLE \${table} DROP COLUMN a\`);
    await queryRunner.addColumn('users', new TableColumn({ name: 'a', type: 'text', isNullable: false }));
  }
  public async down(queryRunner: QueryRunner): Promise<void> {}
}`,
      [
        'concurrently-in-transaction: CREATE INDEX CONCURRENTLY i ON t (a)',
        "column-add-required: new TableColumn({ name: 'a', type: 'text', isNullable: false })",
      ],
    ],
    [
      'node-pg-migrate',
      `export const up = (pgm) => {
  pgm.addColumns('users', { email: { type: 'text', notNull: true }, bio: 'text' });
  pgm.alterColumn('users', 'x', { type: 'integer' });
  pgm.createIndex('users', 'email', { concurrently: true });
  pgm.sql("UPDATE users SET email = ''");
};
export const down = false;`,
      [
        "column-add-required: email: { type: 'text', notNull: true }",
        'column-type: pgm.alterColumn',
        'concurrently-in-transaction: pgm.createIndex',
        "backfill-in-migration: UPDATE users SET email = ''",
      ],
    ],
  ];
  for (const [tool, text, expected] of cases) {
    it(`reads ${tool}`, async () => assert.deepEqual(await warned(`migrations/1.${tool === 'TypeORM' ? 'ts' : 'js'}`, text), expected));
  }

  it('takes silences in its own comments', async () => {
    const text = "exports.up = (knex) => {\n  // container-databases: ignore table-drop\n  return knex.schema.dropTable('a');\n};";
    assert.deepEqual(await warned('1.js', text), []);
  });
});
