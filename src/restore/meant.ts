import { Failure } from '../protocol/failure';
import type { DumpSegment } from './dump/summary';
import type { RestoreFacts, RestoreScope } from './facts';

/** The one database of a dump that is meant. Throws `DATABASE_AMBIGUOUS`. */
export function segmentOf({ dump, wishes, database }: RestoreFacts): DumpSegment | undefined {
  const { segments, form } = dump;
  if (!form.cluster || segments === undefined) return segments?.[0];
  const named = segments.find((segment) => segment.database === (wishes.fromName ?? database));
  const users = segments.filter((segment) => segment.database !== 'template1' && segment.database !== 'postgres');
  const meant = named ?? (wishes.fromName === undefined && users.length === 1 ? users[0] : undefined);
  if (meant !== undefined) return meant;
  const names = segments.map((segment) => segment.database).join(', ');
  throw new Failure('DATABASE_AMBIGUOUS', `The file holds several databases: ${names}.`, 'Say which one is meant (--database NAME).');
}

/** What the wish says, else what the backup holds. Throws `BACKUP_PARTIAL` where that would empty what is there. */
export function scopeOf({ wishes, source, present }: RestoreFacts, segment: DumpSegment | undefined): RestoreScope {
  const manifest = source.kind === 'backup' ? source.backup.manifest : undefined;
  const rowsOnly = manifest?.scope === 'data' || (manifest === undefined && segment !== undefined && segment.tables.length === 0 && segment.filled.length > 0);
  const held: RestoreScope = rowsOnly ? 'data' : manifest?.scope === 'tables' ? 'tables' : manifest?.scope === 'schema' ? 'schema' : 'all';
  const wished = wishes.scope ?? ((wishes.tables ?? []).length > 0 ? 'tables' : undefined);
  const refuse = (message: string, remedy: string): never => {
    throw new Failure('BACKUP_PARTIAL', message, remedy);
  };
  if (held === 'schema' && wished === undefined && present !== undefined) {
    refuse(
      'The backup holds no rows: the database would be empty after it.',
      'To have just that, choose the scope "schema"; or restore it into a new database.',
    );
  }
  if (held === 'schema' && (wished === 'data' || wished === 'tables')) refuse('The backup holds no rows.', 'Choose another backup.');
  if (rowsOnly && (wished === 'all' || wished === 'schema'))
    refuse('The backup holds rows alone, no definitions.', 'Restore it into tables that are there (scope "data").');
  if (held === 'tables' && (wished === 'all' || wished === 'schema') && present !== undefined) {
    refuse('The backup holds only chosen tables: everything else would be gone after it.', 'Restore it into a new database, or as chosen tables.');
  }
  // What would be changed in the live database has to be said, not guessed at.
  if ((held === 'tables' || held === 'data') && wished === undefined && present !== undefined) {
    refuse('The backup holds only a part of a database.', `To have its rows put into the tables that are there, choose the scope "${held}".`);
  }
  const scope = wished ?? (held === 'tables' && present === undefined ? 'all' : held);
  if (present === undefined && (scope === 'data' || scope === 'tables')) {
    refuse('Rows alone go into tables that are there, and the database is not.', 'Restore the whole backup into a new database.');
  }
  return scope === 'tables' && wishes.tables === undefined && held !== 'tables' ? refuse('No table was chosen.', 'Name tables (--table NAME).') : scope;
}
