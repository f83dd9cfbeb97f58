import type { Rule } from '../rule';

/** A statement outside of a transaction cannot be run twice. */
export const statementNotRepeatable: Rule = {
  id: 'statement-not-repeatable',
  title: 'A statement outside of a transaction cannot be run twice',
  severity: 'low',
  development: 'off',
  why: 'What was done before a failure stays, so that the migration fails at it when it is run again. An index that was cut short stays behind as invalid.',
  remedy: 'Add IF NOT EXISTS, or IF EXISTS.',
  source: 'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
  bad: ['«CREATE INDEX CONCURRENTLY ix ON users (email)»;', '«DROP INDEX CONCURRENTLY ix»;'],
  good: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON users (email);', 'DROP INDEX CONCURRENTLY IF EXISTS ix;'],
  statement: (statement) => {
    if (statement.kind !== 'createIndex' && statement.kind !== 'dropIndex') return undefined;
    const repeatable = statement.kind === 'createIndex' ? statement.ifNotExists : statement.ifExists;
    if (statement.inTransaction || !statement.concurrently || repeatable) return undefined;
    return {
      span: statement.focus,
      message: `Run again after a failure, this fails: add ${statement.kind === 'createIndex' ? 'IF NOT EXISTS' : 'IF EXISTS'}.`,
    };
  },
};
