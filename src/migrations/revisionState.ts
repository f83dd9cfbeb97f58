import path from 'node:path';
import type { Revision } from './model';
import type { FoundMigrations } from './survey';

/** Whether a database has a migration; unknown where its version table does not say. */
export type RevisionState = 'applied' | 'pending' | 'unknown';

/** Whether a file lies where migrations do, be it one of them yet or not. */
export function holdsFile({ source }: FoundMigrations, file: string): boolean {
  return source !== undefined && source.facts.locations.includes(path.dirname(file));
}

/** The revision in a file. */
export function revisionIn({ source, status }: FoundMigrations, file: string): Revision | undefined {
  return status.revisions.find((each) => each.file !== '' && path.join(source?.base ?? '', each.file) === file);
}

/** Whether the database has what a file says. */
export function revisionState(found: FoundMigrations, file: string): RevisionState {
  const { status } = found;
  const revision = revisionIn(found, file);
  if (revision === undefined) return 'unknown';
  if (status.applied.includes(revision.id)) return 'applied';
  // Rows that no file knows belong to another branch: then nothing more is certain.
  return status.unknown.length === 0 && status.pending.includes(revision.id) ? 'pending' : 'unknown';
}
