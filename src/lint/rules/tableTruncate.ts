import type { Rule } from '../rule';
import { tableText } from '../model';

/** A table is emptied. */
export const tableTruncate: Rule = {
  id: 'table-truncate',
  title: 'A table is emptied',
  severity: 'high',
  why: 'All rows are lost at once; with CASCADE also those of every table that refers to it.',
  remedy: 'Back up first. Delete the rows that are meant, in batches.',
  source: 'https://www.postgresql.org/docs/current/sql-truncate.html',
  bad: ['«TRUNCATE users»;', '«TRUNCATE users CASCADE»;'],
  good: [
    `CREATE TABLE users (id int);
TRUNCATE users;`,
    'DELETE FROM users WHERE id = 1;',
  ],
  statement: (statement, around) => {
    if (statement.kind !== 'truncate') return undefined;
    const tables = statement.tables.filter((table) => !around.isIdle(table));
    if (tables.length === 0) return undefined;
    const message = `${tables.map(tableText).join(', ')} ${tables.length === 1 ? 'is' : 'are'} emptied${statement.cascade ? ', and every table that refers to it' : ''}.`;
    const questions = tables.flatMap((table) => [{ kind: 'rows' as const, table }]);
    return { span: statement.focus, message, questions, ...(statement.cascade ? { severity: 'very high' as const } : {}) };
  },
};
