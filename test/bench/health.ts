import { createApp } from '../../src/app';
import { readCounters, readInside, readSessions } from '../../src/health/queries';
import { findDatabase } from '../../src/inventory/target';
import { readServerFacts } from '../../src/postgres/catalogue';
import { withSession, type Session } from '../../src/postgres/session';
import { median } from './median';

const rounds = 9;

export interface HealthTimes {
  /** Milliseconds of the slowest check of a database of 10,000 tables, as the median of nine. */
  readonly slowestMs: number;
  /** Its statement, shortened. */
  readonly slowest: string;
  /** Milliseconds of all checks together. */
  readonly sumMs: number;
}

/** What each check of a database's health takes, statement by statement and with the way there. */
export async function measureHealth(target: string): Promise<HealthTimes> {
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const app = createApp({ endpoint: () => undefined, backupFolder: () => '', folders: () => [] }, log);
  const { service, database } = findDatabase(await app.inventory.refresh(), target);
  const server = app.inventory.serverOf(service);
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    // A session of its own each time, as every look has: caches of the catalogue are empty.
    await withSession(server, database.name, {}, async (session) => {
      const timed = timing(session, times);
      await readSessions(timed);
      await readCounters(timed, [database.name]);
      await readServerFacts(timed);
      await readInside(timed);
    });
  }
  const medians = [...times].map(([sql, all]) => ({ sql, ms: median(all) }));
  const [slowest] = medians.toSorted((a, b) => b.ms - a.ms);
  return {
    slowestMs: Math.round(slowest?.ms ?? Number.NaN),
    slowest: (slowest?.sql ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 100),
    sumMs: Math.round(medians.reduce((sum, { ms }) => sum + ms, 0)),
  };
}

/** The same session, noting how long each of its queries takes. */
function timing(session: Session, times: Map<string, number[]>): Session {
  return new Proxy(session, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]) => {
        const start = performance.now();
        const result: unknown = await Reflect.apply(member, target, args);
        if (name === 'query') {
          const sql = String(args[0]);
          times.set(sql, [...(times.get(sql) ?? []), performance.now() - start]);
        }
        return result;
      };
    },
  });
}
