import { readProperties } from '../postgres/catalogue';
import type { Session } from '../postgres/session';
import { applySurroundings, readSurroundings } from '../postgres/surroundings';

/** Gives a database what is said of another from outside: its settings, also those for single roles, its connection limit and its privileges. */
export async function copyDatabaseSettings(session: Session, from: string, to: string): Promise<void> {
  const { owner } = await readProperties(session, to);
  await applySurroundings(session, to, owner, await readSurroundings(session, from));
}
