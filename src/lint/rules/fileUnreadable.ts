import type { Rule } from '../rule';
import { sentence } from './support';

/** A file cannot be read to its end. */
export const fileUnreadable: Rule = {
  id: 'file-unreadable',
  title: 'A file cannot be read to its end',
  severity: 'medium',
  why: 'What cannot be read cannot be checked: warnings may be missing.',
  remedy: 'Finish or correct the file.',
  source: 'https://www.postgresql.org/docs/current/sql.html',
  bad: [
    `CREATE TABLE notes (id bigint);
CREATE «TABEL» x (id bigint);`,
  ],
  good: ['CREATE TABLE notes (id bigint);'],
  file: ({ broken }) => (broken === undefined ? [] : [{ span: { from: broken.from, to: broken.to }, message: sentence(broken.why) }]),
};
