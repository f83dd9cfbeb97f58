import { surroundings } from '../around';
import type { Rule } from '../rule';
import { isDestructive } from './support';

/** Data is about to be lost, and there is no recent backup. */
export const noRecentBackup: Rule = {
  id: 'no-recent-backup',
  title: 'Data is about to be lost, and there is no recent backup',
  severity: 'medium',
  why: 'What a pending revision drops comes back from a verified backup only.',
  remedy: 'Back up now, and let it be verified.',
  source: 'https://www.postgresql.org/docs/current/backup.html',
  bad: [`«op.drop_table»('users')`, 'ALTER TABLE users «DROP COLUMN email»;'],
  good: [
    `op.add_column('users', sa.Column('email', sa.Text()))`,
    `CREATE TABLE passing (id bigint);
DROP TABLE passing;`,
  ],
  file: (migration) => {
    const up = migration.sections.find(({ direction }) => direction === 'up');
    const first = up === undefined ? undefined : surroundings(migration, up).find(([statement, around]) => isDestructive(statement, around))?.[0];
    if (first === undefined) return [];
    return [{ span: first.focus, direction: 'up', message: 'This loses data.', questions: [{ kind: 'lastBackup' }], onlyWithFacts: true }];
  },
};
