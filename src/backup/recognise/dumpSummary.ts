import type { DatabaseProperties, RowCounts } from '../../postgres/catalogue';
import type { BackupScope } from '../manifest';

/** What the text of a dump says when it is read from its first line to its last. */
export interface DumpSummary {
  /** Whether it ends as a dump does, and no rows were cut off. */
  readonly complete: boolean;
  readonly scope: Extract<BackupScope, 'full' | 'schema' | 'data'>;
  /** By qualified name, quoted as the dump quotes it. What is not sure is left out. */
  readonly rows: RowCounts;
  /** From the statement that creates the database, where the dump has it. */
  readonly properties: Partial<DatabaseProperties>;
  /** Of the server and of `pg_dump`, such as `17.2`. */
  readonly serverVersion?: string;
  readonly toolVersion?: string;
}

/**
 * Reads a dump's text in the container and prints one line for each thing that it holds, so that only a few bytes go to
 * the host: `define TYPE`, `table COMMENT`, `data`, `rows COUNT LINES` and then the lines of the statement, `create …`, `owner …`,
 * `version COMMENT`, `inserts`, `cut`, `complete`.
 *
 * Only what stands behind the comment that pg_dump writes before it counts, so that a function's body which looks like
 * COPY is none. Rows never hold a line end (it is written as \n), so "\." alone ends them. A name may hold one: then the
 * statement goes on while its double quotes are not even. Rows that are loaded by the root of a partitioned table are not
 * those of the table that is named.
 */
export const summarise = String.raw`
function quotes(text) { return gsub(/"/, "", text) }
copying { if ($0 == "\\." || $0 == "\\.\r") { copying = 0; if (!root) printf "rows %d %d\n%s\n", count, lines, statement } else count++; next }
{ sub(/\r$/, "") }
opening {
  statement = statement "\n" $0; lines++; odd = (odd + quotes($0)) % 2
  if (!odd && $0 ~ / FROM stdin;$/) { opening = 0; copying = 1; count = 0 }
  next
}
/^-- Data for Name: .*; Type: TABLE DATA; Schema: / { print "data"; state = 1; root = 0; next }
/^-- Name: .*; Type: [A-Z ]+; Schema: / {
  type = $0; sub(/^.*; Type: /, "", type); sub(/; Schema: .*$/, "", type)
  if (!(type in seen)) { seen[type] = 1; print "define " type }
  if (type == "TABLE") print "table " $0
  database = type ~ /^DATABASE/
  state = 0; next
}
state == 1 && $0 == "--" { state = 2; next }
state == 2 && $0 == "" { next }
state == 2 && /^-- load via partition root / { root = 1; next }
state == 2 && /^COPY / {
  state = 0; statement = $0; lines = 1; odd = quotes($0) % 2
  if (!odd && $0 ~ / FROM stdin;$/) { copying = 1; count = 0 } else opening = 1
  next
}
state == 2 && /^INSERT INTO / { print "inserts"; state = 0; next }
database && /^CREATE DATABASE / { print "create " $0; next }
database && /^ALTER DATABASE .* OWNER TO / { print "owner " $0; next }
/^-- Dumped (from database|by pg_dump) version / && !(substr($0, 1, 14) in said) { said[substr($0, 1, 14)] = 1; print "version " $0; next }
/^-- PostgreSQL database dump complete$/ { print "complete"; state = 0; next }
{ state = 0 }
END { if (copying || opening) print "cut" }`;

/** What a dump has that is no definition; all of it may be in one of rows alone. */
const notDefinitions = /^(?:DATABASE.*|SEQUENCE SET|BLOBS?|BLOB METADATA|LARGE OBJECT|ACL|COMMENT|SECURITY LABEL)$/;

