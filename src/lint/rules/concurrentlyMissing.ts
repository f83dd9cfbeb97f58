import type { Rule } from '../rule';
import { nameOf } from './support';

/** A statement that could run CONCURRENTLY does not. */
export const concurrentlyMissing: Rule = {
  id: 'concurrently-missing',
  title: 'A statement that could run CONCURRENTLY does not',
  severity: 'medium',
  development: 'off',
  why: 'REINDEX, REFRESH MATERIALIZED VIEW and DETACH PARTITION keep others out until they are done.',
  remedy: 'Add CONCURRENTLY; REINDEX and DETACH PARTITION must then be outside of a transaction.',
  source: 'https://www.postgresql.org/docs/current/sql-reindex.html',
  bad: ['«REINDEX TABLE users»;', '«REFRESH MATERIALIZED VIEW totals»;', 'ALTER TABLE events «DETACH PARTITION events_2020»;'],
  good: ['REINDEX TABLE CONCURRENTLY users;', 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'],
  statement: (statement) => {
    if (statement.kind !== 'concurrent' || statement.concurrently) return undefined;
    const words = { reindex: 'REINDEX', refresh: 'REFRESH MATERIALIZED VIEW', detach: 'DETACH PARTITION' }[statement.what];
    return { span: statement.focus, message: `${words} without CONCURRENTLY keeps others out of ${nameOf(statement.table)} until it is done.` };
  },
};
