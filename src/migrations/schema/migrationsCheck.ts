import type { MigrationStatus } from '../model';
import { describeStatus } from '../statusText';
import type { Check } from './validate';

/** Whether a database is where its migration files are. */
export function migrationsCheck(all: readonly MigrationStatus[]): Check {
  const found = all.filter(isBehindOrAstray).map((status) => `${status.tool}: ${describeStatus(status)}`);
  const broken = all.some(({ dirty, unknown }) => dirty.length > 0 || unknown.length > 0);
  if (found.length === 0)
    return {
      id: 'migrations',
      state: 'good',
      count: all.length,
      message: all.length === 0 ? 'There are no migrations.' : 'Every migration is applied.',
      found,
    };
  return {
    id: 'migrations',
    state: broken ? 'bad' : 'note',
    count: all.length,
    message: 'The database is not where its migrations are.',
    remedy: broken
      ? 'Check out the branch that made it, or restore; "migrations status" tells more.'
      : 'Apply them, or check out the branch that the database is of.',
    found,
  };
}

function isBehindOrAstray({ compared, pending, unknown, dirty, heads }: MigrationStatus): boolean {
  return compared && (pending.length > 0 || unknown.length > 0 || dirty.length > 0 || heads.length > 1);
}
