import assert from 'node:assert/strict';
import { rowsByDatabase } from '../../../../src/restore/volume/archive';
import { describeVolumePlan, planVolumeRestore, type VolumeRestoreFacts } from '../../../../src/restore/volume/plan';
import { Failure } from '../../../../src/protocol/failure';
import { manifestOf } from '../../backup/backupParts';

const gigabyte = 1e9;
const source = {
  kind: 'backup',
  backup: {
    file: '/b/shop_db_volume.tar.zst',
    sizeBytes: 5,
    finishedAt: new Date(0),
    manifest: manifestOf({ format: 'volume', serverVersion: '17.2', databaseSizeBytes: 2 * gigabyte }),
  },
} as const;
const facts: VolumeRestoreFacts = {
  id: '12345678-aaaa',
  now: new Date('2026-11-25T10:00:00Z'),
  project: 'shop',
  service: 'db',
  source,
  volume: { kind: 'named', name: 'shop_data', destination: '/data', dataDirectory: '/data' },
  major: 17,
  state: 'running',
  vanishes: false,
  nestedMounts: [],
  place: { major: 17, sizeBytes: gigabyte, freeBytes: { place: 100 * gigabyte, engine: 100 * gigabyte }, oneDisk: true, links: [] },
  others: [],
  dependents: ['shop-api-1', 'shop-worker-1'],
  copiesLive: true,
  skipSafetyBackup: false,
};

function codeOf(changes: Partial<VolumeRestoreFacts>): string | undefined {
  try {
    planVolumeRestore({ ...facts, ...changes });
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

describe('planVolumeRestore', () => {
  it('proves, backs up, lays beside, exchanges and keeps', () => {
    const plan = planVolumeRestore(facts);
    assert.deepEqual(describeVolumePlan(plan), [
      'unpack /b/shop_db_volume.tar.zst into a new volume, boot it in a throwaway container, and count every row',
      'back the volume up as it is now',
      'lay the new data (2.0 GB) beside the present ones',
      'stop shop-worker-1, shop-api-1, db',
      'exchange the data in shop_data, which keeps its name and labels',
      'start db, shop-api-1, shop-worker-1',
      'keep what was replaced (1.0 GB) in the volume cdb_undo_12345678 until 2026-11-26T10:00:00.000Z',
    ]);
  });

  it('starts nothing that did not run', () => {
    const kinds = planVolumeRestore({ ...facts, state: 'exited', copiesLive: false, dependents: [] }).steps.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['prove', 'lay beside', 'exchange', 'keep']);
  });

  const place = facts.place;
  const user = { id: '1', name: 'other', running: true, readOnly: false };
  const refusals: readonly (readonly [string, Partial<VolumeRestoreFacts>, string | undefined])[] = [
    ['data in memory', { volume: { kind: 'tmpfs', dataDirectory: '/data' } }, 'VOLUME_IMPOSSIBLE'],
    ['a container that vanishes', { vanishes: true }, 'VOLUME_IMPOSSIBLE'],
    ['a mount inside the data directory', { nestedMounts: ['/data/pg_wal'] }, 'VOLUME_IMPOSSIBLE'],
    ['a link out of it', { place: { ...place, links: ['./pg_wal'] } }, 'VOLUME_IMPOSSIBLE'],
    ['a paused container', { state: 'paused' }, 'VOLUME_UNSTEADY'],
    ['another major version', { major: 16 }, 'VOLUME_VERSION'],
    ['another container that runs on it', { others: [user] }, 'VOLUME_SHARED'],
    ['one that is stopped', { others: [{ ...user, running: false }] }, undefined],
    ['too little space', { place: { ...place, freeBytes: { place: 4 * gigabyte, engine: 4 * gigabyte } } }, 'CONTAINER_FULL'],
    ['enough of it', { place: { ...place, freeBytes: { place: 5 * gigabyte, engine: 5 * gigabyte } } }, undefined],
    ['a full disk of the engine', { place: { ...place, oneDisk: false, freeBytes: { place: 3 * gigabyte, engine: gigabyte } } }, 'CONTAINER_FULL'],
    ['space that cannot be told', { place: { ...place, freeBytes: { place: NaN, engine: NaN } } }, undefined],
  ];
  for (const [what, changes, code] of refusals) {
    it(`${code === undefined ? 'accepts' : 'refuses'} ${what}`, () => assert.equal(codeOf(changes), code));
  }
});

describe('rowsByDatabase', () => {
  it('takes names apart, also odd ones', () => {
    const rows = { '"app".public.users': 3, '"app".public."a.b"': 4, '"we""ird.x".public.t': 5 };
    assert.deepEqual(rowsByDatabase(rows), { app: { 'public.users': 3, 'public."a.b"': 4 }, 'we"ird.x': { 'public.t': 5 } });
  });
});
