import type { PostgresServer } from '../postgres/server';
import { identifier } from '../postgres/quote';
import { withClaim } from '../restore/claim';

/**
 * Lets a snapshot be looked into while `work` lasts; at all other times it accepts no connections. The database that it is of
 * is claimed, so that it is not rolled back meanwhile. Should this process die, the next start closes it: it is open while nobody
 * claims its database. Throws `RESTORE_RUNNING`.
 */
export async function withOpenSnapshot<T>(
  server: PostgresServer,
  snapshot: { readonly name: string; readonly of: string },
  work: () => Promise<T>,
): Promise<T> {
  return withClaim(server, snapshot.of, async (session) => {
    await session.execute(`ALTER DATABASE ${identifier(snapshot.name)} ALLOW_CONNECTIONS true`);
    try {
      return await work();
    } finally {
      await session.execute(`ALTER DATABASE ${identifier(snapshot.name)} ALLOW_CONNECTIONS false`);
    }
  });
}
