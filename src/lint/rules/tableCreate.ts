import type { Rule } from '../rule';
import { nameOf } from './support';

/** A table is created. */
export const tableCreate: Rule = {
  id: 'table-create',
  title: 'A table is created',
  severity: 'low',
  development: 'off',
  why: 'Creating a table locks nothing that is in use. It fails when the name is taken, and tables that it refers to are locked for a moment.',
  remedy: 'Nothing to do; look at the name if the database already has such a table.',
  source: 'https://www.postgresql.org/docs/current/sql-createtable.html',
  bad: [`«op.create_table»('notes', sa.Column('id', sa.BigInteger(), primary_key=True))`, '«CREATE TABLE notes (id bigint PRIMARY KEY)»;'],
  good: [`op.drop_index('x', table_name='y')`, 'CREATE TEMPORARY VIEW v AS SELECT 1;'],
  statement: (statement) => {
    if (statement.kind !== 'createTable') return undefined;
    const questions = statement.table === undefined || statement.ifNotExists ? [] : [{ kind: 'tableExists' as const, table: statement.table }];
    return { span: statement.focus, message: `${nameOf(statement.table)} is created.`, questions };
  },
};
