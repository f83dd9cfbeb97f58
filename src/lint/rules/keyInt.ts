import type { Rule } from '../rule';
import { typedColumn } from './support';

/** A key of four bytes. */
export const keyInt: Rule = {
  id: 'key-int',
  title: 'A key of four bytes',
  severity: 'info',
  development: 'off',
  why: 'A key of type integer ends at 2,147,483,647, and making it larger later rewrites the table.',
  remedy: 'Use bigint.',
  source: 'https://www.postgresql.org/docs/current/datatype-numeric.html',
  bad: [
    `op.create_table('users', «sa.Column('id', sa.Integer(), primary_key=True)»)`,
    'CREATE TABLE users («id» int PRIMARY KEY);',
    "op.execute('CREATE TABLE users («id» int PRIMARY KEY)')",
  ],
  good: ['CREATE TABLE users (id bigint PRIMARY KEY);', 'CREATE TABLE users (id bigint PRIMARY KEY, age int);'],
  statement: (statement) =>
    typedColumn(statement, /^(integer|smallint|serial4?|smallserial)$/, 'is a key that ends at two thousand million', ({ primaryKey }) => primaryKey === true),
};
