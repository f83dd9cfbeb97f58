import type { Rule } from '../rule';
import { namesIn } from './support';

/** A name is longer than Postgres keeps. */
export const nameTooLong: Rule = {
  id: 'name-too-long',
  title: 'A name is longer than Postgres keeps',
  severity: 'medium',
  why: 'Postgres cuts names at 63 bytes without an error, and the program then looks for one that is not there.',
  remedy: 'Choose a shorter name.',
  source: 'https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS',
  bad: [`«op.create_index»('ix_a_very_long_name_that_describes_every_column_of_the_table_in_full', 'users', ['email'], unique=True)`],
  good: [`op.create_index('ix_users_email', 'users', ['email'])`],
  statement: (statement) => {
    const long = namesIn(statement).find((name) => Buffer.byteLength(name) > 63);
    return long === undefined ? undefined : { span: statement.focus, message: `Postgres cuts ${long} to 63 bytes.` };
  },
};
