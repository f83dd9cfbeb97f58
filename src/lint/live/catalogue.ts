import { identifier, qualified } from '../../postgres/quote';
import type { Session } from '../../postgres/session';
import { formatBytes, formatCount, formatDuration } from '../../protocol/format';
import type { TableName } from '../model';
import type { Answer } from './answered';
import type { LiveTable } from './table';

const nameLimit = 5;

/** Views, indexes and functions that use a table or column. */
export async function dependentsOf(session: Session, { oid }: LiveTable, table: TableName, column: string | undefined): Promise<Answer | undefined> {
  const views = await session.query<{ name: string }>(
    'SELECT DISTINCT v.oid::regclass::text AS name FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class ' +
      'LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid ' +
      "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::int8::oid AND v.oid <> d.refobjid AND ($2::text IS NULL OR a.attname = $2) ORDER BY 1",
    [oid, column ?? null],
  );
  const indexes =
    column === undefined
      ? []
      : await session.query<{ name: string }>(
          'SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = $1::int8::oid AND a.attname = $2 ORDER BY 1',
          [oid, column],
        );
  const functions = await session.query<{ name: string }>(
    'SELECT p.oid::regproc::text AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace ' +
      "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.probin IS NULL AND position(lower($1) in lower(p.prosrc)) > 0 AND ($2::text IS NULL OR position(lower($2) in lower(p.prosrc)) > 0) ORDER BY 1 LIMIT 20",
    [table.name, column ?? null],
  );
  const parts = [listed('view', views), listed('index', indexes), listed('function', functions)].filter((part) => part !== '');
  return parts.length === 0 ? { text: 'no view or function uses it' } : { text: `used by ${parts.join(', ')}` };
}

function listed(word: string, rows: readonly { readonly name: string }[]): string {
  if (rows.length === 0) return '';
  const names = rows.slice(0, nameLimit).map(({ name }) => name);
  return `${rows.length === 1 ? word : word === 'index' ? 'indexes' : `${word}s`} ${names.join(', ')}${rows.length > nameLimit ? ' …' : ''}`;
}

/** Foreign keys of other tables that point here. */
export async function inboundKeys(session: Session, { oid }: LiveTable): Promise<Answer | undefined> {
  const rows = await session.query<{ name: string }>(
    "SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::int8::oid AND conrelid <> confrelid ORDER BY 1",
    [oid],
  );
  return rows.length === 0 ? undefined : { text: `referred to by ${rows.map(({ name }) => name).join(', ')}` };
}

/** Who holds a lock on a table for longer than a moment. */
export async function lockHolders(session: Session, { oid }: LiveTable): Promise<Answer | undefined> {
  const rows = await session.query<{ pid: number; program: string; seconds: number }>(
    'SELECT DISTINCT a.pid, a.application_name AS program, extract(epoch FROM now() - a.xact_start)::float8 AS seconds FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid ' +
      "WHERE l.relation = $1::int8::oid AND l.granted AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' ORDER BY seconds DESC LIMIT 3",
    [oid],
  );
  const [first] = rows;
  if (first === undefined) return { text: 'nobody holds a lock on it' };
  return {
    text: `locked by ${first.program === '' ? 'a session' : first.program} (pid ${first.pid}) for ${formatDuration(first.seconds * 1000)}`,
    raised: 'medium',
  };
}

/** Whether the database has a lock_timeout of its own, and who would be waited for. */
export async function lockTimeout(session: Session): Promise<Answer> {
  const [row] = await session.query<{ setting: string; long: number }>(
    "SELECT current_setting('lock_timeout') AS setting, (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '1 minute') AS long",
  );
  const long = row?.long ?? 0;
  const setting = `lock_timeout is ${row?.setting === '0' ? 'not set' : (row?.setting ?? 'not known')} there`;
  return long === 0
    ? { text: setting }
    : { text: `${setting}; ${formatCount(long)} ${long === 1 ? 'transaction has' : 'transactions have'} been open for more than a minute`, raised: 'medium' };
}

/** A CHECK that has proven already that a column holds no NULL, for which Postgres looks at no row. */
export async function notNullProof(session: Session, { oid }: LiveTable, column: string): Promise<Answer | undefined> {
  const [row] = await session.query<{ name: string }>(
    "SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::int8::oid AND contype = 'c' AND convalidated AND pg_get_expr(conbin, conrelid) = format('(%I IS NOT NULL)', $2::text) LIMIT 1",
    [oid, column],
  );
  return row === undefined ? undefined : { text: `the CHECK ${row.name} has proven it: no row is looked at` };
}

/** What is lost with a schema. */
export async function schemaContent(session: Session, name: string): Promise<Answer> {
  const [row] = await session.query<{ present: boolean; tables: number; rows: number }>(
    "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1) AS present, count(*) AS tables, coalesce(sum(greatest(c.reltuples, 0)), 0)::int8 AS rows FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relkind IN ('r', 'm')",
    [name],
  );
  if (row === undefined || !row.present) return { text: `there is no schema ${name} yet` };
  return { text: `${formatCount(row.tables)} ${row.tables === 1 ? 'table' : 'tables'}, about ${formatCount(row.rows)} rows as last counted` };
}

/** Whether functions give each row a value of its own, by what they were declared as. */
export async function volatility(session: Session, functions: readonly string[]): Promise<Answer | undefined> {
  const rows = await session.query<{ name: string; volatile: boolean }>(
    "SELECT n.name, bool_or(p.provolatile = 'v') AS volatile FROM unnest($1::text[]) WITH ORDINALITY n(name, place) JOIN pg_proc p ON p.proname = substring(n.name from '[^.]*$') " +
      "JOIN pg_namespace s ON s.oid = p.pronamespace AND (s.nspname = split_part(n.name, '.', 1) OR n.name NOT LIKE '%.%') GROUP BY n.name, n.place ORDER BY n.place",
    [functions],
  );
  if (rows.length === 0) return undefined;
  const told = rows.map(({ name, volatile }) => `${name} is ${volatile ? 'volatile' : 'not volatile'}`).join(', ');
  const isConstant = rows.length === functions.length && rows.every(({ volatile }) => !volatile);
  return { text: isConstant ? `${told}: the table is not rewritten` : told };
}

/** An index as it is: its size, and whether it is what an interrupted CONCURRENTLY left behind. */
export async function indexState(session: Session, name: string, schema: string | undefined): Promise<Answer | undefined> {
  const [row] = await session.query<{ size: number; valid: boolean }>(
    'SELECT pg_relation_size(c.oid) AS size, i.indisvalid AS valid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.oid = to_regclass($1)',
    [schema === undefined ? identifier(name) : qualified(schema, name)],
  );
  if (row === undefined) return undefined;
  return row.valid
    ? { text: `the index ${name} is there, ${formatBytes(row.size)}` }
    : { text: `an invalid index ${name} is left over from an attempt that failed`, raised: 'high' };
}
