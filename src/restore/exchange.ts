import type { Engine } from '../engine/engine';
import { startServices, stopServices } from '../operations/dependents';
import type { Operation } from '../operations/operation';
import type { Session } from '../postgres/session';
import type { Journal, JournalEntry } from './journal';
import { swapDatabases, type Swap } from './swap';

export interface ExchangeTools {
  readonly engine: Engine;
  /** On another database than the two; holds the claim. */
  readonly session: Session;
  readonly journal: Journal;
}

/**
 * Stops the services that the entry names, exchanges the two databases, starts the services again and ends the entry.
 * Each step is noted before it is taken, so that a later start can finish it or take it back.
 */
export async function exchange(entry: JournalEntry, swap: Swap, { engine, session, journal }: ExchangeTools, operation: Operation): Promise<void> {
  const { project, stopped } = entry;
  await journal.write({ ...entry, phase: 'swapping' });
  if (stopped.length > 0) operation.report({ message: `Stopping ${stopped.join(', ')}` });
  await stopServices(engine, project, stopped);
  operation.report({ message: 'Exchanging the databases' });
  await swapDatabases(session, swap);
  await journal.write({ ...entry, phase: 'swapped' });
  if (stopped.length > 0) operation.report({ message: `Starting ${stopped.join(', ')}` });
  await startServices(engine, project, stopped);
  await journal.remove(entry.id);
}
