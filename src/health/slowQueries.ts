import { identifier } from '../postgres/quote';
import type { Session } from '../postgres/session';
import { Failure } from '../protocol/failure';
import type { SlowQueries, SlowQuery } from '../protocol/activity';

const extension = 'pg_stat_statements';
const most = 50;

/** The queries that took the most time altogether, or why they cannot be told. Throws what a session throws. */
export async function readSlowQueries(session: Session): Promise<SlowQueries> {
  const [row] = await session.query<{ schema: string | null; available: boolean; libraries: string; source: string }>(
    `SELECT (SELECT n.nspname FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = $1) AS schema,
            EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = $1) AS available, setting AS libraries, source
     FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries'`,
    [extension],
  );
  const isLoaded = librariesIn(row?.libraries ?? '').includes(extension);
  const schema = row?.schema ?? undefined;
  if (isLoaded) return schema === undefined ? { state: 'loaded' } : { state: 'on', queries: await readQueries(session, schema) };
  if (row?.available !== true) return { state: 'missing' };
  return { state: row.source === 'command line' ? 'fixed' : 'off' };
}

async function readQueries(session: Session, schema: string): Promise<readonly SlowQuery[]> {
  return session.query<SlowQuery>(
    `SELECT left(s.query, 2000) AS query, s.calls, s.total_exec_time AS "totalMs", s.mean_exec_time AS "meanMs", s.max_exec_time AS "maxMs", s.rows
     FROM ${identifier(schema)}.pg_stat_statements AS s
     WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     ORDER BY s.total_exec_time DESC LIMIT ${most}`,
  );
}

/**
 * Has the library loaded at the next restart, besides what is loaded already. A server whose library is missing would not
 * start any more, so it must be there. Throws `SETTING_FIXED`, `EXTENSION_MISSING`, and what a session throws.
 */
export async function loadAtRestart(session: Session): Promise<void> {
  const { state } = await readSlowQueries(session);
  if (state === 'missing')
    throw new Failure('EXTENSION_MISSING', `The image has no ${extension}.`, 'Use an image with the contrib modules, such as the official one.');
  if (state === 'fixed') {
    const remedy = `Add ${extension} to shared_preload_libraries in the command of the service, and recreate the container.`;
    throw new Failure('SETTING_FIXED', 'The libraries of this server are set on its command line.', remedy);
  }
  if (state !== 'off') return;
  const [row] = await session.query<{ libraries: string }>("SELECT current_setting('shared_preload_libraries') AS libraries");
  const libraries = [...librariesIn(row?.libraries ?? ''), extension];
  await session.execute(`ALTER SYSTEM SET shared_preload_libraries = ${libraries.map(identifier).join(', ')}`);
}

/** Makes the view of the queries; the library must be loaded. Throws what a session throws. */
export async function createExtension(session: Session): Promise<void> {
  await session.execute(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
}

function librariesIn(setting: string): readonly string[] {
  return setting
    .split(',')
    .map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
    .filter((name) => name !== '');
}
