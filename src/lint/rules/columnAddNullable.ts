import type { Rule } from '../rule';
import { asked, isRewrite, nameOf, onExisting } from './support';

/** A nullable column is added. */
export const columnAddNullable: Rule = {
  id: 'column-add-nullable',
  title: 'A nullable column is added',
  severity: 'low',
  development: 'off',
  why: 'It takes no time by itself, but needs a lock that everything else waits behind while it waits for others.',
  remedy: 'Set lock_timeout before it, so that it gives up rather than holding up the application.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html',
  bad: [`op.add_column('users', «sa.Column('phone', sa.Text())»)`, 'ALTER TABLE users «ADD COLUMN phone text»;'],
  good: [
    `op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))
op.add_column('users', sa.Column('phone', sa.Text()))`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'addColumn', ({ column, table, focus }) =>
      column.nullable && !isRewrite(column)
        ? {
            span: focus,
            message: `The nullable column ${column.name} is added to ${nameOf(table)}.`,
            questions: asked(table, (table) => [{ kind: 'locks', table }]),
          }
        : undefined,
    ),
};
