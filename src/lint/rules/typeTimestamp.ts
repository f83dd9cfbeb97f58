import type { Rule } from '../rule';
import { typedColumn } from './support';

/** timestamp without time zone. */
export const typeTimestamp: Rule = {
  id: 'type-timestamp',
  title: 'timestamp without time zone',
  severity: 'info',
  development: 'off',
  why: 'It keeps what a clock showed, and not where: the moment is lost when servers or programs differ in time zone.',
  remedy: 'Use timestamptz, DateTime(timezone=True) in SQLAlchemy.',
  source: 'https://www.postgresql.org/docs/current/datatype-datetime.html',
  bad: [`op.add_column('users', «sa.Column('at', sa.DateTime())»)`, 'ALTER TABLE users «ADD COLUMN at timestamp»;'],
  good: [`op.add_column('users', sa.Column('at', sa.DateTime(timezone=True)))`],
  statement: (statement) => typedColumn(statement, /^timestamp(\(\d\))?$/, 'does not know its time zone'),
};
