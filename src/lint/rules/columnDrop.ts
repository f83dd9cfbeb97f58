import type { Rule } from '../rule';
import type { Question } from '../live/question';
import type { TableName } from '../model';
import { addsColumn, asked, nameOf, onExisting } from './support';

/** A column is dropped. */
export const columnDrop: Rule = {
  id: 'column-drop',
  title: 'A column is dropped',
  severity: 'medium',
  why: 'Its data is lost; going back makes an empty column. Programs that still read it fail.',
  remedy: 'Back up first, and drop it only when nothing reads it any more.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html',
  bad: [`«op.drop_column»('users', 'obsolete')`, 'ALTER TABLE users «DROP COLUMN obsolete»;'],
  good: [
    `CREATE TABLE users (a int, obsolete int);
ALTER TABLE users DROP COLUMN obsolete;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'dropColumn', ({ table, column, focus }) => {
      const what = `${column ?? 'A column'} of ${nameOf(table)}`;
      const undone = around.section.direction === 'down' && column !== undefined && addsColumn(around.migration, table, column);
      if (undone) return { span: focus, severity: 'low', message: `Going back drops ${what}, and what has been written to it since.` };
      const ask = (table: TableName): readonly Question[] => [
        ...(column === undefined
          ? []
          : [
              { kind: 'values' as const, table, column },
              { kind: 'dependents' as const, table, column },
            ]),
        { kind: 'lastBackup' },
      ];
      return { span: focus, message: `${what} is dropped with all that it holds.`, questions: asked(table, ask) };
    }),
};
