import type { Session } from '../postgres/session';
import { applicationNamePrefix } from '../postgres/session';
import { Failure } from '../protocol/failure';
import type { ActivityCounters, ActivitySnapshot, BlockingNode, LockFigures, SessionAction, SessionFigures, SessionState } from '../protocol/activity';

interface SessionRow extends Omit<SessionFigures, 'state' | 'own'> {
  readonly backend: string;
  readonly state: string | null;
}

/** Locks that are shown at most; those that somebody waits for come first. */
const mostLocks = 200;
/** Characters of a query that are sent to the view. */
const mostQuery = 2000;

/** Everything that happens in the server, and the counters of the connected database. Throws what a session throws. */
export async function readActivity(session: Session): Promise<ActivitySnapshot> {
  const sessions = (await readSessions(session)).map(figuresOf);
  const [limit] = await session.query<{ most: number }>("SELECT current_setting('max_connections')::int AS most");
  const used = sessions.filter(({ state }) => state !== 'background').length;
  return {
    sessions,
    blocking: blockingTrees(sessions),
    locks: await readLocks(session),
    connections: { used, most: limit?.most ?? 0 },
    counters: await readCounters(session),
  };
}

async function readSessions(session: Session): Promise<readonly SessionRow[]> {
  return session.query<SessionRow>(
    `SELECT a.pid, a.backend_start::text AS "startedAt", a.backend_type AS backend, a.state, a.usename AS user, a.datname AS database,
            coalesce(a.application_name, '') AS application, host(a.client_addr) AS client, left(coalesce(a.query, ''), ${mostQuery}) AS query,
            (extract(epoch FROM clock_timestamp() - CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END) * 1000)::float8 AS "stateMs",
            (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS "transactionMs",
            CASE WHEN a.wait_event IS NOT NULL AND a.state <> 'idle' THEN concat_ws(': ', a.wait_event_type, a.wait_event) END AS "waitsFor",
            CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) ELSE '{}' END AS "blockedBy"
     FROM pg_catalog.pg_stat_activity AS a WHERE a.pid <> pg_backend_pid() ORDER BY a.backend_start, a.pid`,
  );
}

function figuresOf({ backend, state, ...row }: SessionRow): SessionFigures {
  // A lock that is held by several is named once for each; 0 stands for a prepared transaction.
  const blockedBy = [...new Set(row.blockedBy)];
  return { ...row, blockedBy, state: stateOf(backend, state, blockedBy), own: row.application.startsWith(applicationNamePrefix) };
}

function stateOf(backend: string, state: string | null, blockedBy: readonly number[]): SessionState {
  if (backend !== 'client backend') return 'background';
  if (blockedBy.length > 0) return 'blocked';
  if (state === 'active' || state === 'fastpath function call') return 'active';
  if (state === 'idle') return 'idle';
  return state?.startsWith('idle in transaction') === true ? 'idle in transaction' : 'other';
}

/** Who blocks whom, from those that wait for nobody down. A circle, which is a deadlock about to be broken, is cut once. */
export function blockingTrees(sessions: readonly Pick<SessionFigures, 'pid' | 'blockedBy'>[]): readonly BlockingNode[] {
  const waiting = sessions.filter(({ blockedBy }) => blockedBy.length > 0);
  const blockers = [...new Set(waiting.flatMap(({ blockedBy }) => blockedBy))];
  const isWaiting = (pid: number): boolean => waiting.some((each) => each.pid === pid);
  const seen = new Set<number>();
  const node = (pid: number, above: readonly number[]): BlockingNode => {
    seen.add(pid);
    const waiters = waiting.filter((each) => each.blockedBy.includes(pid) && !above.includes(each.pid) && each.pid !== pid);
    return { pid, waiters: waiters.map((each) => node(each.pid, [...above, pid])) };
  };
  const roots = blockers.filter((pid) => !isWaiting(pid)).map((pid) => node(pid, []));
  const circles = blockers.flatMap((pid) => (seen.has(pid) ? [] : [node(pid, [])]));
  return [...roots, ...circles];
}

async function readLocks(session: Session): Promise<readonly LockFigures[]> {
  return session.query<LockFigures>(
    `SELECT l.pid, l.mode, l.granted,
            CASE WHEN l.locktype = 'relation' THEN coalesce((SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_catalog.pg_class AS c
                   JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE c.oid = l.relation AND l.database IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))),
                   'relation ' || l.relation)
                 WHEN l.locktype = 'tuple' THEN 'row of ' || coalesce((SELECT quote_ident(c.relname) FROM pg_catalog.pg_class AS c WHERE c.oid = l.relation), l.relation::text)
                 ELSE l.locktype || coalesce(' ' || coalesce(l.transactionid::text, l.virtualxid, l.objid::text), '') END AS object
     FROM pg_catalog.pg_locks AS l
     WHERE l.pid IS NOT NULL AND l.pid <> pg_backend_pid() AND (NOT l.granted OR l.locktype <> 'virtualxid')
     ORDER BY l.granted, l.pid, 4 LIMIT ${mostLocks}`,
  );
}

async function readCounters(session: Session): Promise<ActivityCounters> {
  const [row] = await session.query<ActivityCounters>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at, xact_commit AS commits, xact_rollback AS rollbacks,
            blks_hit AS "blocksHit", blks_read AS "blocksRead", tup_returned AS "rowsRead",
            tup_inserted + tup_updated + tup_deleted AS "rowsWritten", deadlocks
     FROM pg_catalog.pg_stat_database WHERE datname = current_database()`,
  );
  return row ?? { at: 0, commits: 0, rollbacks: 0, blocksHit: 0, blocksRead: 0, rowsRead: 0, rowsWritten: 0, deadlocks: 0 };
}

/**
 * Cancels what a session does, or ends it; the pid alone may meanwhile be another session's.
 * Throws `SESSION_GONE`, and what a session throws.
 */
export async function endSession(session: Session, action: SessionAction, pid: number, startedAt: string): Promise<void> {
  const call = action === 'cancel' ? 'pg_cancel_backend' : 'pg_terminate_backend';
  const [row] = await session.query<{ done: boolean }>(
    `SELECT pg_catalog.${call}(pid) AS done FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start::text = $2 AND backend_type = 'client backend'`,
    [pid, startedAt],
  );
  if (row?.done !== true) throw new Failure('SESSION_GONE', `The session ${pid} is no longer there.`, 'Nothing needs to be done.');
}
