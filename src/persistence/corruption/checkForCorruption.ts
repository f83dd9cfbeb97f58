import { readExec } from '../../engine/exec';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { readServerFacts } from '../../postgres/catalogue';
import { connectionString } from '../../postgres/connectionString';
import { qualified } from '../../postgres/quote';
import type { PostgresServer } from '../../postgres/server';
import { applicationNamePrefix, withSession, type Session } from '../../postgres/session';
import { connectionArguments, inContainer, toolEnvironment } from '../../postgres/tools';
import { asFailure } from '../../protocol/failure';
import { parseAmcheck, type Damage } from './amcheckOutput';

/** What was found in one database. */
export interface DatabaseCheck {
  readonly name: string;
  /** pg_amcheck looks into indexes as well, but only where its extension is installed; else every row is read. */
  readonly by: 'pg_amcheck' | 'reading';
  /** How many tables there are. */
  readonly tables: number;
  readonly damage: readonly Damage[];
  /** What could not be looked at, and why. */
  readonly unread: readonly Damage[];
}

export interface CorruptionReport {
  readonly state: 'sound' | 'damaged' | 'unknown';
  readonly databases: readonly DatabaseCheck[];
  readonly milliseconds: number;
}

interface TableName {
  readonly schema: string;
  readonly name: string;
}

const applicationName = `${applicationNamePrefix} corruption`;
/** What Postgres says of pages, rows and files that are not what they were. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const damageCodes = /^SQLSTATE_(?:XX001|XX002|58030|58P01)$/;
const damageWords =
  /invalid page|could not (?:read|open) (?:block|file)|page verification failed|missing chunk|compressed .* corrupt|unexpected chunk|invalid memory alloc/i;

/**
 * Looks whether the pages of all databases are what was written: by pg_amcheck where the container has it and a database its
 * extension, else by reading every row. Nothing is written, and no lock is waited for. Takes as long as there are data.
 * Throws what a session throws, and `CANCELLED`.
 */
export async function checkForCorruption(server: PostgresServer, operation: Operation): Promise<CorruptionReport> {
  const start = performance.now();
  const { signal } = operation;
  const { names, socketDirectory } = await withSession(server, server.maintenanceDatabase, { applicationName, signal }, async (session) => ({
    names: await session.query<{ name: string }>('SELECT datname AS name FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname'),
    ...(await readServerFacts(session)),
  }));
  const program = await readExec(server.engine, { container: server.container, argv: ['sh', '-c', 'command -v pg_amcheck'] }, signal);
  const databases: DatabaseCheck[] = [];
  for (const { name } of names) {
    throwIfCancelled(operation);
    databases.push(await checkDatabase({ server, name, socketDirectory, hasProgram: program.exitCode === 0 }, operation));
  }
  return { state: stateOf(databases), databases, milliseconds: performance.now() - start };
}

function stateOf(databases: readonly DatabaseCheck[]): CorruptionReport['state'] {
  if (databases.some(({ damage }) => damage.length > 0)) return 'damaged';
  return databases.some(({ unread }) => unread.length > 0) ? 'unknown' : 'sound';
}

interface Place {
  readonly server: PostgresServer;
  readonly name: string;
  readonly socketDirectory: string;
  readonly hasProgram: boolean;
}

/** One database that cannot be looked at hides none of the others. */
async function checkDatabase(place: Place, operation: Operation): Promise<DatabaseCheck> {
  const { server, name, hasProgram } = place;
  const { signal } = operation;
  try {
    return await withSession(server, name, { applicationName, statementTimeout: 0, signal }, async (session) => {
      await session.execute("SET default_transaction_read_only = on; SET lock_timeout = '250ms'");
      const tables = await tablesOf(session);
      const [extension] = hasProgram ? await session.query("SELECT FROM pg_catalog.pg_extension WHERE extname = 'amcheck'") : [];
      if (extension !== undefined) return { name, by: 'pg_amcheck', tables: tables.length, ...(await byProgram(place, operation)) };
      return { name, by: 'reading', tables: tables.length, ...(await byReading(session, name, tables, operation)) };
    });
  } catch (error) {
    throwIfCancelled(operation);
    const { message, code } = asFailure(error);
    const found = [{ relation: 'the database', message }];
    const isDamage = damageCodes.test(code) || damageWords.test(message);
    return { name, by: 'reading', tables: 0, damage: isDamage ? found : [], unread: isDamage ? [] : found };
  }
}

async function tablesOf(session: Session): Promise<readonly TableName[]> {
  return session.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' ORDER BY 1, 2`,
  );
}

type Found = Pick<DatabaseCheck, 'damage' | 'unread'>;

async function byProgram({ server, name, socketDirectory }: Place, operation: Operation): Promise<Found> {
  operation.report({ message: `Checking ${name} by pg_amcheck` });
  const argv = ['pg_amcheck', ...connectionArguments(server, socketDirectory), connectionString(name)];
  const env = { ...toolEnvironment(applicationName), PGOPTIONS: '-c default_transaction_read_only=on -c lock_timeout=1000' };
  const { exitCode, stdout, stderr } = await readExec(server.engine, { container: server.container, argv: inContainer(server, argv), env }, operation.signal);
  const damage = parseAmcheck(stdout);
  if (exitCode === 0 || damage.length > 0) return { damage, unread: [] };
  return { damage: [], unread: [{ relation: 'pg_amcheck', message: stderr.trim().split('\n').at(-1) || `it ended with ${exitCode}` }] };
}

/** Every row as text, so that what lies beside the table (TOAST) is read as well. */
async function byReading(session: Session, database: string, tables: readonly TableName[], operation: Operation): Promise<Found> {
  const damage: Damage[] = [];
  const unread: Damage[] = [];
  for (const [index, { schema, name }] of tables.entries()) {
    throwIfCancelled(operation);
    operation.report({ message: `Reading ${database}: ${schema}.${name}`, fraction: index / tables.length });
    try {
      await session.query(`SELECT count(t::text) FROM ONLY ${qualified(schema, name)} AS t`);
    } catch (error) {
      throwIfCancelled(operation);
      const { code, message } = asFailure(error);
      (damageCodes.test(code) || damageWords.test(message) ? damage : unread).push({
        relation: `${schema}.${name}`,
        message: message.replace(/^Postgres: /, ''),
      });
    }
  }
  return { damage, unread };
}
