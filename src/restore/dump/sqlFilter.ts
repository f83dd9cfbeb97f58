/** Which part of a dump is loaded: all of it, its definitions, those without what binds tables to one another, or rows. */
export type DumpPart = 'all' | 'schema' | 'structure' | 'rows';

/** A table by its names, without quotes. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** What loading SQL leaves out, or does otherwise. */
export interface SqlWishes {
  readonly part: DumpPart;
  /** Of a dump of several databases, the one that is wanted. */
  readonly segment?: string;
  /** Whether nobody gets what the dump says that they own or may do. */
  readonly withoutOwners: boolean;
  /** Of the part `rows`: the tables. */
  readonly tables?: readonly TableName[];
  readonly serverMajor: number;
}

/** The environment by which the filter gets its wishes: nothing of it is written into the script. */
export function filterEnvironment({ part, segment, withoutOwners, tables = [], serverMajor }: SqlWishes): Readonly<Record<string, string>> {
  return {
    CDB_PART: part,
    CDB_SEGMENT: segment ?? '',
    CDB_CLUSTER: segment === undefined ? '' : '1',
    CDB_OWNERLESS: withoutOwners ? '1' : '',
    CDB_TABLES: inOneLine(tables.map(({ schema, name }) => `${schema}.${name}`)),
    CDB_MAJOR: String(serverMajor),
  };
}

/** Names, each on a line; one that holds a line end has a space for it, as pg_dump has in its comments and lists. */
export function inOneLine(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\r\n]/g, ' ')).join('\n');
}

/**
 * Leaves out of a dump's text what has no place in a database that is there already and is called otherwise: CREATE DATABASE,
 * \connect, what --clean drops first. \restrict goes too, since older programs do not know it; where psql does, the loader says
 * it itself. Sections are told apart by the comments that pg_dump writes before them; rows pass as they are.
 */
export const filterSql = String.raw`
function quotes(text) { return gsub(/"/, "", text) }
function wanted() {
  if (type ~ /^DATABASE/ || (type ~ /^(ACL|COMMENT|SECURITY LABEL)$/ && name ~ /^DATABASE /)) return 0
  if (type ~ /ACL$/ && ENVIRON["CDB_OWNERLESS"] != "") return 0
  if (part == "rows") return type == "TABLE DATA" && ((schema "." name) in tables)
  if (part != "all" && type ~ /^(TABLE DATA|SEQUENCE SET|BLOBS?|BLOB METADATA|LARGE OBJECT|MATERIALIZED VIEW DATA)$/) return 0
  if (part == "structure" && type ~ /^(CONSTRAINT|CHECK CONSTRAINT|FK CONSTRAINT|INDEX|INDEX ATTACH|STATISTICS|TRIGGER|EVENT TRIGGER|RULE|POLICY|ROW SECURITY|PUBLICATION|PUBLICATION TABLE|SUBSCRIPTION|DEFAULT ACL)$/) return 0
  return 1
}
BEGIN {
  part = ENVIRON["CDB_PART"]; cluster = ENVIRON["CDB_CLUSTER"]; major = ENVIRON["CDB_MAJOR"] + 0
  count = split(ENVIRON["CDB_TABLES"], list, "\n"); for (i = 1; i <= count; i++) tables[list[i]] = 1
  inside = cluster == ""; keep = 1; top = 1
}
copying { if (keep) print; if ($0 == "\\." || $0 == "\\.\r") copying = 0; next }
opening {
  if (keep) print
  odd = (odd + quotes($0)) % 2
  line = $0; sub(/\r$/, "", line)
  if (!odd && line ~ / FROM stdin;$/) { opening = 0; copying = 1 }
  next
}
{ line = $0; sub(/\r$/, "", line); before = last; last = line }
cluster && before == "--" && line ~ /^-- Database ".*" dump$/ { inside = line == "-- Database \"" ENVIRON["CDB_SEGMENT"] "\" dump"; type = ""; keep = 1; top = 1; next }
line == "-- PostgreSQL database cluster dump complete" { if (cluster) inside = 0 }
line == "-- PostgreSQL database dump complete" { type = "" }
before ~ /^--($| TOC entry | Dependencies: )/ && line ~ /^-- (Data for )?Name: .*; Type: [A-Z ]+; Schema: .*; Owner: / {
  name = line; sub(/^-- (Data for )?Name: /, "", name); type = name; schema = name
  sub(/; Type: [A-Z ]+; Schema: .*; Owner: .*$/, "", name)
  sub(/^.*; Type: /, "", type); sub(/; Schema: .*$/, "", type)
  sub(/^.*; Schema: /, "", schema); sub(/; Owner: .*$/, "", schema)
  top = 0; keep = inside && wanted()
}
line ~ /^\\(un)?restrict( |$)/ { next }
line ~ /^\\connect / { keep = inside; type = ""; top = 1; next }
!inside { if (type == "TABLE DATA" && line ~ /^COPY /) { odd = quotes(line) % 2; keep = 0; if (!odd && line ~ / FROM stdin;$/) copying = 1; else opening = 1 } next }
type == "TABLE DATA" && line ~ /^COPY / { odd = quotes(line) % 2; if (!odd && line ~ / FROM stdin;$/) copying = 1; else opening = 1; if (keep) print; next }
!keep { next }
top && line ~ /^(DROP |ALTER TABLE .* DROP |ALTER DOMAIN .* DROP |SELECT pg_catalog\.lo_unlink)/ { next }
line == "SET transaction_timeout = 0;" && major < 17 { next }
line ~ /^(ALTER .* OWNER TO .*;|SET SESSION AUTHORIZATION .*;)$/ && ENVIRON["CDB_OWNERLESS"] != "" { next }
type == "SCHEMA" && line == "CREATE SCHEMA public;" { print "CREATE SCHEMA IF NOT EXISTS public;"; next }
{ print }`;