/** Reads what `summarise` printed. */
export function readSummary(text: string): DumpSummary {
  const lines = text.split('\n');
  const found = {
    data: 0,
    defines: new Set<string>(),
    tables: [] as string[],
    properties: {} as Partial<DatabaseProperties>,
    marks: new Set<string>(),
    versions: [] as string[],
  };
  const counts: (readonly [table: string, rows: number])[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, word = '', rest = ''] = /^(\w+) ?(.*)$/s.exec(lines[index] ?? '') ?? [];
    if (word === 'data') found.data += 1;
    else if (word === 'define') found.defines.add(rest);
    else if (word === 'table') found.tables.push(tableKey(rest));
    else if (word === 'create' || word === 'owner') found.properties = { ...found.properties, ...readProperties(rest) };
    else if (word === 'version') found.versions.push(rest);
    else if (word === 'rows') {
      const [count = 0, length = 1] = rest.split(' ').map(Number);
      const table = tableOf(lines.slice(index + 1, index + 1 + length).join('\n'));
      if (table !== undefined) counts.push([table, count]);
      index += length;
    } else found.marks.add(word);
  }
  const definesAnything = [...found.defines].some((type) => !notDefinitions.test(type));
  const known = definesAnything ? new Set(found.tables) : undefined;
  return {
    complete: found.marks.has('complete') && !found.marks.has('cut'),
    scope: !definesAnything && found.data > 0 ? 'data' : found.data === 0 && found.tables.length > 0 ? 'schema' : 'full',
    rows: found.marks.has('inserts') ? {} : sureCounts(counts, known),
    properties: found.properties,
    ...versions(found.versions),
  };
}

function versions(comments: readonly string[]): Pick<DumpSummary, 'serverVersion' | 'toolVersion'> {
  const find = (words: string): string | undefined => comments.map((comment) => new RegExp(`${words} version (\\d[\\w.]*)`).exec(comment)?.[1]).find(Boolean);
  const [serverVersion, toolVersion] = [find('from database'), find('by pg_dump')];
  return { ...(serverVersion === undefined ? {} : { serverVersion }), ...(toolVersion === undefined ? {} : { toolVersion }) };
}

/**
 * Without tables that come twice, and without those that the dump fills but does not make: they belong to extensions,
 * whose own rows are not in the dump.
 */
function sureCounts(counts: readonly (readonly [table: string, rows: number])[], known: ReadonlySet<string> | undefined): RowCounts {
  const times = new Map<string, number>();
  for (const [table] of counts) times.set(table, (times.get(table) ?? 0) + 1);
  const sure = counts.filter(([table]) => times.get(table) === 1 && (known === undefined || known.has(keyOfQualified(table))));
  return Object.fromEntries(sure);
}

const name = String.raw`(?:"(?:[^"]|"")*"|[^\s".(]+)`;
const copyStatement = new RegExp(String.raw`^COPY (${name}\.${name})\s+(?:\(.*\)\s+)?FROM stdin;$`, 's');

/** Undefined where the name is in another encoding than UTF-8. */
function tableOf(statement: string): string | undefined {
  const table = copyStatement.exec(statement)?.[1];
  return table?.includes('\u{FFFD}') === true ? undefined : table;
}

/** `public."odd ""name"""` in the words of the comment before a table, in which line ends are spaces. */
function keyOfQualified(table: string): string {
  const parts = [...table.matchAll(new RegExp(name, 'g'))].map(([part]) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
  return parts.join('\0').replace(/[\r\n]/g, ' ');
}

function tableKey(comment: string): string {
  const parts = /^-- Name: (.*); Type: TABLE; Schema: (.*); Owner: /.exec(comment);
  return `${parts?.[2]}\0${parts?.[1]}`;
}

const providers: Readonly<Record<string, string>> = { libc: 'c', icu: 'i', builtin: 'b' };

/** The properties that CREATE DATABASE and ALTER DATABASE … OWNER TO of a dump name. */
function readProperties(statement: string): Partial<DatabaseProperties> {
  const option = (word: string): string | undefined =>
    new RegExp(String.raw` ${word} = (?:'((?:[^']|'')*)'|(\w+))`).exec(statement)?.slice(1).find(Boolean)?.replaceAll("''", "'");
  const owner = new RegExp(String.raw`^ALTER DATABASE .* OWNER TO (${name});$`).exec(statement)?.[1];
  if (owner !== undefined) return { owner: owner.startsWith('"') ? owner.slice(1, -1).replaceAll('""', '"') : owner };
  const encoding = option('ENCODING');
  const locale = option('LOCALE');
  const collate = option('LC_COLLATE') ?? locale;
  const ctype = option('LC_CTYPE') ?? locale;
  const provider = providers[option('LOCALE_PROVIDER') ?? 'libc'];
  const own = option('ICU_LOCALE') ?? option('BUILTIN_LOCALE');
  if (encoding === undefined || collate === undefined || ctype === undefined || provider === undefined) return {};
  return { encoding, collate, ctype, provider, locale: provider === 'c' ? null : (own ?? locale ?? null), collationVersion: null };
}
