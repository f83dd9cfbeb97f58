import type { Backup } from '../../../src/backup/catalogue';
import type { Manifest } from '../../../src/backup/manifest';
import type { DatabaseProperties } from '../../../src/postgres/catalogue';
import type { JournalEntry } from '../../../src/restore/journal';
import type { RestoreFacts, RestoreSource } from '../../../src/restore/facts';
import { manifestOf } from '../backup/backupParts';

export const properties: DatabaseProperties = {
  owner: 'app',
  encoding: 'UTF8',
  collate: 'en_US.utf8',
  ctype: 'en_US.utf8',
  provider: 'c',
  locale: null,
  collationVersion: '2.36',
};

export function backupOf(rest: Partial<Manifest> = {}): Backup {
  return { file: '/work/shop/backups/a.dump', sizeBytes: 1_000_000, finishedAt: new Date('2026-11-07T02:00:05Z'), manifest: manifestOf(rest) };
}

export function sourceOf(backup: Backup): RestoreSource {
  return { kind: 'backup', backup };
}

/** A restore over a database that exists, used by `api` and `worker`; `seed` has ended. */
export function factsOf(rest: Partial<RestoreFacts> = {}): RestoreFacts {
  return {
    id: '1a2b3c4d-0000-4000-8000-000000000000',
    now: new Date('2026-11-07T03:00:00Z'),
    source: sourceOf(backupOf()),
    dump: { form: { kind: 'archive', packing: 'none', cluster: false }, origin: {}, restricts: true },
    project: 'shop',
    service: 'db',
    database: 'app',
    present: { properties, sizeBytes: 10_000_000, comment: 'the shop' },
    serverMajor: 17,
    serverUser: 'postgres',
    roles: ['postgres', 'app'],
    processors: 4,
    freeBytes: 1e9,
    dependents: [
      { service: 'seed', running: false },
      { service: 'api', running: true },
      { service: 'worker', running: true },
    ],
    extensions: ['plpgsql', 'pgcrypto'],
    wishes: {},
    ...rest,
  };
}

export function entryOf(rest: Partial<JournalEntry> = {}): JournalEntry {
  return {
    schemaVersion: 1,
    id: '1a2b3c4d-0000-4000-8000-000000000000',
    kind: 'restore',
    startedAt: '2026-11-07T03:00:00.000Z',
    endpointId: 'here',
    project: 'shop',
    service: 'db',
    database: 'app',
    replacement: 'cdb_scratch_1a2b3c4d',
    undo: 'cdb_undo_1a2b3c4d',
    phase: 'preparing',
    stopped: [],
    ...rest,
  };
}
