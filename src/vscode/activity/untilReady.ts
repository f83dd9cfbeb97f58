import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresServer } from '../../postgres/server';
import { withSession } from '../../postgres/session';
import { asFailure } from '../../protocol/failure';

/** Milliseconds between two attempts, and for all of them. */
const interval = 250;
const patience = 60_000;

/** Waits until a server that was restarted lets somebody in again. Throws what the last attempt threw. */
export async function untilReady(server: PostgresServer): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await withSession(server, server.maintenanceDatabase, {}, async () => undefined);
    } catch (error) {
      const { code } = asFailure(error);
      if (Date.now() > end || !/^(SERVER_STARTING|CONNECTION_LOST|CONTAINER_NOT_RUNNING|SESSION_ENDED)$/.test(code)) throw error;
      await pause(interval);
    }
  }
}
