import type { Rule } from '../rule';
import { isSameTable, type TableName } from '../model';
import type { Question } from '../live/question';
import { asked, nameOf, onExisting } from './support';

/** A foreign key is added and checked at once. */
export const fkAdd: Rule = {
  id: 'fk-add',
  title: 'A foreign key is added and checked at once',
  severity: 'medium',
  why: 'Both tables are locked against writing while every row is looked up, and one row without its counterpart makes it fail.',
  remedy: 'Add it NOT VALID, then validate it in a statement of its own.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
  bad: [
    `«op.create_foreign_key»('fk', 'expenses', 'categories', ['category_id'], ['id'])`,
    'ALTER TABLE expenses «ADD CONSTRAINT fk FOREIGN KEY (category_id) REFERENCES categories (id)»;',
  ],
  good: [
    `op.create_foreign_key('fk', 'expenses', 'categories', ['category_id'], ['id'], postgresql_not_valid=True)`,
    'ALTER TABLE expenses ADD CONSTRAINT fk FOREIGN KEY (category_id) REFERENCES categories (id) NOT VALID;',
    `op.create_table('expenses', sa.Column('category_id', sa.BigInteger()))
op.create_foreign_key('fk', 'expenses', 'categories', ['category_id'], ['id'])`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'addForeignKey', ({ table, target, columns, targetColumns, notValid, focus }) => {
      if (notValid) return undefined;
      const message = `A foreign key from ${nameOf(table)} to ${nameOf(target)} is added and checked at once: both cannot be written to meanwhile.`;
      const isNewColumn = around.before.some((each) => each.kind === 'addColumn' && isSameTable(each.table, table) && columns.includes(each.column.name));
      const ask = (table: TableName): readonly Question[] =>
        target === undefined || columns.length === 0 || isNewColumn
          ? [{ kind: 'size', table }]
          : [
              { kind: 'orphans', table, columns, target, targetColumns },
              { kind: 'size', table },
            ];
      return { span: focus, message, questions: asked(table, ask) };
    }),
};
