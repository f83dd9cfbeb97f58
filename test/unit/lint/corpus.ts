/** A migration that was made, and what its maker knows of it. */
export interface MadeMigration {
  readonly file: string;
  readonly text: string;
  /** Whether all that upgrade() does is to tables that it makes itself. */
  readonly onNewTables: boolean;
}

const types = [
  'sa.Text()',
  'sa.String(length=255)',
  'sa.Integer()',
  'sa.BigInteger()',
  'sa.Boolean()',
  'sa.DateTime(timezone=True)',
  'sa.Numeric(12, 2)',
  'postgresql.JSONB()',
  'sa.Enum("a", "b", name="kind")',
];
const tableNames = ['users', 'orders', 'invoices', 'events', 'lenders', 'chart_of_accounts', 'sessions'];
const columnNames = ['email', 'state', 'total', 'created_at', 'owner_id', 'kind', 'meta'];

/** Numbers that look like chance, and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/** `count` Alembic revisions, one after the other, in the styles that real histories have. */
export function makeMigrations(count: number): readonly MadeMigration[] {
  return Array.from({ length: count }, (_, index) => makeMigration(index));
}

function makeMigration(index: number): MadeMigration {
  const next = numbers(index + 1);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T;
  const id = (index + 1).toString(16).padStart(12, '0');
  const parent = index === 0 ? 'None' : `"${index.toString(16).padStart(12, '0')}"`;
  const onNewTables = next(3) === 0;
  const quote = pick(["'", '"']);
  const write: Writer = {
    next,
    pick,
    q: (text) => quote + text + quote,
    f: (name) => (next(2) === 0 ? `op.f(${quote}${name}${quote})` : quote + name + quote),
  };
  const body = onNewTables ? newTable(write, index) : Array.from({ length: 1 + next(4) }, () => step(write)).flat();
  const annotated = next(2) === 0;
  const head = [
    `"""${pick(['Add things', 'change it', "it's a migration; really", 'éàü 🦊'])}`,
    ...(next(2) === 0 ? ['', `Revision ID: ${id}`, `Revises: ${parent}`] : []),
    '"""',
    'import sqlalchemy as sa',
    'from alembic import op',
    'from sqlalchemy.dialects import postgresql',
    ...(next(4) === 0 ? ['', '# op.drop_table("only_in_a_comment")'] : []),
    '',
    `revision${annotated ? ': str' : ''} = "${id}"`,
    `down_revision${annotated ? ': Union[str, None]' : ''} = ${parent}`,
    '',
    '',
  ];
  const down = pick([['pass'], ['raise NotImplementedError("no way back")'], [`op.execute(${write.q('SELECT 1')})`]]);
  const lines = [...head, `def upgrade()${annotated ? ' -> None' : ''}:`, ...indented(body), '', '', 'def downgrade():', ...indented(down), ''];
  return { file: `versions/${id}_made.py`, text: lines.join(next(8) === 0 ? '\r\n' : '\n'), onNewTables };
}

