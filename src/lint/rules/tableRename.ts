import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** A table is renamed. */
export const tableRename: Rule = {
  id: 'table-rename',
  title: 'A table is renamed',
  severity: 'high',
  why: 'Programs that run while it happens, and functions whose body holds the old name, fail until they know the new one.',
  remedy: 'Keep the old name working until nothing uses it: leave a view of the old name.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html',
  bad: [`«op.rename_table»('users', 'people')`, '«ALTER TABLE users RENAME TO people»;'],
  good: [
    `CREATE TABLE users (a int);
ALTER TABLE users RENAME TO people;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'renameTable', ({ table, to, focus }) => ({
      span: focus,
      message: `${nameOf(table)} is renamed${to === undefined ? '' : ` to ${to}`}: whatever uses the old name fails.`,
      questions: asked(table, (table) => [{ kind: 'dependents', table }]),
    })),
};
