import type { Session } from '../postgres/session';
import { Failure } from '../protocol/failure';

/** What the server says before a backup. */
export interface Preflight {
  /** Where the server has its socket files; empty when it listens on TCP only. */
  readonly socketDirectory: string;
  /** Connections that it would still accept, those that it keeps for superusers not counted. */
  readonly connectionsLeft: number;
}

/** Asks whether the server can be dumped now. Throws `SERVER_RECOVERING`. */
export async function readPreflight(session: Session): Promise<Preflight> {
  const [row] = await session.query<{ recovering: boolean; sockets: string; left: number }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS recovering,
            current_setting('unix_socket_directories') AS sockets,
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - (SELECT count(*)::int FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend') AS left`,
  );
  if (row?.recovering === true) {
    throw new Failure(
      'SERVER_RECOVERING',
      'The server is recovering, or it is a standby: it has no snapshot to dump from.',
      'Wait until it has recovered, or back up the primary.',
    );
  }
  return { socketDirectory: row?.sockets.split(',')[0]?.trim() ?? '', connectionsLeft: row?.left ?? 0 };
}
