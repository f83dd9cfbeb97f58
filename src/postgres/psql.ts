import { readServerFacts } from './catalogue';
import { connectionString } from './connectionString';
import type { PostgresServer } from './server';
import { withSession } from './session';
import { inContainer } from './tools';

/** `psql` on one database, as a program in the server's container that finds its password there. Throws what a session throws. */
export async function psqlCommand(server: PostgresServer, database: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { socketDirectory } = await withSession(server, server.maintenanceDatabase, signal === undefined ? {} : { signal }, readServerFacts);
  const host = socketDirectory === '' ? '127.0.0.1' : socketDirectory;
  const way = ['--host', host, '--port', String(server.port), '--username', server.user, `--dbname=${connectionString(database)}`];
  return inContainer(server, ['psql', ...way]);
}
