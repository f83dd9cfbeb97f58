import type { Rule } from '../rule';

/** A transaction is begun or ended inside the tool's own. */
export const transactionNesting: Rule = {
  id: 'transaction-nesting',
  title: "A transaction is begun or ended inside the tool's own",
  severity: 'high',
  why: 'BEGIN is ignored there, and COMMIT ends the transaction that the tool relies on: a failure later leaves half a migration behind.',
  remedy: 'Leave transactions to the tool; in Alembic use autocommit_block() for what must be outside.',
  source: 'https://www.postgresql.org/docs/current/sql-begin.html',
  bad: [
    `op.execute('«BEGIN»')`,
    `op.execute('«COMMIT»')`,
    `BEGIN;
«BEGIN»;
COMMIT;`,
  ],
  good: [
    `BEGIN;
SELECT 1;
COMMIT;`,
  ],
  statement: (statement, { migration: { tool } }) => {
    if (statement.kind !== 'transaction' || !statement.inTransaction) return undefined;
    if (statement.action !== 'begin' && tool === 'sql') return undefined;
    const what =
      statement.action === 'begin' ? 'There already is a transaction, so that this one is ignored.' : 'This ends the transaction that the tool has begun.';
    return { span: statement.focus, message: what };
  },
};
