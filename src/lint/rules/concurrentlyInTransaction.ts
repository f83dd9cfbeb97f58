import type { Rule } from '../rule';

/** CONCURRENTLY inside a transaction. */
export const concurrentlyInTransaction: Rule = {
  id: 'concurrently-in-transaction',
  title: 'CONCURRENTLY inside a transaction',
  severity: 'high',
  why: 'Postgres refuses it there: such a statement runs in several transactions of its own.',
  remedy: 'Put it into with op.get_context().autocommit_block(), or into a file that the tool runs without a transaction.',
  source: 'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
  bad: [
    `«op.create_index»('ix', 'users', ['email'], postgresql_concurrently=True)`,
    `BEGIN;
«CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (email)»;
COMMIT;`,
  ],
  good: [
    `with op.get_context().autocommit_block():
    op.create_index('ix', 'users', ['email'], postgresql_concurrently=True)`,
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (email);',
  ],
  statement: (statement) => {
    const concurrent =
      (statement.kind === 'createIndex' || statement.kind === 'dropIndex' || (statement.kind === 'concurrent' && statement.what !== 'refresh')) &&
      statement.concurrently;
    if (!concurrent || !statement.inTransaction) return undefined;
    return { span: statement.focus, message: 'CONCURRENTLY cannot run inside a transaction, and this one does.' };
  },
};
