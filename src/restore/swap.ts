import { isOwnDatabase, writeUndoRecord, type UndoRecord } from '../inventory/undoName';
import { listDatabases } from '../postgres/catalogue';
import { identifier, literal } from '../postgres/quote';
import type { Session } from '../postgres/session';
import { asFailure, Failure } from '../protocol/failure';

/** Two databases that exchange names. */
export interface Swap {
  readonly database: string;
  readonly replacement: string;
  /** The name under which the present database is kept. */
  readonly undo: string;
  readonly replacedAt: Date;
  readonly expiresAt: Date;
  /** The comment that the database is to have afterwards. */
  readonly comment: string | null;
}

// Ours among advisory locks; the second key is the database. "cdb" in ASCII.
const lockClass = 0x636462;
/** Milliseconds for which clients that keep coming back are turned away before the swap is given up. */
const swapTimeout = 30_000;

/**
 * Claims a database for one restore or migration at a time, among all windows and hosts. The claim lives as long as the session.
 * Throws `RESTORE_RUNNING`.
 */
export async function claimDatabase(session: Session, database: string): Promise<void> {
  const [row] = await session.query<{ claimed: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS claimed', [lockClass, database]);
  if (row?.claimed === true) return;
  throw new Failure(
    'RESTORE_RUNNING',
    `Another restore, snapshot or migration of "${database}" is at work.`,
    'Wait until it has ended, in whichever window it runs.',
  );
}

/** Gives a claim up at once; with its session it would end a moment later, when the server has noticed. */
export async function releaseDatabase(session: Session, database: string): Promise<void> {
  await session.query('SELECT pg_advisory_unlock($1, hashtext($2))', [lockClass, database]);
}

/** Whether any restore is at work in the cluster, from any host. */
export async function isClaimed(session: Session): Promise<boolean> {
  const rows = await session.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND pid <> pg_backend_pid()", [lockClass]);
  return rows.length > 0;
}

/**
 * Gives the replacement the database's name and keeps the old one as undo, in one transaction: at every moment the name
 * stands for one whole database. Clients are kept out meanwhile, and let in again whatever happens.
 * Throws `DATABASE_IN_USE` when sessions cannot be ended in 30 s.
 */
export async function swapDatabases(session: Session, swap: Swap): Promise<void> {
  const { database, replacement } = swap;
  const present = (await listDatabases(session)).find(({ name }) => name === database);
  if (present === undefined) return rename(session, [swap.replacement, database], swap, undefined);
  await session.execute(`ALTER DATABASE ${identifier(database)} ALLOW_CONNECTIONS false`);
  try {
    for (const end = Date.now() + swapTimeout; ;) {
      try {
        await endSessions(session, [database, replacement]);
        return await rename(session, [replacement, database], swap, present);
      } catch (error) {
        if (asFailure(error).code !== 'DATABASE_IN_USE' || Date.now() > end) throw error;
      }
    }
  } catch (error) {
    await session.execute(`ALTER DATABASE ${identifier(database)} ALLOW_CONNECTIONS true`);
    throw error;
  }
}

async function rename(
  session: Session,
  [replacement, database]: readonly [string, string],
  swap: Swap,
  present: { readonly comment: string | null } | undefined,
): Promise<void> {
  const record: UndoRecord = {
    containerDatabases: 'undo',
    of: database,
    replacedAt: swap.replacedAt.toISOString(),
    expiresAt: swap.expiresAt.toISOString(),
    comment: present?.comment ?? null,
  };
  const keep = [
    `ALTER DATABASE ${identifier(database)} RENAME TO ${identifier(swap.undo)}`,
    `COMMENT ON DATABASE ${identifier(swap.undo)} IS ${literal(writeUndoRecord(record))}`,
  ];
  const statements = [
    ...(present === undefined ? [] : keep),
    `ALTER DATABASE ${identifier(replacement)} RENAME TO ${identifier(database)}`,
    `ALTER DATABASE ${identifier(database)} ALLOW_CONNECTIONS true`,
    `COMMENT ON DATABASE ${identifier(database)} IS ${swap.comment === null ? 'NULL' : literal(swap.comment)}`,
  ];
  await session.execute(`BEGIN; ${statements.join('; ')}; COMMIT`).catch(async (error: unknown) => {
    await session.execute('ROLLBACK');
    throw error;
  });
}

/** Ends every session of these databases but our own. */
async function endSessions(session: Session, databases: readonly string[]): Promise<void> {
  await session.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY ($1) AND pid <> pg_backend_pid()', [databases]);
}

/** Lets clients in again, if a crash left them locked out. */
export async function openDatabase(session: Session, database: string): Promise<void> {
  await session.execute(`ALTER DATABASE ${identifier(database)} ALLOW_CONNECTIONS true`);
}

/** Drops a database that this product made. Throws `NOT_OURS` for any other; a missing one is as good. */
export async function dropOwnDatabase(session: Session, name: string): Promise<void> {
  if (!isOwnDatabase(name))
    throw new Failure('NOT_OURS', `"${name}" was not made by Container Databases, so it is not dropped.`, 'Drop it yourself if it is not needed.');
  await session.execute(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`);
}
