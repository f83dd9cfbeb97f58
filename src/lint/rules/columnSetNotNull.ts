import type { Rule } from '../rule';
import { asked, isProvenNotNull, nameOf, onExisting } from './support';

/** A column becomes NOT NULL. */
export const columnSetNotNull: Rule = {
  id: 'column-set-not-null',
  title: 'A column becomes NOT NULL',
  severity: 'medium',
  why: 'Every row is looked at while nobody can read or write the table, and one NULL makes it fail.',
  remedy: 'Fill the NULLs, add CHECK (… IS NOT NULL) NOT VALID, validate it, then set NOT NULL: Postgres then skips the scan.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL',
  bad: [`op.alter_column('users', 'email', existing_type=sa.Text(), «nullable=False»)`, 'ALTER TABLE users «ALTER COLUMN email SET NOT NULL»;'],
  good: [
    `op.alter_column('users', 'email', nullable=True)`,
    `ALTER TABLE users ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT c;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;`,
    `CREATE TABLE users (email text);
ALTER TABLE users ALTER COLUMN email SET NOT NULL;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'setNotNull', ({ table, column, focus }) => {
      if (column !== undefined && isProvenNotNull(table, column, around)) return undefined;
      const message = `${column ?? 'The column'} becomes NOT NULL: every row of ${nameOf(table)} is looked at under a lock, and one NULL makes it fail.`;
      const questions = column === undefined ? [] : asked(table, (table) => (['nulls', 'proof'] as const).map((kind) => ({ kind, table, column })));
      return { span: focus, message, questions };
    }),
};
