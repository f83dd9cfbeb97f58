import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** An index is built while nobody can write. */
export const indexCreate: Rule = {
  id: 'index-create',
  title: 'An index is built while nobody can write',
  severity: 'medium',
  development: 'off',
  why: 'CREATE INDEX keeps all writers out until it is done.',
  remedy: 'Build it CONCURRENTLY, outside of a transaction.',
  source: 'https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY',
  bad: [`«op.create_index»('ix', 'users', ['email'])`, '«CREATE INDEX ix ON users (email)»;'],
  good: [
    `with op.get_context().autocommit_block():
    op.create_index('ix', 'users', ['email'], postgresql_concurrently=True)`,
    `op.create_table('users', sa.Column('email', sa.Text()))
op.create_index(op.f('ix'), 'users', ['email'])`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'createIndex', ({ table, name, concurrently, unique, focus }) =>
      concurrently || unique
        ? undefined
        : {
            span: focus,
            message: `Nobody can write to ${nameOf(table)} until the index${name === undefined ? '' : ` ${name}`} is built.`,
            questions: asked(table, (table) => [{ kind: 'size', table }, ...(name === undefined ? [] : [{ kind: 'index' as const, name }])]),
          },
    ),
};
