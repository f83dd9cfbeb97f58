import type { Rule } from '../rule';

/** A transaction is begun and never ended. */
export const transactionOpen: Rule = {
  id: 'transaction-open',
  title: 'A transaction is begun and never ended',
  severity: 'medium',
  why: 'What was done in it is undone when the connection closes.',
  remedy: 'End it with COMMIT.',
  source: 'https://www.postgresql.org/docs/current/sql-commit.html',
  bad: [
    `«BEGIN»;
CREATE TABLE notes (id bigint);`,
  ],
  good: [
    `BEGIN;
CREATE TABLE notes (id bigint);
COMMIT;`,
  ],
  statement: (statement, { after, migration: { tool } }) => {
    if (tool !== 'sql' || statement.kind !== 'transaction' || statement.action !== 'begin') return undefined;
    return after.some((each) => each.kind === 'transaction' && each.action !== 'begin')
      ? undefined
      : { span: statement.focus, message: 'This transaction is never ended: what is done in it will be undone.' };
  },
};
