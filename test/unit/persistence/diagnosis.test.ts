import assert from 'node:assert/strict';
import { diagnose, type DiagnosisFacts, type FoundCluster } from '../../../src/persistence/diagnose/diagnosis';

const volume = { kind: 'named', name: 'shop_data', destination: '/var/lib/postgresql/data', dataDirectory: '/var/lib/postgresql/data' } as const;
const own: FoundCluster = {
  volume: 'shop_data',
  kind: 'named',
  folder: '',
  major: 17,
  changedAt: '2026-11-25T10:00:00.000Z',
  sizeBytes: 1e6,
  databases: [],
  usedBy: ['shop-db-1'],
  present: true,
};
const other: FoundCluster = {
  ...own,
  volume: 'store_data',
  changedAt: '2026-11-20T10:00:00.000Z',
  databases: [{ name: 'shop', sizeBytes: 1e6 }],
  usedBy: [],
  present: false,
};
const backup = { file: 'shop.dump', database: 'shop', finishedAt: '2026-11-19T03:00:00.000Z', verified: 'read' };

function ways(facts: Partial<DiagnosisFacts>): readonly string[] {
  const found = diagnose({ project: 'shop', service: 'db', database: 'shop', volume, major: 17, presentDatabases: [], clusters: [own], backups: [], ...facts });
  return found.waysBack.map((way) =>
    way.kind === 'useVolume' ? `${way.fits ? 'fits' : 'by hand'} ${way.volume}: ${way.steps.length}` : `restore ${way.file}`,
  );
}

describe('diagnose', () => {
  it('has no way back where there is neither another cluster nor a backup', () => assert.deepEqual(ways({}), []));
  it('puts clusters that hold the database before backups, and those that do not after them', () => {
    const stranger = { ...other, volume: 'strange', databases: [{ name: 'blog', sizeBytes: 1 }], changedAt: '2026-11-24T00:00:00.000Z' };
    const unread = { ...other, volume: 'unread', changedAt: '2026-11-01T00:00:00.000Z' };
    const { databases: _, ...unopened } = unread;
    assert.deepEqual(ways({ clusters: [own, stranger, unopened, other], backups: [backup] }), [
      'fits store_data: 3',
      'restore shop.dump',
      'fits unread: 3',
      'fits strange: 3',
    ]);
  });
  it('offers no copy of another major, of one that is in use, and of one of several', () => {
    assert.deepEqual(ways({ clusters: [own, { ...other, major: 16 }] }), ['by hand store_data: 4']);
    assert.deepEqual(ways({ clusters: [own, { ...other, usedBy: ['old-db'] }] }), ['by hand store_data: 4']);
    assert.deepEqual(ways({ clusters: [own, other, { ...other, folder: 'old' }] }), ['by hand store_data: 3', 'by hand store_data: 4']);
  });
  it('says what is lost with the container', () => {
    const { checks } = diagnose({
      project: 'shop',
      service: 'db',
      database: 'shop',
      volume: { kind: 'anonymous', dataDirectory: '/data' },
      clusters: [],
      backups: [],
    });
    assert.deepEqual(
      checks.map(({ id, state }) => `${id} ${state}`),
      ['volume bad', 'cluster bad', 'database unknown', 'otherClusters unknown', 'backups bad'],
    );
  });
});
