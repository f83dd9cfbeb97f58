import { randomBytes } from 'node:crypto';
import type { Engine } from '../../engine/engine';
import { sentinelPrefix } from '../../inventory/undoName';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { identifier } from '../../postgres/quote';
import { withSession, type Session } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, Failure, messageOf } from '../../protocol/failure';

/** Milliseconds within which a server should take connections after a start; recovery may take its time. */
const readyTimeout = 300_000;
/** Milliseconds between two looks. */
const interval = 200;

/** While a container is in one of these, its server may still come. */
const comingStates: ReadonlySet<string> = new Set(['running', 'created', 'restarting']);
/** What a server is refused with that is still being set up, or started. */
const comingCodes: ReadonlySet<string> = new Set(['SERVER_STARTING', 'CONNECTION_LOST', 'SESSION_ENDED', 'CONTAINER_NOT_RUNNING', 'DATABASE_MISSING']);

/** A name for a database of our own, which nobody is shown. */
export function sentinelName(): string {
  return `${sentinelPrefix}${randomBytes(6).toString('hex')}`;
}

// Something of everything that may get lost by itself: rows, an index over them, a sequence, a large object.
const content = `
  CREATE TABLE sentinel (id int PRIMARY KEY, noise text NOT NULL);
  INSERT INTO sentinel SELECT i, md5(i::text || random()::text) FROM generate_series(1, 5000) AS i;
  CREATE INDEX sentinel_noise ON sentinel (noise);
  CREATE SEQUENCE sentinel_sequence;
  SELECT setval('sentinel_sequence', (random() * 1000000)::int + 1);
  CREATE TABLE sentinel_object AS
    SELECT lo_from_bytea(0, decode(string_agg(md5(random()::text), ''), 'hex')) AS object FROM generate_series(1, 4096)`;

// Through the index, which is not trusted to agree with the table: the rows are read once by each.
const summary = `
  SELECT (SELECT md5(string_agg(id || ':' || noise, ',' ORDER BY id)) FROM sentinel) AS rows,
         (SELECT md5(string_agg(noise, ',' ORDER BY noise COLLATE "C")) FROM sentinel WHERE noise >= '') AS index,
         (SELECT last_value::text FROM sentinel_sequence) AS sequence,
         (SELECT md5(lo_get(object)) FROM sentinel_object) AS object`;

/** The checksum of each part, as one line. */
async function checksum(session: Session): Promise<string> {
  await session.execute('SET enable_seqscan = off');
  const [row] = await session.query<{ rows: string; index: string; sequence: string; object: string }>(summary);
  if (row === undefined) throw new Failure('SENTINEL_DAMAGED', 'The sentinel could not be read.', 'Look at the log of the server.');
  return `rows ${row.rows}, index ${row.index}, sequence ${row.sequence}, large object ${row.object}`;
}

/** Writes the sentinel into a new database, and gives its checksum. */
export async function writeSentinel(server: PostgresServer, database: string, signal: AbortSignal): Promise<string> {
  await withSession(server, server.maintenanceDatabase, { signal }, (session) => session.execute(`CREATE DATABASE ${identifier(database)} TEMPLATE template0`));
  return withSession(server, database, { signal }, async (session) => {
    await session.execute('SET default_transaction_read_only = off');
    await session.execute(content);
    return checksum(session);
  });
}

/** The checksum as it is now; undefined when the database is gone. What cannot be read is a checksum that differs. */
export async function readSentinel(server: PostgresServer, database: string, signal: AbortSignal): Promise<string | undefined> {
  const there = await withSession(server, server.maintenanceDatabase, { signal }, (session) =>
    session.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [database]),
  );
  if (there.length === 0) return undefined;
  try {
    return await withSession(server, database, { signal }, checksum);
  } catch (error) {
    if (signal.aborted) throw error;
    return `unreadable: ${messageOf(error)}`;
  }
}

/** Drops the sentinel's database, if it is there. */
export async function dropSentinel(server: PostgresServer, database: string): Promise<void> {
  if (!database.startsWith(sentinelPrefix)) throw new Failure('NOT_OURS', `"${database}" is not ours to drop.`, 'Drop it yourself if it is not needed.');
  await withSession(server, server.maintenanceDatabase, {}, (session) => session.execute(`DROP DATABASE IF EXISTS ${identifier(database)}`));
}

/**
 * Waits until a server that was started takes connections. Throws `SERVER_NOT_BACK` when its container ends or it takes longer
 * than five minutes, and `CANCELLED`.
 */
export async function waitForServer(engine: Engine, server: PostgresServer, operation: Operation): Promise<void> {
  const limit = Date.now() + readyTimeout;
  for (;;) {
    throwIfCancelled(operation);
    try {
      return await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, async () => undefined);
    } catch (error) {
      throwIfCancelled(operation);
      const { state } = await engine.inspect(server.container);
      if (!comingStates.has(state) || !comingCodes.has(asFailure(error).code) || Date.now() > limit) throw notBack(state, error);
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }
}

function notBack(state: string, error: unknown): Failure {
  const { message } = asFailure(error);
  return new Failure('SERVER_NOT_BACK', `The server does not come back: its container is ${state} (${message}).`, 'Look at the log of the container.', error);
}
