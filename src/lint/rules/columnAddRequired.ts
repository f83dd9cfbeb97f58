import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** A column is added as NOT NULL without a default in the database. */
export const columnAddRequired: Rule = {
  id: 'column-add-required',
  title: 'A column is added as NOT NULL without a default in the database',
  severity: 'medium',
  why: "A table that has rows refuses it: there is nothing to put into them. SQLAlchemy's default= works in the program only; server_default= is what the database knows.",
  remedy: 'Add it as nullable, fill it, then make it NOT NULL; or give it a server_default.',
  source: 'https://www.postgresql.org/docs/current/ddl-alter.html',
  bad: [
    `op.add_column('users', «sa.Column('email', sa.Text(), nullable=False)»)`,
    `op.add_column('users', «sa.Column('email', sa.Text(), nullable=False, default='')»)`,
    'ALTER TABLE users «ADD COLUMN email text NOT NULL»;',
  ],
  good: [
    `op.add_column('users', sa.Column('email', sa.Text(), nullable=False, server_default=''))`,
    `op.add_column('users', sa.Column('email', sa.Text(), nullable=True))`,
    'ALTER TABLE users ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;',
    `CREATE TABLE users (id bigint PRIMARY KEY);
ALTER TABLE users ADD COLUMN email text NOT NULL;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'addColumn', ({ column, table, focus }) => {
      if (column.nullable || column.default !== undefined || column.generated !== undefined) return undefined;
      const hint = column.defaultInProgram === true ? ' Its default= is known to the program only.' : '';
      const message = `${column.name} is NOT NULL without a default, which fails as soon as ${nameOf(table)} has a row.${hint}`;
      return { span: focus, message, questions: asked(table, (table) => [{ kind: 'rows', table, fatal: true }]) };
    }),
};
