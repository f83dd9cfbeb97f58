import { runExec } from '../engine/exec';
import type { Operation } from '../operations/operation';
import { listDatabases } from '../postgres/catalogue';
import { connectionString } from '../postgres/connectionString';
import { withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { inContainer, toolEnvironment } from '../postgres/tools';
import { Failure } from '../protocol/failure';

export interface ScaffoldRequest {
  readonly server: PostgresServer;
  readonly session: Session;
  /** The database that has the structure. */
  readonly live: string;
  /** Tables that the backup brings along itself, as qualified names. */
  readonly without: readonly string[];
  /** The new database. */
  readonly database: string;
  readonly socketDirectory: string;
  readonly applicationName: string;
}

// Each exit code counts. The rest of the arguments are what pg_dump leaves out; what stands on that, such as a view, then fails
// and is left out too. What the backup itself needs, its own loading shows.
const copyStructure = `
host=$1 port=$2 user=$3 from=$4 to=$5 stop=$6
shift 6
{ pg_dump --host "$host" --port "$port" --username "$user" --no-password --schema-only --section=pre-data "$@" --dbname="$from" || echo "cdb dump failed" >&2; } |
  psql --host "$host" --port "$port" --username "$user" --no-password --no-psqlrc --quiet --set=ON_ERROR_STOP="$stop" --output=/dev/null --dbname="$to"`;

/**
 * Gives a new database what a part of a backup stands on: the tables of the live database without their rows and constraints,
 * but for those that the backup brings along itself. Throws `SCAFFOLD_MISSING`, `SCAFFOLD_FAILED`.
 */
export async function scaffold(request: ScaffoldRequest, operation: Operation): Promise<void> {
  const { server, session, live, database, socketDirectory, applicationName } = request;
  if (!(await listDatabases(session)).some(({ name }) => name === live)) {
    throw new Failure(
      'SCAFFOLD_MISSING',
      `The backup holds only a part, and "${live}", which has the rest, is not there.`,
      'Restore a full backup first; or read this one with the standard tools.',
    );
  }
  operation.report({ message: 'Copying the structure' });
  const brought = request.without.length === 0 ? [] : await withSequences(server, live, request.without, operation.signal);
  const without = brought.map((table) => `--exclude-table=${table}`);
  const host = socketDirectory === '' ? '127.0.0.1' : socketDirectory;
  const names = [host, String(server.port), server.user, connectionString(live), connectionString(database), without.length === 0 ? '1' : '0'];
  const argv = ['sh', '-c', copyStructure, 'sh', ...names, ...without];
  const { exitCode, stderr } = await runExec(
    server.engine,
    { container: server.container, argv: inContainer(server, argv), env: toolEnvironment(applicationName) },
    { signal: operation.signal },
  );
  if (exitCode === 0 && !/cdb dump failed/.test(stderr)) return;
  throw new Failure(
    'SCAFFOLD_FAILED',
    `The structure of "${live}" cannot be copied: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    'Mend what it says, then try again.',
  );
}

/** Tables with the sequences that belong to their columns, which pg_dump brings along with a table, and leaves out only by name. */
async function withSequences(server: PostgresServer, database: string, tables: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const found = await withSession(server, database, { signal }, (session) =>
    session.query<{ name: string }>(
      `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
       FROM pg_catalog.pg_depend AS d
       JOIN pg_catalog.pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
       JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
         AND d.refobjid IN (SELECT pg_catalog.to_regclass(name) FROM unnest($1::text[]) AS wanted(name))`,
      [tables],
    ),
  );
  return [...tables, ...found.map(({ name }) => name)];
}
