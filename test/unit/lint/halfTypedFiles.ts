const header = (id: string): string => `from alembic import op
revision: str = '${id}'
down_revision: Union[str, None] = 'ffff'


`;

/** Migrations as people write them, in ten styles. */
export const halfTypedFiles: Readonly<Record<string, string>> = {
  'plain.py': `${header('a1')}def upgrade() -> None:
    op.add_column('users', sa.Column('email', sa.String(length=255), nullable=False))
    op.create_index(op.f('ix_users_email'), 'users', ['email'], unique=True)


def downgrade() -> None:
    op.drop_index(op.f('ix_users_email'), table_name='users')
    op.drop_column('users', 'email')
`,
  'batch.py': `${header('a2')}def upgrade():
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('total', sa.Numeric(12, 2), server_default=sa.text("0"), nullable=False))
        batch_op.alter_column('state', existing_type=sa.VARCHAR(length=20), type_=sa.Text(), nullable=False)
        batch_op.create_foreign_key('fk_orders_user', 'users', ['user_id'], ['id'], ondelete='CASCADE')


def downgrade():
    with op.batch_alter_table('orders') as batch_op:
        batch_op.drop_constraint('fk_orders_user', type_='foreignkey')
        batch_op.drop_column('total')
`,
  'sql.py': `${header('a3')}VIEW = """
CREATE VIEW totals AS
SELECT user_id, sum(total) AS total FROM orders GROUP BY 1
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(VIEW)
    op.execute(
        """
        UPDATE orders
           SET total = 0
         WHERE total IS NULL;
        ALTER TABLE orders ALTER COLUMN total SET NOT NULL, DROP COLUMN "oldé";
        """
    )


def downgrade() -> None:
    op.execute('DROP VIEW totals')
    op.execute("ALTER TABLE orders ALTER COLUMN total DROP NOT NULL")
`,
  'helpers.py': `${header('a4')}TABLES = ['a', 'b', 'c']


def _stamp(table: str, name: str = 'created_at') -> None:
    """Adds one."""
    op.add_column(table, sa.Column(name, sa.DateTime(), server_default=sa.func.now(), nullable=False))


def upgrade():
    for table in TABLES:
        _stamp(table)
        op.execute(f'CREATE INDEX ix_{table}_at ON {table} (created_at)')


def downgrade():
    for table in reversed(TABLES):
        op.drop_column(table, 'created_at')
`,
  'concurrent.py': `${header('a5')}def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            'ix_events_at',
            'events',
            [sa.text('date_trunc(\\'day\\', at)')],
            postgresql_concurrently=True,
            postgresql_where=sa.text("kind = 'x'"),  # only these
        )
    op.create_index('ix_again', 'events', ['kind'], postgresql_concurrently=True)


def downgrade():
    op.drop_index('ix_events_at', table_name='events')
`,
  'table.py': `${header('a6')}def upgrade() -> None:
    op.create_table(
        'invoices',
        sa.Column('id', postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column('number', sa.String(30), nullable=False),
        sa.Column('meta', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(['number'], ['numbers.id'], name=op.f('fk_invoices_number')),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_invoices_number', 'invoices', ['number'])
    op.create_unique_constraint('uq_invoices', 'invoices', ['number'])
    op.rename_table('bills', 'old_bills')


def downgrade() -> None:
    op.rename_table('old_bills', 'bills')
    op.drop_table('invoices')
`,
  'data.py': `${header('a7')}def upgrade():
    conn = op.get_bind()
    users = sa.table('users', sa.column('id'), sa.column('name'))
    rows = conn.execute(sa.select(users.c.id, users.c.name)).fetchall()
    for row in rows:
        conn.execute(users.update().where(users.c.id == row.id).values(name=row.name.strip() if row.name else None))
    op.bulk_insert(users, [{'id': 1, 'name': "it's"}, {'id': 2, 'name': 'two'}])
    op.alter_column('users', 'name', existing_type=sa.TEXT(), nullable=False)


def downgrade():
    pass
`,
  '0042_schema.sql': `-- A change of several tables; made by hand.
BEGIN;

ALTER TABLE public.users
  ADD COLUMN nickname varchar(40) NOT NULL DEFAULT '',
  ADD CONSTRAINT users_nickname_key UNIQUE (nickname); -- é

CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.changed_at := now();  -- ';' and $ inside
  RETURN NEW;
END;
$body$;

CREATE INDEX users_nickname ON users (lower(nickname)) WHERE nickname <> '';
DELETE FROM sessions WHERE expires_at < now() - interval '1 day';
DROP TABLE IF EXISTS "old;table" CASCADE;
COMMIT;
`,
  '20260314_add.sql': `-- migrate:up
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
CREATE INDEX notes_body ON notes (body);
ALTER TABLE users ALTER COLUMN age TYPE integer USING age::integer;

-- migrate:down
ALTER TABLE users ALTER COLUMN age TYPE text;
DROP TABLE notes;
`,
  'migrations/1_users.js': `/** A change of users. */
exports.up = async function (knex) {
  await knex.schema.alterTable('users', (table) => {
    table.string('phone', 20).notNullable().defaultTo('');
    table.integer('team_id').references('id').inTable('teams');
    table.dropColumn('fax');
  });
  await knex.raw(\`UPDATE users SET phone = '' WHERE phone IS NULL\`); // all
};

exports.down = async (knex) => {
  await knex.schema.alterTable('users', (table) => {
    table.dropColumn('phone');
  });
};
`,
};
