import type { Rule } from '../rule';
import { sentence } from './support';

/** A statement cannot be read. */
export const dataStatementOpaque: Rule = {
  id: 'data-statement-opaque',
  title: 'A statement cannot be read',
  severity: 'info',
  why: 'It is put together while the migration runs, so that nobody can tell beforehand what it does.',
  remedy: 'Write the statement out, or look at it yourself.',
  source: 'https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.execute',
  bad: [`op.execute(«f'UPDATE {table} SET a = 1'»)`, '«DO $$ BEGIN PERFORM 1; END $$»;'],
  good: [
    `op.execute('SELECT 1')`,
    `TABLE = 'users'


def upgrade():
    op.execute(f'SELECT 1 FROM {TABLE}')


def downgrade():
    pass`,
  ],
  statement: (statement) =>
    statement.kind === 'opaque' ? { span: statement.focus, message: `What this does cannot be told. ${sentence(statement.why)}` } : undefined,
};
