import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** A CHECK is added and tried on every row at once. */
export const checkAdd: Rule = {
  id: 'check-add',
  title: 'A CHECK is added and tried on every row at once',
  severity: 'medium',
  why: 'Nobody can read or write the table while every row is tried, and one that does not pass makes it fail.',
  remedy: 'Add it NOT VALID, then validate it in a statement of its own.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT',
  bad: [`«op.create_check_constraint»('positive', 'expenses', 'amount > 0')`, 'ALTER TABLE expenses «ADD CONSTRAINT positive CHECK (amount > 0)»;'],
  good: [
    'ALTER TABLE expenses ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;',
    `op.create_check_constraint('positive', 'expenses', 'amount > 0', postgresql_not_valid=True)`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'addCheck', ({ table, expression, notValid, focus }) => {
      if (notValid) return undefined;
      const message = `A CHECK is tried on every row of ${nameOf(table)} under a lock, and one that does not pass makes it fail.`;
      return { span: focus, message, questions: expression === undefined ? [] : asked(table, (table) => [{ kind: 'violations', table, expression }]) };
    }),
};
