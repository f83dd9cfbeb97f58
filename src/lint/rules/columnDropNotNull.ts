import type { Rule } from '../rule';
import { nameOf, onExisting } from './support';

/** A column may be NULL from now on. */
export const columnDropNotNull: Rule = {
  id: 'column-drop-not-null',
  title: 'A column may be NULL from now on',
  severity: 'low',
  development: 'off',
  why: 'Programs that rely on a value meet none, and it is hard to take back once NULLs are there.',
  remedy: 'Make sure that whatever reads the column can do without.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html',
  bad: [`op.alter_column('users', 'email', «nullable=True»)`, 'ALTER TABLE users «ALTER COLUMN email DROP NOT NULL»;'],
  good: [`ALTER TABLE users ALTER COLUMN email SET DEFAULT '';`],
  statement: (statement, around) =>
    onExisting(statement, around, 'dropNotNull', ({ table, column, focus }) => ({
      span: focus,
      message: `${column ?? 'A column'} of ${nameOf(table)} may be NULL from now on.`,
    })),
};
