import type { Rule } from '../rule';
import { nameOf, onExisting } from './support';

/** Triggers are switched off. */
export const triggerDisable: Rule = {
  id: 'trigger-disable',
  title: 'Triggers are switched off',
  severity: 'medium',
  development: 'low',
  why: 'Until they are switched on again, nobody does what they do: with ALL, foreign keys are not checked either, and nothing checks afterwards what was written meanwhile.',
  remedy: 'Leave them on. Where a change of rows must not run them, switch the one off by name, and on again in the same migration.',
  source: 'https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DISABLE-ENABLE-TRIGGER',
  bad: ['ALTER TABLE users «DISABLE TRIGGER ALL»;', 'ALTER TABLE users «DISABLE TRIGGER touch»;'],
  good: [
    'ALTER TABLE users ENABLE TRIGGER touch;',
    `CREATE TABLE users (id bigint);
ALTER TABLE users DISABLE TRIGGER ALL;`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'disableTriggers', ({ table, checksToo, focus }) => {
      const what = checksToo ? 'Triggers and the checks of foreign keys' : 'Triggers';
      return { span: focus, message: `${what} of ${nameOf(table)} are switched off.` };
    }),
};
