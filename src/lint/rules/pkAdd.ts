import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** A primary key is added. */
export const pkAdd: Rule = {
  id: 'pk-add',
  title: 'A primary key is added',
  severity: 'high',
  why: 'Duplicates and NULLs make it fail, and nobody can read or write the table while the index is built.',
  remedy: 'Build a unique index CONCURRENTLY, make the columns NOT NULL, then ADD PRIMARY KEY USING INDEX.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  bad: [`«op.create_primary_key»('pk', 'users', ['id'])`, 'ALTER TABLE users «ADD PRIMARY KEY (id)»;'],
  good: ['ALTER TABLE users ADD CONSTRAINT pk PRIMARY KEY USING INDEX users_id;'],
  statement: (statement, around) =>
    onExisting(statement, around, 'addPrimaryKey', ({ table, columns, usingIndex, focus }) => {
      if (usingIndex) return undefined;
      const message = `A primary key is added to ${nameOf(table)}: duplicates and NULLs make it fail, and the table is locked while its index is built.`;
      return {
        span: focus,
        message,
        questions: columns.length === 0 ? [] : asked(table, (table) => [{ kind: 'duplicates', table, columns, nullsCount: true }]),
      };
    }),
};
