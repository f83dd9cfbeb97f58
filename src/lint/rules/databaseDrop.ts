import type { Rule } from '../rule';

/** A database is dropped. */
export const databaseDrop: Rule = {
  id: 'database-drop',
  title: 'A database is dropped',
  severity: 'very high',
  why: 'Everything in it is lost.',
  remedy: 'Never in a migration. Drop databases by hand, after a backup.',
  source: 'https://www.postgresql.org/docs/current/sql-dropdatabase.html',
  bad: ['«DROP DATABASE reims»;'],
  good: ['DROP VIEW v;'],
  statement: (statement) =>
    statement.kind === 'dropDatabase' ? { span: statement.focus, message: `The database ${statement.name} is dropped with everything in it.` } : undefined,
};
