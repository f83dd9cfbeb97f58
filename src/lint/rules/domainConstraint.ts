import type { Rule } from '../rule';

/** A domain gets a constraint. */
export const domainConstraint: Rule = {
  id: 'domain-constraint',
  title: 'A domain gets a constraint',
  severity: 'low',
  development: 'off',
  why: 'Checking it looks at every table that uses the domain under a lock; changing it later does so again.',
  remedy: 'Put the CHECK on the table, where it can be added NOT VALID.',
  source: 'https://www.postgresql.org/docs/current/sql-createdomain.html',
  bad: ['«CREATE DOMAIN positive AS int CHECK (value > 0)»;', '«ALTER DOMAIN positive ADD CHECK (value > 1)»;'],
  good: ['CREATE DOMAIN name AS text;'],
  statement: (statement) =>
    statement.kind === 'constrainDomain'
      ? { span: statement.focus, message: `The domain ${statement.name} gets a constraint, which all tables that use it are checked for.` }
      : undefined,
};