interface Writer {
  readonly next: (below: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly q: (text: string) => string;
  readonly f: (name: string) => string;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

/** A table that is made, and all that people do to one right afterwards. */
function newTable({ next, pick, q, f }: Writer, index: number): readonly string[] {
  const table = `made_${index}`;
  const columns = columnNames.slice(0, 2 + next(5)).map((name) => `    sa.Column(${q(name)}, ${pick(types)}, nullable=${pick(['True', 'False'])}),`);
  const column = 'email';
  const after = [
    [`op.create_index(${f(`ix_${table}`)}, ${q(table)}, [${q(column)}], unique=${pick(['True', 'False'])})`],
    [`with op.batch_alter_table(${q(table)}, schema=None) as batch_op:`, `    batch_op.create_index(batch_op.f(${q(`ix_b_${table}`)}), [${q(column)}])`],
    [`op.create_foreign_key(${q(`fk_${table}`)}, ${q(table)}, ${q('users')}, [${q('owner_id')}], [${q('id')}])`],
    [`op.alter_column(${q(table)}, ${q(column)}, existing_type=sa.Text(), nullable=False)`],
    [`op.add_column(${q(table)}, sa.Column(${q('late')}, sa.Uuid(), nullable=False, server_default=sa.text(${q('gen_random_uuid()')})))`],
    [
      `op.execute("""`,
      `    CREATE INDEX ix_sql_${table} ON ${table} (${column});`,
      `    ALTER TABLE ${table} ADD CONSTRAINT ck CHECK (${column} <> '')`,
      `""")`,
    ],
    [`op.execute(f"UPDATE ${table} SET ${column} = ''")`],
  ];
  const create = [
    `op.create_table(${next(2) === 0 ? q(table) : `\n    ${q(table)}`},`,
    ...columns,
    `    sa.PrimaryKeyConstraint(${q(column)}, name=${f(`pk_${table}`)}),`,
    ')',
  ]
    .join('\n')
    .split('\n');
  return [...create, ...Array.from({ length: next(4) }, () => pick(after)).flat()];
}

/** One thing that is done to a table which may be in use. */
function step({ next, pick, q, f }: Writer): readonly string[] {
  const table = pick(tableNames);
  const column = pick(columnNames);
  const type = pick(types);
  return pick<readonly string[]>([
    [`op.add_column(${q(table)}, sa.Column(${q(column)}, ${type}, nullable=${pick(['True', 'False'])}))`],
    [
      'op.add_column(',
      `    ${q(table)},`,
      '    sa.Column(  # wanted',
      `        ${q(column)}, ${type}, server_default=${q('0')}, nullable=False`,
      '    ),',
      ')',
    ],
    [`op.drop_column(${q(table)}, ${q(column)})  # nobody reads it`],
    [
      `with op.batch_alter_table(${q(table)}, schema=None) as batch_op:`,
      `    batch_op.alter_column(${q(column)}, existing_type=sa.VARCHAR(), nullable=False)`,
      '',
      `    batch_op.drop_column(${q('old')})`,
    ],
    [`op.create_index(${f(`ix_${table}_${column}`)}, ${q(table)}, [${q(column)}], unique=${pick(['True', 'False'])})`],
    ['with op.get_context().autocommit_block():', `    op.create_index(${q(`ix_${column}`)}, ${q(table)}, [${q(column)}], postgresql_concurrently=True)`],
    [`op.alter_column(${q(table)}, ${q(column)}, existing_type=sa.Text(), type_=${type}, existing_nullable=True)`],
    [`op.alter_column(${q(table)}, ${q(column)}, new_column_name=${q('renamed')})`],
    [`op.create_foreign_key(None, ${q(table)}, ${q('users')}, [${q('owner_id')}], [${q('id')}], ondelete=${q('CASCADE')})`],
    [`op.execute("UPDATE ${table} SET ${column} = NULL WHERE ${column} = ''")`],
    [
      `op.execute(`,
      `    """`,
      `    ALTER TABLE ${table}`,
      `        ADD COLUMN ${column} varchar(${1 + next(90)}) NOT NULL,`,
      `        DROP COLUMN old_${column}`,
      `    """`,
      `)`,
    ],
    [`op.execute(sa.text("DELETE FROM ${table} WHERE ${column} IS NULL"))`],
    [`for name in (${q('a')}, ${q('b')}):`, `    op.execute(f"ALTER TABLE {name} ADD COLUMN ${column} int")`],
    [`bind = op.get_bind()`, `bind.execute(sa.text("INSERT INTO ${table} (${column}) VALUES (:value)"), {"value": 1})`],
    [`op.drop_table(${q(`old_${table}`)})`],
    [`op.drop_constraint(${f(`uq_${table}`)}, ${q(table)}, type_=${q('unique')})`],
    ['# container-databases: ignore unique-add', `op.create_unique_constraint(${f(`uq_${table}_${column}`)}, ${q(table)}, [${q(column)}])`],
    [`op.create_check_constraint(${q('ck')}, ${q(table)}, ${q(`${column} > 0`)})`],
    [`op.rename_table(${q(table)}, ${q(`${table}_old`)})`],
  ]);
}
