/** What the text of a dump needs and does, as far as it concerns where it is loaded. */
export interface DumpFacts {
  /** Whether it was read to its end, and ends as a dump does. */
  readonly complete: boolean;
  /** Whom objects belong to, and who has privileges. */
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
  /** Commands of psql that stand at the beginning of a line, without those that `pg_dump` writes itself. */
  readonly metaCommands: readonly string[];
  /** What may be commands of psql, within a line such as `\g |program`, or within a text; sure only where psql itself says so. */
  readonly innerCommands: readonly string[];
  /** Tables that it makes, as `schema.table` without quotes. */
  readonly tables: readonly string[];
  /** Tables whose rows it has. */
  readonly filled: readonly string[];
}

/** One database of a dump; the name is there where the dump holds several. */
export interface DumpSegment extends DumpFacts {
  readonly database?: string;
}

/**
 * Reads a dump's text and prints one line for each thing that matters. The comment that names a thing comes after an empty one,
 * or with --verbose after its number and what it depends on. Owners and names are those of the comments that
 * pg_dump writes before everything: they need no SQL to be read. What stands in rows counts for nothing.
 */
export const summarise = String.raw`
function quotes(text) { return gsub(/"/, "", text) }
function once(text) { if (!((segment, text) in seen)) { seen[segment, text] = 1; print text } }
copying { if ($0 == "\\." || $0 == "\\.\r") { copying = 0; ends++ } next }
{ sub(/\r$/, "") }
opening {
  odd = (odd + quotes($0)) % 2
  if (!odd && $0 ~ / FROM stdin;$/) { opening = 0; copying = 1 }
  next
}
{ before = last; last = $0 }
before == "--" && /^-- Database ".*" dump$/ { segment++; sub(/^-- Database "/, ""); sub(/" dump$/, ""); print "database " $0; type = ""; next }
before ~ /^--($| TOC entry | Dependencies: )/ && /^-- (Data for )?Name: .*; Type: [A-Z ]+; Schema: .*; Owner: / {
  name = $0; sub(/^-- (Data for )?Name: /, "", name); type = name; schema = name; owner = name
  sub(/; Type: [A-Z ]+; Schema: .*; Owner: .*$/, "", name)
  sub(/^.*; Type: /, "", type); sub(/; Schema: .*$/, "", type)
  sub(/^.*; Schema: /, "", schema); sub(/; Owner: .*$/, "", schema)
  sub(/^.*; Owner: /, "", owner); sub(/; Tablespace: .*$/, "", owner)
  inText = 0
  if (type == "EXTENSION") once("extension " name)
  if (type == "TABLE") once("table " schema "." name)
  if (type == "TABLE DATA") once("filled " schema "." name)
  next
}
type == "TABLE DATA" && /^COPY / { odd = quotes($0) % 2; if (!odd && $0 ~ / FROM stdin;$/) copying = 1; else opening = 1; next }
type !~ /^DATABASE/ && /^ALTER .* OWNER TO .*;$/ && owner != "-" && owner != "" { once("role " owner) }
type ~ /ACL$/ && /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) / { once("grant " $0) }
/^\\(un)?restrict( |$)/ || /^\\connect / { next }
/^\\/ { once((inText ? "inner " : "meta ") $1) }
/[^\\]\\(g|gx|gexec|gset|gdesc|copy|o|w|i|ir|!)([ \t|(]|$)/ { once("inner " $0) }
/^-- PostgreSQL database dump complete$/ { print "complete"; type = "" }
/^-- PostgreSQL database cluster dump complete$/ { print "all complete" }
inText || !/^--/ { line = $0; inText = (inText + gsub(/'/, "", line)) % 2 }
END { if (copying || opening) print "cut"; print "ends " ends + 0 }`;

/** Reads what `summarise` printed: one segment, or one for each database of a cluster's dump. */
export function readSummary(text: string, cluster: boolean): readonly DumpSegment[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const whole = !lines.includes('cut') && (!cluster || lines.includes('all complete'));
  const starts = lines.flatMap((line, index) => (cluster && line.startsWith('database ') ? [index] : []));
  if (!cluster) return [segmentOf(lines, whole)];
  return starts.map((start, index) => ({
    database: (lines[start] ?? '').slice('database '.length),
    ...segmentOf(lines.slice(start, starts[index + 1]), whole),
  }));
}

function segmentOf(lines: readonly string[], whole: boolean): DumpFacts {
  const all = (word: string): readonly string[] => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    complete: whole && lines.includes('complete'),
    roles: [...new Set([...all('role'), ...all('grant').flatMap(rolesOfGrant)])],
    extensions: all('extension'),
    metaCommands: all('meta'),
    innerCommands: all('inner'),
    tables: all('table'),
    filled: all('filled'),
  };
}

const name = String.raw`"(?:[^"]|"")*"|[^\s",;]+`;

/** The roles that a statement of an access list names; it may be cut at a line end within a name, which then is none. */
function rolesOfGrant(statement: string): readonly string[] {
  const grantees = new RegExp(String.raw` (?:TO|FROM) (${name})(?: WITH GRANT OPTION)?(?: GRANTED BY (${name}))?;$`).exec(statement);
  const owner = new RegExp(String.raw`^ALTER DEFAULT PRIVILEGES FOR ROLE (${name}) `).exec(statement);
  return [grantees?.[1], grantees?.[2], owner?.[1]].flatMap((role) => (role === undefined || role === 'PUBLIC' ? [] : [unquoted(role)]));
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}
