import { Failure } from '../protocol/failure';
import type { PostgresServer } from './server';
import { applicationNamePrefix, withSession, type StatementResult } from './session';
import { firstForPsql, firstUnrollable } from './sqlScript';

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
  refuse(script, rollBack);
  const options = { applicationName: `${applicationNamePrefix} sql`, ...(signal === undefined ? {} : { signal }) };
  return withSession(server, database, options, async (session) => {
    const notices: string[] = [];
    session.onNotice((severity, message) => notices.push(`${severity}: ${message}`));
    // Should anything get past our look at the script, it finds every other transaction of this session read-only.
    if (rollBack) await session.execute('SET default_transaction_read_only = on; SET standard_conforming_strings = on');
    if (rollBack) await session.execute('BEGIN READ WRITE');
    const start = performance.now();
    const results = await session.run(script);
    const milliseconds = performance.now() - start;
    if (rollBack) await session.execute('ROLLBACK');
    return { results, notices, milliseconds, rolledBack: rollBack };
  });
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
