import type { PostgresServer } from '../../postgres/server';
import { withSession, type Session } from '../../postgres/session';
import { splitStatements } from '../../postgres/sqlScript';
import { asFailure, Failure } from '../../protocol/failure';
import { explain } from '../actions/explain';
import { compareSchemas } from '../schema/compareSchemas';
import type { Schema } from '../schema/model';
import { readSchema } from '../schema/readSchema';
import { validate, type Validation } from '../schema/validate';

/** A lock that keeps others out of a table, and for how long it was held. */
export interface HeldLock {
  readonly table: string;
  readonly mode: string;
  readonly milliseconds: number;
}

/** What a database is like at a moment. */
export interface DatabaseState {
  readonly schema: Schema;
  readonly validation: Validation;
  /** The file in which each table or materialised view lies; another one means that it was written anew. */
  readonly files: Readonly<Record<string, number>>;
}

/** What came of taking migrations back on the copy. */
export interface DowngradeTrial {
  /** `not written`: it would leave everything as it is. */
  readonly state: 'works' | 'differs' | 'fails' | 'not written';
  readonly milliseconds: number;
  /** What is not as it was before the migrations. */
  readonly differences: readonly string[];
  readonly failure?: Failure;
  readonly failedAt?: string;
}

/** What migrations did to a copy, or would have. */
export interface Rehearsal {
  readonly milliseconds: number;
  readonly statements: number;
  readonly slowest: readonly { readonly sql: string; readonly milliseconds: number }[];
  readonly locks: readonly HeldLock[];
  readonly changes: Changes;
  /** Why it did not come to its end, and at which statement. */
  readonly failure?: Failure;
  readonly failedAt?: string;
  /** Where there is SQL that takes them back, and they ran through. */
  readonly downgrade?: DowngradeTrial;
}

/** What differs between two states of one database. */
export interface Changes {
  /** As `compare` has it: `only right` has been added. */
  readonly schema: readonly string[];
  /** Tables that were written anew. */
  readonly rewritten: readonly string[];
  readonly rows: readonly { readonly table: string; readonly before?: number; readonly after?: number }[];
  /** What is not sound now, and was before. */
  readonly broken: readonly string[];
}

/** Statements that are told of as the slowest. */
const told = 5;

/** What is run on a copy. */
export interface RehearsedScripts {
  readonly up: string;
  /** Run afterwards, to see whether it leads back. */
  readonly down?: string;
  /** The table in which the tool notes what it has done; what becomes of it does not count. */
  readonly versionTable?: string;
}

/** Runs scripts on a copy of a database, statement by statement, and tells what they did. Throws only what reading the copy throws. */
export async function rehearse(server: PostgresServer, database: string, scripts: RehearsedScripts, signal: AbortSignal): Promise<Rehearsal> {
  return withSession(server, database, { signal }, async (session) => {
    const before = await readState(session);
    const run = await runEach(session, statementsOf(scripts.up), Object.keys(before.files));
    await session.execute('ROLLBACK'); // of what a failure has left open; a warning where there is nothing
    const after = await readState(session);
    const changes = changesBetween(before, after);
    const downgrade = run.failure === undefined ? await takeBack(session, scripts, { before: before.schema, after: after.schema }) : undefined;
    const slowest = run.times.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, told);
    const { times, ...rest } = run;
    return { ...rest, statements: times.length, milliseconds: total(times), slowest, changes, ...(downgrade === undefined ? {} : { downgrade }) };
  });
}

/** Tries the way back, and looks whether all is as it was. */
async function takeBack(
  session: Session,
  { down, versionTable = '' }: RehearsedScripts,
  { before, after }: { readonly before: Schema; readonly after: Schema },
): Promise<DowngradeTrial | undefined> {
  if (down === undefined) return undefined;
  const run = await runEach(session, statementsOf(down), []);
  await session.execute('ROLLBACK');
  const now = await readSchema(session);
  const isNoted = (name: string): boolean => versionTable !== '' && name.startsWith(versionTable); // with its key and columns
  const unlike = (one: Schema, other: Schema): readonly string[] =>
    compareSchemas(one, other).flatMap(({ state, kind, name }) => (isNoted(name) ? [] : [`${words[state]}: ${kind} ${name}`]));
  const differences = unlike(before, now);
  const isIdle = differences.length > 0 && unlike(after, now).length === 0;
  const state = run.failure !== undefined ? 'fails' : differences.length === 0 ? 'works' : isIdle ? 'not written' : 'differs';
  const { failure, failedAt } = run;
  return { state, milliseconds: total(run.times), differences, ...(failure === undefined ? {} : { failure }), ...(failedAt === undefined ? {} : { failedAt }) };
}

