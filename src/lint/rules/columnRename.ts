import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** A column is renamed. */
export const columnRename: Rule = {
  id: 'column-rename',
  title: 'A column is renamed',
  severity: 'high',
  why: 'Programs that run while it happens, and functions whose body holds the old name, fail until they know the new one.',
  remedy: 'Keep the old name working until nothing uses it: add a column and copy.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html',
  bad: [`op.alter_column('users', 'username', «new_column_name='user_name'»)`, '«ALTER TABLE users RENAME COLUMN username TO user_name»;'],
  good: [
    `CREATE TABLE users (a int);
ALTER TABLE users RENAME COLUMN a TO b;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'renameColumn', ({ table, column, to, focus }) => ({
      span: focus,
      message: `${column ?? 'A column'} of ${nameOf(table)} is renamed${to === undefined ? '' : ` to ${to}`}: whatever uses the old name fails.`,
      questions: asked(table, (table) => [{ kind: 'dependents', table, ...(column === undefined ? {} : { column }) }]),
    })),
};
