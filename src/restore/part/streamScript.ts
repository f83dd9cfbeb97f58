import { runExec } from '../../engine/exec';
import type { Operation } from '../../operations/operation';
import { readServerFacts } from '../../postgres/catalogue';
import { connectionString } from '../../postgres/connectionString';
import type { PostgresServer } from '../../postgres/server';
import { withSession } from '../../postgres/session';
import { inContainer, toolEnvironment } from '../../postgres/tools';
import { Failure } from '../../protocol/failure';
import { sessionsName } from './mark';
import { writes, type MergeScript } from './mergeSql';

/** Where the rows of a script come from and go to. */
export interface StreamPlace {
  readonly id: string;
  readonly server: PostgresServer;
  readonly database: string;
  readonly scratch: string;
}

/** What a script printed, and what the server said where it failed; then nothing has changed. */
export interface StreamOutcome {
  readonly printed: string;
  readonly failed?: string;
}

// Everything is one stream of SQL. A part that cannot be read ends it, and what ends before COMMIT has not happened. Both sides
// write and read values in the same way, whatever the databases say. Two connections: the rows go from one to the other.
const streamRows = `
host=$1 port=$2 user=$3 from=$4 to=$5 count=$6
shift 6
sql() { psql --host "$host" --port "$port" --username "$user" --no-password --no-psqlrc --quiet --no-align --tuples-only --field-separator='\t' --set=ON_ERROR_STOP=1 "$@"; }
{
  printf '%s\\n' "$1"
  while [ "$count" -gt 0 ]; do
    printf '%s\\n' "$2"
    sql --dbname="$from" --command="$3" </dev/null || { echo "cdb read failed" >&2; exit 1; }
    printf '%s\\n' '\\.'
    shift 2
    count=$((count - 1))
  done
  shift
  for part do printf '%s\\n' "$part"; done
} | sql --dbname="$to"`;

const sameSettings = '-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex';
// Bytes that Linux takes as one argument of a program, and as all of them, with room to spare; thousands of tables are restored as a whole.
const longestArgument = 120_000;
const mostArguments = 1_500_000;

/** Runs a script in one session of the live database, with rows of the scratch database in between. Throws `TABLES_MANY`. */
export async function streamScript({ server, id, database, scratch }: StreamPlace, script: MergeScript, operation: Operation): Promise<StreamOutcome> {
  const { socketDirectory } = await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, readServerFacts);
  const host = socketDirectory === '' ? '127.0.0.1' : socketDirectory;
  const names = [host, String(server.port), server.user, connectionString(scratch), connectionString(database), String(script.rows.length)];
  const parts = [script.begin, ...script.rows.flatMap(({ receive, read }) => [receive, read]), ...joined(script.end)];
  refuseMany(parts, script.rows.length);
  const pieces: Buffer[] = [];
  const { exitCode, stderr } = await runExec(
    server.engine,
    {
      container: server.container,
      argv: inContainer(server, ['sh', '-c', streamRows, 'sh', ...names, ...parts]),
      env: { ...toolEnvironment(sessionsName(id)), PGOPTIONS: sameSettings, PGCLIENTENCODING: 'UTF8' },
    },
    { signal: operation.signal, onOutput: (bytes) => void pieces.push(Buffer.from(bytes)) },
  );
  const printed = Buffer.concat(pieces).toString('utf8');
  const broke = exitCode !== 0 || /^cdb read failed$/m.test(stderr) || (writes(script) && !/^cdb done$/m.test(printed));
  return { printed, ...(broke ? { failed: stderr } : {}) };
}

/** Statements in as few arguments as may be. */
function joined(statements: readonly string[]): readonly string[] {
  const parts: string[] = [];
  for (const statement of statements) {
    const longer = `${parts.at(-1) ?? ''}\n${statement}`;
    if (parts.length > 0 && Buffer.byteLength(longer) <= longestArgument) parts.splice(-1, 1, longer);
    else parts.push(statement);
  }
  return parts;
}

function refuseMany(parts: readonly string[], tables: number): void {
  const sizes = parts.map((part) => Buffer.byteLength(part) + 16);
  if (sizes.every((size) => size <= longestArgument) && sizes.reduce((sum, size) => sum + size, 0) <= mostArguments) return;
  throw new Failure(
    'TABLES_MANY',
    `${tables} tables with as many columns as these have are too much to be restored into a live database at once. Nothing was changed.`,
    'Choose fewer, or restore the whole database.',
  );
}
