import type { Rule } from '../rule';
import { typedColumn } from './support';

/** varchar with a length. */
export const typeVarchar: Rule = {
  id: 'type-varchar',
  title: 'varchar with a length',
  severity: 'info',
  development: 'off',
  why: 'A length that is too short needs a change of the schema later; text is stored the same way.',
  remedy: 'Use text, with a CHECK where a limit is meant.',
  source: 'https://www.postgresql.org/docs/current/datatype-character.html',
  bad: [`op.add_column('users', «sa.Column('phone', sa.String(20))»)`, 'SELECT 1;\n\nALTER TABLE users «ADD COLUMN phone varchar(20)»;'],
  good: [`op.add_column('users', sa.Column('phone', sa.String()))`],
  statement: (statement) =>
    typedColumn(statement, /^varchar\(/, 'has a limited length: text takes the same space, and needs no change when it becomes too short'),
};
