import { maintenanceFor, type PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { claimDatabase, releaseDatabase } from './swap';

/**
 * Lends a session on another database, which claims this one as long as it lives; cancelling does not cut it, since it
 * also cleans up. Throws `RESTORE_RUNNING`.
 */
export async function withClaim<T>(server: PostgresServer, database: string, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(server, maintenanceFor(server, database), {}, async (session) => {
    await claimDatabase(session, database);
    try {
      return await work(session);
    } finally {
      await releaseDatabase(session, database).catch(() => undefined); // a session that is broken has no claim any more
    }
  });
}
