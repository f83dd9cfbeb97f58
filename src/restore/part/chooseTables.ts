import type { TableSummary } from '../../backup/tables';
import { Failure } from '../../protocol/failure';
import type { DumpSegment } from '../dump/summary';
import type { RestoreFacts } from '../facts';

/** Tables into which rows are restored, and those of the backup that have no place there. */
export interface ChosenTables {
  readonly tables: readonly TableSummary[];
  readonly leftOut: readonly string[];
}

/**
 * The tables of the live database that are meant: those that were named, else all that the backup has rows of.
 * Throws `TABLE_MISSING`, `TABLE_AMBIGUOUS`, `TABLE_NOT_IN_BACKUP`, `TABLES_MISSING`.
 */
export function chooseLiveTables({ present, wishes, source }: RestoreFacts, segment: DumpSegment | undefined): ChosenTables {
  const live = present?.tables ?? [];
  const manifest = source.kind === 'backup' ? source.backup.manifest : undefined;
  // By quoted names of a manifest, or by plain ones of a dump's text; undefined where nothing is known. Of our own archives only
  // the definitions were read.
  const held = manifest === undefined ? segment?.filled : [...Object.keys(manifest.rows), ...(segment?.tables ?? [])];
  const isHeld = ({ name, schema, table, members }: TableSummary): boolean =>
    held === undefined || [`${schema}.${table}`, name, ...members, ...members.map(unquoted)].some((each) => held.includes(each));
  const named = wishes.tables ?? [];
  const wished = named.length > 0 ? named : manifest?.scope === 'tables' ? (manifest.tables ?? []) : [];
  if (wished.length > 0) {
    const { from, missing } = wordsOf(source);
    const tables = [...new Set(wished.map((wish) => find(live, wish, missing)))];
    const absent = tables.find((table) => !isHeld(table));
    if (absent === undefined) return { tables, leftOut: [] };
    throw new Failure('TABLE_NOT_IN_BACKUP', `${from} has no rows of ${absent.name}.`, 'Choose another table, or another source.');
  }
  const tables = live.filter(isHeld);
  if (tables.length === 0)
    throw new Failure('TABLES_MISSING', 'The database has none of the tables that the backup has rows of.', 'Restore the whole backup, or its schema first.');
  const known = new Set(tables.flatMap(({ name, schema, table, members }) => [`${schema}.${table}`, name, ...members, ...members.map(unquoted)]));
  return { tables, leftOut: (held ?? []).filter((each) => !known.has(each)) };
}

/** Where the rows come from, and what to do where the live database has no such table. */
function wordsOf(source: RestoreFacts['source']): { readonly from: string; readonly missing: string } {
  const check = 'Check the name, written with its schema, such as public.users';
  return source.kind === 'backup'
    ? { from: 'The backup', missing: `${check}; a table that is gone comes back with the whole backup in a new database.` }
    : { from: `"${source.database}"`, missing: `${check}; a table that is not there yet must be created first.` };
}

function find(tables: readonly TableSummary[], wish: string, remedy: string): TableSummary {
  const exact = tables.filter(({ name, schema, table, members }) => [name, `${schema}.${table}`, ...members].includes(wish));
  // Quoted as SQL needs it, but without the schema, only where no table is called that with its quotes.
  const short = [tables.filter(({ table }) => table === wish), tables.filter(({ table }) => wish.startsWith('"') && table === unquoted(wish))];
  const [first, second] = [exact, ...short].find((each) => each.length > 0) ?? [];
  if (first === undefined) throw new Failure('TABLE_MISSING', `The database that gets the rows has no table "${wish}".`, remedy);
  if (second !== undefined) throw new Failure('TABLE_AMBIGUOUS', `"${wish}" may be ${first.name} or ${second.name}.`, 'Write the name with its schema.');
  return first;
}

/** `public."odd ""name"""` without quotes. */
function unquoted(name: string): string {
  return name.replace(/"((?:[^"]|"")*)"/g, (_, inner: string) => inner.replaceAll('""', '"'));
}
