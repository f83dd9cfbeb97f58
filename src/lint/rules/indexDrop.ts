import type { Rule } from '../rule';
import { isOfNewIndex, onExisting } from './support';

/** An index is dropped under a lock. */
export const indexDrop: Rule = {
  id: 'index-drop',
  title: 'An index is dropped under a lock',
  severity: 'medium',
  development: 'off',
  why: 'DROP INDEX waits for everything that uses the table, and everything waits behind it. Queries that need the index become slow.',
  remedy: 'Drop it CONCURRENTLY, outside of a transaction.',
  source: 'https://www.postgresql.org/docs/current/sql-dropindex.html',
  bad: [`«op.drop_index»('ix', table_name='users')`, '«DROP INDEX ix»;'],
  good: [
    `with op.get_context().autocommit_block():
    op.drop_index('ix', table_name='users', postgresql_concurrently=True)`,
    `op.drop_index('ix', table_name='users')
op.drop_table('users')`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'dropIndex', ({ name, schema, concurrently, focus }) =>
      concurrently || isOfNewIndex(name, around)
        ? undefined
        : {
            span: focus,
            message: `${name ?? 'An index'} is dropped under a lock that everything else waits behind.`,
            questions: name === undefined ? [] : [{ kind: 'index', name, ...(schema === undefined ? {} : { schema }) }],
          },
    ),
};
