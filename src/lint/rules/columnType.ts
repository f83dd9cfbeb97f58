import type { Rule } from '../rule';
import { asked, isWidening, nameOf, onExisting } from './support';

/** The type of a column changes. */
export const columnType: Rule = {
  id: 'column-type',
  title: 'The type of a column changes',
  severity: 'high',
  why: 'Most changes write the whole table and its indexes anew while nobody can read it, fail on a value that does not fit, and are refused while a view uses the column.',
  remedy: 'Add a column of the new type, fill it in batches, and switch the application over.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  bad: [
    `op.alter_column('expenses', 'amount', existing_type=sa.Float(), «type_=sa.Numeric(12, 2)»)`,
    'ALTER TABLE expenses «ALTER COLUMN amount TYPE numeric(12,2)»;',
  ],
  good: [
    `op.alter_column('users', 'name', existing_type=sa.String(50), type_=sa.String(100))`,
    `op.alter_column('users', 'name', existing_type=sa.String(50), type_=sa.Text())`,
    `CREATE TABLE t (a int);
ALTER TABLE t ALTER COLUMN a TYPE bigint;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'setType', ({ table, column, type, existingType, using, focus }) => {
      if (using === undefined && isWidening(existingType, type)) return undefined;
      const change = `${existingType === undefined ? '' : ` from ${existingType}`}${type === undefined ? '' : ` to ${type}`}`;
      const message = `The type of ${column ?? 'the column'} changes${change}: ${nameOf(table)} may be rewritten under a lock, and values may not fit.`;
      const questions =
        column === undefined
          ? []
          : asked(table, (table) => [
              { kind: 'type' as const, table, column, ...(type === undefined || using !== undefined ? {} : { type }) },
              { kind: 'dependents' as const, table, column },
            ]);
      return { span: focus, message, questions };
    }),
};
