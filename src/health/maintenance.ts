import type { Session } from '../postgres/session';
import { identifier } from '../postgres/quote';
import { readTableName } from './statistics';

/** Has Postgres look at a table again, or give room back to it. Throws `TABLE_MISSING`, and what a session throws. */
export async function maintain(session: Session, action: 'analyze' | 'vacuum', oid: number): Promise<void> {
  const { sql } = await readTableName(session, oid);
  await session.execute(action === 'analyze' ? `ANALYZE ${sql}` : `VACUUM (ANALYZE) ${sql}`);
}

/** A statement that shows the first rows of a table with all columns named. Throws `TABLE_MISSING`, and what a session throws. */
export async function selectStatement(session: Session, oid: number): Promise<string> {
  const { sql } = await readTableName(session, oid);
  const columns = await session.query<{ name: string }>(
    'SELECT attname AS name FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [oid],
  );
  return `SELECT ${columns.map(({ name }) => identifier(name)).join(', ')}\nFROM ${sql}\nLIMIT 100;`;
}
