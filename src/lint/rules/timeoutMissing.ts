import type { Rule } from '../rule';

/** A lock is waited for without an end. */
export const timeoutMissing: Rule = {
  id: 'timeout-missing',
  title: 'A lock is waited for without an end',
  severity: 'low',
  development: 'off',
  why: 'While the statement waits for its lock, everything that comes after waits behind it: a long query then stops the application.',
  remedy: 'Set lock_timeout before the first statement that locks, and try again when it gives up.',
  source: 'https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT',
  bad: [
    `«op.drop_column»('users', 'obsolete')`,
    `ALTER TABLE users «ADD COLUMN phone text»;
ALTER TABLE users ADD COLUMN fax text;`,
  ],
  good: [
    `op.execute("SET LOCAL lock_timeout = '2s'")
op.drop_column('users', 'obsolete')`,
    `op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))
op.add_column('users', sa.Column('fax', sa.Text()))`,
  ],
  statement: (statement, around) => {
    if (statement !== around.firstLock) return undefined;
    if (around.before.some((each) => each.kind === 'setTimeout' && each.setting === 'lock_timeout')) return undefined;
    return {
      span: statement.focus,
      message: 'This waits for a lock without an end, and everything else waits behind it: there is no lock_timeout.',
      questions: [{ kind: 'lockTimeout' }],
    };
  },
};
