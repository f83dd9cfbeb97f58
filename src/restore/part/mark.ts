import { identifier, literal } from '../../postgres/quote';
import { Failure } from '../../protocol/failure';
import { applicationNamePrefix, type Session } from '../../postgres/session';

const mark = 'rows restored at ';
/** Milliseconds for which a mark is kept for the journal that needs it, which may be that of another host. */
const markLifetime = 24 * 60 * 60 * 1000;

/** Marks a scratch database whose rows are in the live one; run in the transaction that puts them there. */
export function markStatement(scratch: string, now: Date): string {
  return `COMMENT ON DATABASE ${identifier(scratch)} IS ${literal(`${mark}${now.toISOString()}`)}`;
}

/** Whether the comment of a scratch database is that mark. */
export function isMark(comment: string | null | undefined): boolean {
  return comment?.startsWith(mark) === true;
}

/** Whether a scratch database may still tell somebody whether its rows are in. */
export function isWanted(comment: string | null, now: Date): boolean {
  return comment !== null && isMark(comment) && now.getTime() - Date.parse(comment.slice(mark.length)) < markLifetime;
}

/** The name by which the sessions of one restore are known. */
export function sessionsName(id: string): string {
  return `${applicationNamePrefix}:${id.slice(0, 8)}`;
}

/** Ends the sessions of one restore and waits until they are gone. Throws `SESSIONS_LEFT` after 30 s: what they do is not known then. */
export async function endSessionsOf(session: Session, id: string): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const left = await session.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()', [
      sessionsName(id),
    ]);
    if (left.length === 0) return;
  }
  throw new Failure('SESSIONS_LEFT', 'Sessions of an interrupted restore cannot be ended.', 'It is tidied up at the next start.');
}
