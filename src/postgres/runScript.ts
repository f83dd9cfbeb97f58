import { Failure } from '../protocol/failure';
import type { PostgresServer } from './server';
import { applicationNamePrefix, withSession, type Session, type SessionOptions, type StatementResult } from './session';
import { firstForPsql, firstUnrollable, withoutTransaction } from './sqlScript';

/** What a script gave. */
export interface ScriptResult {
  readonly results: readonly StatementResult[];
  /** What the server said besides. */
  readonly notices: readonly string[];
  readonly milliseconds: number;
  readonly rolledBack: boolean;
}

/**
 * Runs a script as one transaction, which is rolled back at the end where that is wished. Throws `SQL_FOR_PSQL`,
 * `SQL_NOT_REVERSIBLE`, and what a session throws; then nothing of it has happened.
 */
export async function runScript(server: PostgresServer, database: string, script: string, rollBack: boolean, signal?: AbortSignal): Promise<ScriptResult> {
  const notices: string[] = [];
  const run = async (session: Session): Promise<ScriptResult> => {
    session.onNotice((severity, message) => notices.push(`${severity}: ${message}`));
    const start = performance.now();
    const results = await session.run(script);
    return { results, notices, milliseconds: performance.now() - start, rolledBack: rollBack };
  };
  refuse(script, rollBack);
  return rollBack ? rolledBack({ server, database, signal }, run) : withSession(server, database, optionsOf(signal), run);
}

/**
 * Runs a script as one transaction, lends the session in it, and rolls it back. One transaction around the whole of the script is
 * taken for that. Throws like `runScript`.
 */
export async function tryScript<T>(place: ScriptPlace, script: string, work: (session: Session) => Promise<T>): Promise<T> {
  const inner = withoutTransaction(script);
  refuse(inner, true);
  return rolledBack(place, async (session) => {
    await session.run(inner);
    return work(session);
  });
}

interface ScriptPlace {
  readonly server: PostgresServer;
  readonly database: string;
  readonly signal: AbortSignal | undefined;
}

async function rolledBack<T>({ server, database, signal }: ScriptPlace, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(server, database, optionsOf(signal), async (session) => {
    // Should anything get past our look at the script, it finds every other transaction of this session read-only.
    await session.execute('SET default_transaction_read_only = on; SET standard_conforming_strings = on');
    await session.execute('BEGIN READ WRITE');
    const result = await work(session);
    await session.execute('ROLLBACK');
    return result;
  });
}

function optionsOf(signal: AbortSignal | undefined): SessionOptions {
  return { applicationName: `${applicationNamePrefix} sql`, ...(signal === undefined ? {} : { signal }) };
}

function refuse(script: string, rollBack: boolean): void {
  const forPsql = firstForPsql(script);
  if (forPsql !== undefined) {
    throw new Failure(
      'SQL_FOR_PSQL',
      `Line ${forPsql} is for psql: a command that begins with a backslash, or rows for COPY.`,
      'Run it in psql; "Open psql" starts one in the container.',
    );
  }
  const ends = rollBack ? firstUnrollable(script) : undefined;
  if (ends !== undefined) {
    throw new Failure(
      'SQL_NOT_REVERSIBLE',
      `The statement on line ${ends} begins or ends a transaction, or cannot be rolled back.`,
      'Nothing was run. Take it out, or run the script without rolling it back.',
    );
  }
}
