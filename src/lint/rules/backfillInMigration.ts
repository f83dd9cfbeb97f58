import type { Rule } from '../rule';
import { asked, nameOf, onExisting } from './support';

/** Rows are changed without a limit beside changes of the schema. */
export const backfillInMigration: Rule = {
  id: 'backfill-in-migration',
  title: 'Rows are changed without a limit beside changes of the schema',
  severity: 'medium',
  development: 'info',
  why: 'The locks of the changes before it are held until all rows are written, and undoing it takes as long.',
  remedy: 'Change rows in batches, outside of the transaction, or in a program of its own.',
  source: 'https://www.postgresql.org/docs/current/explicit-locking.html',
  bad: [
    `op.add_column('users', sa.Column('plan', sa.Text()))
op.execute("«UPDATE users SET plan = 'free'»")`,
    `ALTER TABLE users ADD COLUMN plan text;
«UPDATE users SET plan = 'free'»;`,
  ],
  good: [
    `op.execute("UPDATE users SET plan = 'free'")`,
    `CREATE TABLE plans (name text);
UPDATE plans SET name = 'free';`,
    `ALTER TABLE users ADD COLUMN plan text;
UPDATE users SET plan = 'free' WHERE id IN (SELECT id FROM users WHERE plan IS NULL LIMIT 1000);`,
  ],
  statement: (statement, around) =>
    onExisting(statement, around, 'changeRows', ({ what, table, where, limited, focus }) => {
      if (limited || around.firstLock === undefined) return undefined;
      const message = `${what === 'update' ? 'Rows are changed' : 'Rows are deleted'} in ${nameOf(table)} without a limit, while the migration holds its locks.`;
      return { span: focus, message, questions: asked(table, (table) => [{ kind: 'touched', table, ...(where === undefined ? {} : { where }) }]) };
    }),
};
