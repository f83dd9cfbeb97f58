import type { Rule } from '../rule';
import { asked, isRewrite, nameOf, onExisting } from './support';

/** A column is added whose value each row gets for itself. */
export const columnAddRewrite: Rule = {
  id: 'column-add-rewrite',
  title: 'A column is added whose value each row gets for itself',
  severity: 'medium',
  development: 'low',
  why: 'A volatile default, a stored generated column, an identity and serial make Postgres write the whole table anew, while nobody can read it.',
  remedy: 'Add the column without the default, set the default for new rows, and fill the old ones in batches.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  bad: [
    `op.add_column('users', «sa.Column('token', sa.Uuid(), server_default=sa.text('gen_random_uuid()'))»)`,
    'ALTER TABLE users «ADD COLUMN n serial»;',
    'ALTER TABLE users «ADD COLUMN full_name text GENERATED ALWAYS AS (first || last) STORED»;',
  ],
  good: [
    `op.add_column('users', sa.Column('at', sa.DateTime(timezone=True), server_default=sa.func.now()))`,
    'ALTER TABLE users ADD COLUMN at timestamptz DEFAULT now();',
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'addColumn', ({ column, table, focus }) => {
      if (!isRewrite(column)) return undefined;
      const message = `${column.name} gets a value of its own in each row: ${nameOf(table)} is rewritten, and locked meanwhile.`;
      const functions = column.generated === undefined ? (column.default?.calls ?? []) : [];
      const volatility = functions.length === 0 ? [] : [{ kind: 'volatility' as const, functions }];
      return { span: focus, message, questions: asked(table, (table) => [{ kind: 'size', table }, ...volatility]) };
    }),
};
