import assert from 'node:assert/strict';
import type { DatabaseHealthFacts, HealthFacts, SessionFacts } from '../../../src/health/facts';
import { judgeHealth, worstState, type Health } from '../../../src/health/model';
import { dependentFacts } from '../../../src/health/readHealth';
import { readThresholds, standardThresholds } from '../../../src/health/thresholds';

const now = new Date('2026-11-20T14:00:00Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const shop: DatabaseHealthFacts = { name: 'shop', frozenAge: 1000, blocksHit: 0, blocksRead: 0, checksumFailures: 0, invalidIndexes: [], deadRows: [] };
const gigabyte = 1e9;
const well: HealthFacts = {
  service: 'db',
  state: 'running',
  health: 'healthy',
  dependents: [],
  cluster: { connections: 5, connectionLimit: 97, inRecovery: false, sessions: [], disk: { freeBytes: 50 * gigabyte, totalBytes: 100 * gigabyte } },
  databases: [shop],
  backups: [{ database: 'shop', newestVerified: daysAgo(1) }],
};
const session = (parts: Partial<SessionFacts>): SessionFacts => ({
  pid: 7,
  database: 'shop',
  user: 'app',
  application: 'api',
  state: 'active',
  query: 'SELECT 1',
  transactionSeconds: 1,
  querySeconds: 1,
  stateSeconds: 1,
  blockedBy: [],
  ...parts,
});
const withSessions = (...sessions: readonly SessionFacts[]): Partial<HealthFacts> => ({ cluster: { ...clusterOf(well), sessions } });
const withCluster = (parts: Partial<NonNullable<HealthFacts['cluster']>>): Partial<HealthFacts> => ({ cluster: { ...clusterOf(well), ...parts } });
const withDatabase = (parts: Partial<DatabaseHealthFacts>): Partial<HealthFacts> => ({ databases: [{ ...shop, ...parts }] });

function clusterOf({ cluster }: HealthFacts): NonNullable<HealthFacts['cluster']> {
  assert.ok(cluster);
  return cluster;
}

function judge(parts: Partial<HealthFacts> = {}, limits: unknown = {}): Health {
  return judgeHealth({ ...well, ...parts }, readThresholds(limits), now);
}

/** State, then severity, code and short text of each reason. */
function said(parts: Partial<HealthFacts>, limits: unknown = {}): readonly string[] {
  const { state, reasons } = judge(parts, limits);
  return [state, ...reasons.map(({ severity, code, short }) => `${severity} ${code}: ${short}`)];
}

describe('judgeHealth', () => {
  it('has nothing to say of what is well', () => assert.deepEqual(judge(), { state: 'healthy', reasons: [] }));

  const cases: Readonly<Record<string, readonly [facts: Partial<HealthFacts>, expected: readonly string[]]>> = {
    'a stopped container': [{ state: 'stopped' }, ['down', 'error NOT_RUNNING: stopped']],
    'a container that was killed': [{ state: 'stopped', exitCode: 137 }, ['down', 'error CRASHED: has crashed']],
    'a container that was stopped well': [{ state: 'stopped', exitCode: 0 }, ['down', 'error NOT_RUNNING: stopped']],
    'a service that was never started': [{ state: 'not created' }, ['down', 'error NOT_RUNNING: not created']],
    'a paused container': [{ state: 'paused' }, ['down', 'error NOT_RUNNING: paused']],
    'a server that starts': [{ state: 'starting' }, ['unknown', 'info STARTING: starting']],
    'a server that does not answer': [{ problem: { code: 'CONNECTION_LOST', message: 'm', remedy: 'r' } }, ['down', 'error CONNECTION_LOST: does not answer']],
    'a server that lets nobody in any more': [
      { problem: { code: 'CONNECTIONS_EXHAUSTED', message: 'm', remedy: 'r' } },
      ['down', 'error CONNECTIONS_EXHAUSTED: no connection left'],
    ],
    'a server that does not let us in': [
      { problem: { code: 'PASSWORD_WRONG', message: 'm', remedy: 'r' } },
      ['unknown', 'warning PASSWORD_WRONG: cannot be read'],
    ],
    'a server that is slow': [{ problem: { code: 'STATEMENT_TIMEOUT', message: 'm', remedy: 'r' } }, ['degraded', 'warning STATEMENT_TIMEOUT: slow to answer']],
    'a server that ends our session': [{ problem: { code: 'SESSION_ENDED', message: 'm', remedy: 'r' } }, ['unknown', 'info SESSION_ENDED: starting']],
    'a failing healthcheck': [{ health: 'unhealthy' }, ['degraded', 'error UNHEALTHY: unhealthy']],
    'a database that is gone': [{ missingDatabase: 'shop' }, ['degraded', 'error DATABASE_MISSING: "shop" is missing']],
    'a dependent that fails': [{ dependents: [{ service: 'api', state: 'exited', exitCode: 1 }] }, ['degraded', 'warning DEPENDENT_FAILED: api has failed']],
    'a dependent that starts over and over': [
      { dependents: [{ service: 'api', state: 'restarting' }] },
      ['degraded', 'warning DEPENDENT_FAILED: api keeps restarting'],
    ],
    'a dependent that is unhealthy': [
      { dependents: [{ service: 'api', state: 'running', health: 'unhealthy' }] },
      ['degraded', 'warning DEPENDENT_UNHEALTHY: api is unhealthy'],
    ],
    'a dependent that answers with an error': [
      { dependents: [{ service: 'api', state: 'running', http: { url: 'http://x', ok: false, said: 'it answered 503' } }] },
      ['degraded', 'warning DEPENDENT_HTTP: api does not answer'],
    ],
    'a one-shot service that has ended, and one that was stopped': [
      {
        dependents: [
          dependentFacts('init', { state: 'exited', status: 'Exited (0) 2 hours ago' }),
          dependentFacts('api', { state: 'exited', status: 'Exited (137) now' }),
        ],
      },
      ['healthy'],
    ],
    'connections that run out': [withCluster({ connections: 80, connectionLimit: 97 }), ['degraded', 'warning CONNECTIONS_MANY: 80 of 97 connections']],
    'no connection left': [withCluster({ connections: 97 }), ['degraded', 'error CONNECTIONS_MANY: 97 of 97 connections']],
    'a session that is blocked': [withSessions(session({ querySeconds: 11, blockedBy: [3] })), ['degraded', 'warning SESSIONS_BLOCKED: 1 session blocked']],
    'a transaction that was left open': [
      withSessions(session({ state: 'idle in transaction', stateSeconds: 301, transactionSeconds: 900 })),
      ['degraded', 'warning IDLE_IN_TRANSACTION: 1 session idle in a transaction'],
    ],
    'two long transactions': [
      withSessions(session({ transactionSeconds: 601, querySeconds: 601 }), session({ pid: 8, transactionSeconds: 700 })),
      ['degraded', 'warning TRANSACTION_LONG: 2 sessions in a long transaction'],
    ],
    'a slow query': [withSessions(session({ querySeconds: 61 })), ['degraded', 'warning QUERY_SLOW: 1 session with a slow query']],
    'a disk that fills': [
      withCluster({ disk: { freeBytes: 9 * gigabyte, totalBytes: 100 * gigabyte } }),
      ['degraded', 'warning DISK_LOW: 9.0 GB of disk free'],
    ],
    'a disk that is as good as full': [
      withCluster({ disk: { freeBytes: 0.2 * gigabyte, totalBytes: gigabyte } }),
      ['degraded', 'error DISK_LOW: 200 MB of disk free'],
    ],
    'a standby': [withCluster({ inRecovery: true }), ['healthy', 'info IN_RECOVERY: in recovery']],
    'damaged pages': [withDatabase({ checksumFailures: 2 }), ['degraded', 'error CHECKSUM_FAILED: damaged pages']],
    'a collation that has changed': [withDatabase({ collation: { made: '2.36', now: '2.41' } }), ['degraded', 'warning COLLATION_CHANGED: collation changed']],
    'a wraparound that comes near': [withDatabase({ frozenAge: 600_000_000 }), ['degraded', 'warning WRAPAROUND_NEAR: 600 million transactions unfrozen']],
    'an invalid index': [withDatabase({ invalidIndexes: ['public.i'] }), ['degraded', 'warning INDEX_INVALID: 1 invalid index']],
    'dead rows': [
      withDatabase({ deadRows: [{ table: 'public.t', live: 20_000, dead: 30_000, lastVacuum: null }] }),
      ['degraded', 'warning ROWS_DEAD: 30,000 dead rows'],
    ],
    'few dead rows, and a small share of them': [
      withDatabase({
        deadRows: [
          { table: 'a', live: 10, dead: 9999, lastVacuum: null },
          { table: 'b', live: 1e6, dead: 20_000, lastVacuum: null },
        ],
      }),
      ['healthy'],
    ],
    'a cache that is too small': [withDatabase({ blocksHit: 80_000, blocksRead: 20_000 }), ['healthy', 'info CACHE_MISSED: 80 % from the cache']],
    'no backup': [{ backups: [{ database: 'shop' }] }, ['healthy', 'info BACKUP_MISSING: no backup']],
    'an old backup': [{ backups: [{ database: 'shop', newestVerified: daysAgo(9) }] }, ['degraded', 'warning BACKUP_OLD: backup 9 days old']],
    'a scheduled backup that failed': [
      { backups: [{ database: 'shop', newestVerified: daysAgo(1), trouble: 'failed' }] },
      ['degraded', 'warning BACKUP_FAILED: backup failed'],
    ],
    'a scheduled backup that was not made': [
      { backups: [{ database: 'shop', newestVerified: daysAgo(1), trouble: 'overdue' }] },
      ['degraded', 'warning BACKUP_OVERDUE: backup overdue'],
    ],
  };
  for (const [name, [facts, expected]] of Object.entries(cases)) it(`tells of ${name}`, () => assert.deepEqual(said(facts), expected));

  it('says what is the case and what to do, each time', () => {
    for (const [facts] of Object.values(cases)) {
      for (const { message, remedy } of judge(facts).reasons) assert.ok(message.length > 0 && remedy.length > 0);
    }
  });

  it('puts the worst first', () => {
    const { reasons } = judge({ ...withDatabase({ checksumFailures: 1, invalidIndexes: ['i'] }), backups: [{ database: 'shop' }] });
    assert.deepEqual(
      reasons.map(({ severity }) => severity),
      ['error', 'warning', 'info'],
    );
  });

  it('goes by the limits of the user, and 0 switches a check off', () => {
    assert.deepEqual(said({ backups: [{ database: 'shop', newestVerified: daysAgo(9) }] }, { backupAgeDays: 30 }), ['healthy']);
    assert.deepEqual(said({ backups: [{ database: 'shop' }] }, { backupAgeDays: 0 }), ['healthy']);
    assert.deepEqual(said(withDatabase({ frozenAge: 2e6 }), { wraparoundMillions: 1 })[0], 'degraded');
    assert.deepEqual(said(withCluster({ connections: 97 }), { connectionsPercent: 0 }), ['healthy']);
  });
});

describe('readThresholds', () => {
  it('fills in what is not said', () => assert.deepEqual(readThresholds({ backupAgeDays: 3 }), { ...standardThresholds, backupAgeDays: 3 }));

  for (const [name, written] of Object.entries({ 'a word it does not know': { backupAge: 3 }, 'a negative number': { backupAgeDays: -1 }, text: 'much' })) {
    it(`refuses ${name}`, () => assert.throws(() => readThresholds(written), { code: 'THRESHOLDS_INVALID' }));
  }
});

describe('worstState', () => {
  it('puts down before degraded before unknown', () => {
    assert.equal(worstState(['healthy', 'unknown', 'degraded', 'down']), 'down');
    assert.equal(worstState(['healthy', 'unknown', 'degraded']), 'degraded');
    assert.equal(worstState(['healthy', 'unknown']), 'unknown');
    assert.equal(worstState([]), undefined);
  });
});
