import { throwIfCancelled, type Operation } from '../operations/operation';
import { identifier, literal } from '../postgres/quote';
import { maintenanceFor, type PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { asFailure, cancelled } from '../protocol/failure';
import type { CopyStrategy } from './strategy';

export interface DatabaseCopy {
  readonly server: PostgresServer;
  /** On neither of both databases; makes the copy. */
  readonly session: Session;
  readonly from: string;
  readonly to: string;
  readonly strategy: CopyStrategy;
}

/** Milliseconds for which sessions that do not end are waited for. */
const patience = 30_000;

/**
 * Makes a database that holds what another holds, closed to clients. Sessions of the other are ended, and new ones are
 * made to wait by the server itself: what copies a database locks it against newcomers, then waits until nobody is left in
 * it. So nothing has to be closed before or opened afterwards, and a crash at any moment leaves the original as it was.
 * Throws `DATABASE_IN_USE` when sessions do not end in 30 s, and `CANCELLED`.
 */
export async function copyDatabase(copy: DatabaseCopy, operation: Operation): Promise<void> {
  const { server, session, from } = copy;
  const statement = await copyStatement(copy);
  const [own] = await session.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  const pid = own?.pid ?? 0;
  await withSession(server, maintenanceFor(server, from), {}, async (helper) => {
    const stop = (): void => void helper.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]).catch(() => undefined);
    operation.signal.addEventListener('abort', stop, { once: true });
    try {
      for (const end = Date.now() + patience; ;) {
        throwIfCancelled(operation);
        try {
          const copying = session.execute(statement);
          await Promise.all([copying, endSessions(from, pid, helper, copying)]);
          return;
        } catch (error) {
          if (operation.signal.aborted) throw cancelled();
          if (asFailure(error).code !== 'DATABASE_IN_USE' || Date.now() > end) throw error;
        }
      }
    } finally {
      operation.signal.removeEventListener('abort', stop);
    }
  });
}

/** Ends who is in a database, once the one that copies it lets nobody else in. */
async function endSessions(database: string, copier: number, helper: Session, copying: Promise<void>): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  copying.then(end, end);
  while (!over.signal.aborted) {
    const [row] = await helper.query<{ held: number }>(
      `WITH held AS MATERIALIZED (
         SELECT FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_database AS d ON d.oid = l.objid
         WHERE l.pid = $1 AND l.granted AND l.locktype = 'object' AND l.classid = 'pg_catalog.pg_database'::regclass AND d.datname = $2
       ), ended AS MATERIALIZED (
         SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a WHERE a.datname = $2 AND EXISTS (SELECT FROM held)
       )
       SELECT (SELECT count(*) FROM held) AS held, (SELECT count(*) FROM ended) AS ended`,
      [copier, database],
    );
    if (row !== undefined && row.held > 0) return;
  }
}

async function copyStatement({ session, from, to, strategy }: DatabaseCopy): Promise<string> {
  const [row] = await session.query<{ owner: string; version: string | null }>(
    `SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, ${session.major >= 15 ? 'datcollversion' : 'NULL'} AS version
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [from],
  );
  if (strategy === 'clone') await session.execute('SET file_copy_method = clone');
  const options = [
    `TEMPLATE ${identifier(from)}`,
    ...(row === undefined ? [] : [`OWNER ${identifier(row.owner)}`]),
    'ALLOW_CONNECTIONS false',
    ...(strategy === 'only' ? [] : [`STRATEGY ${strategy === 'WAL_LOG' ? 'wal_log' : 'file_copy'}`]),
    // Said again, the copy keeps it. Else the server would refuse where the image brought another version of the collation.
    ...(row === undefined || row.version === null ? [] : [`COLLATION_VERSION ${literal(row.version)}`]),
  ];
  return `CREATE DATABASE ${identifier(to)} ${options.join(' ')}`;
}
