import { formatCount, formatDuration } from '../../protocol/format';
import type { HealthFacts, SessionFacts } from '../facts';
import type { HealthReason } from '../model';
import type { Thresholds } from '../thresholds';

/** Connections against the limit, and sessions that are at something for too long. */
export function sessionReasons({ cluster }: HealthFacts, thresholds: Thresholds): readonly HealthReason[] {
  if (cluster === undefined) return [];
  const { sessions, connections, connectionLimit } = cluster;
  const { longTransactionMinutes, idleInTransactionMinutes, blockedSeconds, slowQuerySeconds } = thresholds;
  const older = (limit: number, age: number | null): boolean => limit > 0 && age !== null && age >= limit;
  const isIdle = ({ state }: SessionFacts): boolean => state.startsWith('idle in transaction');
  const blocked = sessions.filter(({ blockedBy, querySeconds }) => blockedBy.length > 0 && older(blockedSeconds, querySeconds));
  const idle = sessions.filter((session) => isIdle(session) && older(idleInTransactionMinutes * 60, session.stateSeconds));
  const long = sessions.filter((session) => !isIdle(session) && older(longTransactionMinutes * 60, session.transactionSeconds));
  const slow = sessions.filter(
    (session) => session.state === 'active' && session.blockedBy.length === 0 && !long.includes(session) && older(slowQuerySeconds, session.querySeconds),
  );
  return [
    ...connectionReasons(connections, connectionLimit, thresholds.connectionsPercent),
    ...about(
      blocked,
      'SESSIONS_BLOCKED',
      'blocked',
      (one) => `${who(one)} has waited ${since(one.querySeconds)} for ${one.blockedBy.join(', ')}.`,
      'End what holds the lock, or let it finish.',
    ),
    ...about(
      idle,
      'IDLE_IN_TRANSACTION',
      'idle in a transaction',
      (one) => `${who(one)} has left a transaction open for ${since(one.stateSeconds)}: it holds locks, and keeps vacuum from its work.`,
      'Commit or roll back in that program, or end the session.',
    ),
    ...about(
      long,
      'TRANSACTION_LONG',
      'in a long transaction',
      (one) => `${who(one)} has been in one transaction for ${since(one.transactionSeconds)}.`,
      'Let it finish, or end the session.',
    ),
    ...about(
      slow,
      'QUERY_SLOW',
      'with a slow query',
      (one) => `${who(one)} has run one statement for ${since(one.querySeconds)}: ${one.query}`,
      'Look at its plan; an index may be missing.',
    ),
  ];
}

function connectionReasons(connections: number, limit: number, percent: number): readonly HealthReason[] {
  if (percent === 0 || limit === 0 || connections / limit < percent / 100) return [];
  const isFull = connections >= limit;
  return [
    {
      code: 'CONNECTIONS_MANY',
      severity: isFull ? 'error' : 'warning',
      short: `${connections} of ${limit} connections`,
      message: `${formatCount(connections)} of ${formatCount(limit)} connections are taken${isFull ? '; nobody else gets in' : ''}.`,
      remedy: 'Close idle sessions, use a pool, or raise max_connections.',
      action: 'show activity',
    },
  ];
}

/** One reason for all sessions of a kind; the longest speaks for them. */
function about(
  sessions: readonly SessionFacts[],
  code: string,
  what: string,
  sentence: (session: SessionFacts) => string,
  remedy: string,
): readonly HealthReason[] {
  const [worst, ...others] = sessions.toSorted((a, b) => (b.transactionSeconds ?? 0) - (a.transactionSeconds ?? 0));
  if (worst === undefined) return [];
  const short = sessions.length === 1 ? `1 session ${what}` : `${sessions.length} sessions ${what}`;
  const rest = others.length === 0 ? '' : ` So ${others.length === 1 ? 'does one other' : `do ${others.length} others`}.`;
  return [{ code, severity: 'warning', database: worst.database, short, message: `${sentence(worst)}${rest}`, remedy, action: 'show activity' }];
}

function who({ application, user, pid }: SessionFacts): string {
  return `${application === '' ? user : application} (process ${pid})`;
}

function since(seconds: number | null): string {
  return formatDuration((seconds ?? 0) * 1000);
}
