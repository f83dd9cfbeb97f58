import type { PostgresServer } from '../postgres/server';
import type { ExchangeTools } from '../restore/exchange';
import type { JournalEntry } from '../restore/journal';

/** What snapshots work with. The session is on another database, and holds the claim. */
export interface SnapshotTools extends ExchangeTools {
  readonly endpointId: string;
  readonly server: PostgresServer;
}

interface Planned {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly dependents: readonly string[];
}

/** The entry of the journal for work on a snapshot. */
export function entryFor(
  kind: 'snapshot' | 'rollback',
  { id, project, service, database, dependents }: Planned,
  endpointId: string,
  names: Pick<JournalEntry, 'replacement' | 'undo'>,
): JournalEntry {
  return {
    schemaVersion: 1,
    id,
    kind,
    startedAt: new Date().toISOString(),
    endpointId,
    project,
    service,
    database,
    ...names,
    // A snapshot has but one step that shows, its own renaming.
    phase: kind === 'snapshot' ? 'swapping' : 'preparing',
    stopped: [...dependents],
  };
}
