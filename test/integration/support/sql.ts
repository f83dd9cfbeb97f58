import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { podmanEnvironment } from '../../lab/podman';
import { run } from '../../lab/process';
import type { EngineName } from '../../lab/stacks';
import { askPsql } from './keptPsql';

/** Where SQL goes: a container with a server, by way of the engine's own command line and psql, not by ours. */
export interface Place {
  readonly engine: EngineName;
  readonly container: string;
  readonly user: string;
  readonly database: string;
  /** Where local connections are not trusted. */
  readonly password?: string;
}

function nameOf(database: string): string {
  return `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
}

function psql({ container, user, password }: Place, database: string, interactive: readonly string[]): readonly string[] {
  const secret = password === undefined ? [] : ['--env', `PGPASSWORD=${password}`];
  return ['exec', ...interactive, ...secret, container, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-U', user, '-d', nameOf(database)];
}

function environment({ engine }: Place): NodeJS.ProcessEnv {
  return engine === 'podman' ? podmanEnvironment() : {};
}

/** Runs a script in psql and gives its rows as lines with `|` between columns. Throws when a statement fails. */
export async function sql(place: Place, database: string, script: string): Promise<string> {
  if (/^\s*SELECT\b[^;]*;?\s*$/i.test(script)) return ask(place, database, script);
  return (await run(place.engine, psql(place, database, ['-i']), { input: script, env: environment(place) })).trimEnd();
}

/** The same for what only asks: by a psql that is kept, and that stays in no database that might be copied or dropped. */
async function ask(place: Place, database: string, script: string): Promise<string> {
  const go = (name: string): string => `\\connect -reuse-previous=on "${nameOf(name).replaceAll('"', '""')}"\n`;
  const there = database === 'postgres' ? script : `${go(database)}${script}\n;\n${go('postgres')}`;
  return (await askPsql(place.engine, psql(place, 'postgres', ['-i']), environment(place), there)).trimEnd();
}

export interface HeldSession {
  /** The server process behind it. */
  readonly pid: number;
  /** Whether the very same server process still answers. */
  readonly isAlive: () => Promise<boolean>;
  readonly query: (statement: string) => Promise<string>;
  readonly close: () => void;
}

/** Opens a session that stays open, as an application's does: it ends when the server restarts. */
export async function holdSession(place: Place, database: string): Promise<HeldSession> {
  const child = spawn(place.engine, psql(place, database, ['-i']), { env: { ...process.env, ...environment(place) }, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => undefined);
  const query = async (statement: string): Promise<string> => {
    child.stdin.write(`${statement};\n`);
    const next = await lines.next();
    if (next.done === true) throw new Error('The session was ended');
    return next.value;
  };
  const pid = Number(await query('SELECT pg_backend_pid()'));
  const isAlive = async (): Promise<boolean> => Number(await query('SELECT pg_backend_pid()').catch(() => 0)) === pid;
  return { pid, isAlive, query, close: () => void child.stdin.end() };
}

// Statements that psql runs itself (\gexec), each giving a line: what, and a hash of its content.
const contentQueries = `
SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET search_path = pg_catalog;
SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C"), '''')) FROM %I.%I AS t',
              c.relkind::text || ' ' || c.oid::regclass, n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1 \\gexec
SELECT format('SELECT %L, last_value, is_called FROM %I.%I', 'sequence ' || c.oid::regclass, n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' ORDER BY 1 \\gexec
SELECT 'definition ' || c.oid::regclass, md5(pg_get_viewdef(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1;
SELECT 'function ' || p.oid::regprocedure, md5(pg_get_functiondef(p.oid)) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND p.prokind IN ('f', 'p') ORDER BY 1;
SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' ORDER BY 1;
-- Without casts: what Postgres makes of IN lists of varchar is written with others once it has been dumped and read.
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || regexp_replace(pg_get_constraintdef(oid), '::[a-z ]+(\\[\\])?|[()]', '', 'g') FROM pg_constraint
 WHERE conrelid <> 0 AND conrelid::regclass::text !~ '^(pg_|information_schema)' ORDER BY 1;
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
SELECT 'acl ' || c.oid::regclass || ' ' || array_to_string(c.relacl, ',') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relacl IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1;
SELECT 'comment ' || c.oid::regclass || ' ' || obj_description(c.oid, 'pg_class') FROM pg_class c WHERE c.oid > 16383
   AND obj_description(c.oid, 'pg_class') IS NOT NULL ORDER BY 1;
SELECT 'enum ' || e.enumtypid::regtype || ' ' || string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e GROUP BY e.enumtypid ORDER BY 1;
SELECT 'extension ' || extname || ' ' || extversion FROM pg_extension ORDER BY 1;
SELECT 'large object ' || oid || ' ' || pg_get_userbyid(lomowner) || ' ' || coalesce(array_to_string(lomacl, ','), '') || ' ' || md5(lo_get(oid))
  FROM pg_largeobject_metadata ORDER BY oid;
`;

const databaseQueries = `
SELECT 'owner ' || pg_get_userbyid(datdba), 'encoding ' || pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, datallowconn,
       'grants ' || coalesce((SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(datacl) AS a), ''),
       'comment ' || coalesce(shobj_description(oid, 'pg_database'), '')
  FROM pg_database WHERE datname = current_database();
SELECT 'setting ' || coalesce(r.rolname, 'all') || ' ' || s.setting FROM pg_db_role_setting d
  JOIN pg_database b ON b.oid = d.setdatabase CROSS JOIN unnest(d.setconfig) AS s(setting) LEFT JOIN pg_roles r ON r.oid = d.setrole
 WHERE b.datname = current_database() ORDER BY 1;
`;

/** All that a database holds and all that is said of it, one line a thing, with the rows of each relation as a hash. */
export async function fingerprint(place: Place, database: string): Promise<readonly string[]> {
  const lines = (await ask(place, database, contentQueries + databaseQueries)).split('\n');
  return lines.filter((line) => line !== '');
}

const aboutDatabase = /^(?:owner|setting) /;

/** The part of a fingerprint that a dump holds; the rest is said of the database as a whole, outside of it. */
export function contentOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !aboutDatabase.test(line));
}

/** How many rows a table has. */
export async function rowsOf(place: Place, database: string, table: string): Promise<number> {
  return Number(await sql(place, database, `SELECT count(*) FROM ${table}`));
}

/** The names of all databases that are no templates. */
export async function databaseNames(place: Place): Promise<readonly string[]> {
  return (await sql(place, 'postgres', 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1')).split('\n');
}