const words = { 'only left': 'removed', 'only right': 'added', different: 'changed' } as const;

function statementsOf(script: string): readonly string[] {
  return splitStatements(script) ?? [script];
}

function total(times: readonly { readonly milliseconds: number }[]): number {
  return times.reduce((sum, each) => sum + each.milliseconds, 0);
}

/** Reads every table. Throws what a session throws. */
export async function readState(session: Session): Promise<DatabaseState> {
  const rows = await session.query<{ name: string; file: number }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relfilenode::bigint AS file FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`,
  );
  const validation = await validate(session, { deep: true });
  return { schema: await readSchema(session), validation, files: Object.fromEntries(rows.map(({ name, file }) => [name, file])) };
}

/** What has changed from one state to another. */
export function changesBetween(before: DatabaseState, after: DatabaseState): Changes {
  const [old, now] = [before.validation.rows ?? {}, after.validation.rows ?? {}];
  const tables = [...new Set([...Object.keys(old), ...Object.keys(now)])].toSorted();
  const badBefore = new Set(before.validation.checks.filter(({ state }) => state === 'bad').flatMap(({ found }) => found));
  return {
    schema: compareSchemas(before.schema, after.schema).map(({ state, kind, name }) => `${words[state]}: ${kind} ${name}`),
    rewritten: Object.keys(before.files).filter((name) => after.files[name] !== undefined && after.files[name] !== before.files[name]),
    rows: tables.filter((table) => old[table] !== now[table]).map((table) => rowChange(table, old[table], now[table])),
    broken: after.validation.checks
      .filter(({ state }) => state === 'bad')
      .flatMap(({ message, found }) => found.filter((each) => !badBefore.has(each)).map((each) => `${message} ${each}`)),
  };
}

function rowChange(table: string, before: number | undefined, after: number | undefined): Changes['rows'][number] {
  return { table, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Why migrations must not be run that did this to a copy; undefined where they may. */
export function failureOfRehearsal({ failure, changes }: Rehearsal): Failure | undefined {
  return failure ?? brokenBy(changes);
}

/** What is not sound after migrations, and was before. */
export function brokenBy({ broken: [first] }: Changes): Failure | undefined {
  if (first === undefined) return undefined;
  return new Failure('UPDATE_BROKEN', `After the migrations the database is not sound: ${first}`, 'Mend the migration, then try again.');
}

interface EachRun {
  readonly times: readonly { readonly sql: string; readonly milliseconds: number }[];
  readonly locks: readonly HeldLock[];
  readonly failure?: Failure;
  readonly failedAt?: string;
}

async function runEach(session: Session, statements: readonly string[], tables: readonly string[]): Promise<EachRun> {
  const times: { sql: string; milliseconds: number }[] = [];
  const held = new Map<string, { readonly since: number; readonly table: string; readonly mode: string }>();
  const locks: HeldLock[] = [];
  for (const sql of statements) {
    const start = performance.now();
    try {
      await session.run(sql);
    } catch (error) {
      const failure = asFailure(error);
      return { times, locks, failure: explain(failure.message) ?? failure, failedAt: shortened(sql) };
    }
    const end = performance.now();
    times.push({ sql: shortened(sql), milliseconds: end - start });
    const now = await locksOf(session, tables);
    for (const { table, mode } of now) if (!held.has(`${mode} ${table}`)) held.set(`${mode} ${table}`, { since: start, table, mode });
    for (const [key, { since, table, mode }] of held) {
      if (now.some((each) => `${each.mode} ${each.table}` === key)) continue;
      held.delete(key);
      locks.push({ table, mode, milliseconds: end - since });
    }
  }
  return { times, locks: longest(locks) };
}

/** Those that keep writers or everybody out, of tables that were there before. */
async function locksOf(session: Session, tables: readonly string[]): Promise<readonly { readonly table: string; readonly mode: string }[]> {
  return session.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       AND format('%I.%I', n.nspname, c.relname) = ANY ($1)`,
    [tables],
  );
}

function longest(locks: readonly HeldLock[]): readonly HeldLock[] {
  return locks.toSorted((a, b) => b.milliseconds - a.milliseconds || (a.table < b.table ? -1 : 1));
}

function shortened(sql: string): string {
  const line = sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
