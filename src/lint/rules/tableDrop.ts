import type { Rule } from '../rule';
import { asked, createsTable, nameOf, onExisting } from './support';

/** A table is dropped. */
export const tableDrop: Rule = {
  id: 'table-drop',
  title: 'A table is dropped',
  severity: 'very high',
  why: 'All its rows are lost; going back makes an empty table.',
  remedy: 'Back up first, and keep what may be wanted: rename the table, and drop it later.',
  source: 'https://www.postgresql.org/docs/current/sql-droptable.html',
  bad: [`«op.drop_table»('old')`, '«DROP TABLE old CASCADE»;'],
  good: [
    `CREATE TABLE old (a int);
DROP TABLE old;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'dropTable', ({ table, cascade, focus }) => {
      const undone = around.section.direction === 'down' && createsTable(around.migration, table);
      if (undone) return { span: focus, severity: 'low', message: `Going back drops ${nameOf(table)}, and what has been written to it since.` };
      const message = `${nameOf(table)} is dropped with all its rows${cascade ? ', and with whatever depends on it' : ''}.`;
      return { span: focus, message, questions: asked(table, (table) => [{ kind: 'rows', table }, { kind: 'inbound', table }, { kind: 'lastBackup' }]) };
    }),
};
