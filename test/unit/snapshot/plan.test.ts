import assert from 'node:assert/strict';
import { isOwnDatabase } from '../../../src/inventory/undoName';
import { readSnapshotRecord, writeSnapshotRecord, type SnapshotRecord } from '../../../src/inventory/snapshotName';
import { describeRollBack, describeSnapshot, planRollBack, planSnapshot, type RollBackFacts, type SnapshotFacts } from '../../../src/snapshot/plan';
import { rejectsWith } from '../operations/rejectsWith';
import { snapshotOf } from './snapshotParts';

const facts: SnapshotFacts = {
  id: '1a2b3c4d-0000-4000-8000-000000000000',
  now: new Date('2026-11-25T10:00:00.000Z'),
  project: 'shop',
  service: 'db',
  database: 'app',
  serverMajor: 17,
  sizeBytes: 1_300_000_000,
  disk: { freeBytes: 9_000_000_000, fileSystem: 'xfs' },
  dependents: [
    { service: 'api', running: true },
    { service: 'idle', running: false },
  ],
  comment: 'mine',
  sessions: 2,
  preparedTransactions: 0,
  migrationRevision: 'abc',
  git: { branch: 'main', commit: 'c'.repeat(40) },
  snapshots: [snapshotOf('first', 1), snapshotOf('main', 2)],
  keep: 0,
};

describe('planSnapshot', () => {
  it('copies under a name that a later start sweeps, and keeps in the record what is to come back', () => {
    const plan = planSnapshot(facts);
    assert.deepEqual([plan.scratch, plan.snapshot, plan.strategy, plan.dependents], ['cdb_scratch_1a2b3c4d', 'cdb_snapshot_1a2b3c4d', 'FILE_COPY', ['api']]);
    assert.ok(isOwnDatabase(plan.scratch) && isOwnDatabase(plan.snapshot));
    assert.deepEqual(readSnapshotRecord(plan.snapshot, writeSnapshotRecord(plan.record)), {
      containerDatabases: 'snapshot',
      of: 'app',
      label: 'main-2',
      takenAt: '2026-11-25T10:00:00.000Z',
      comment: 'mine',
      migrationRevision: 'abc',
      git: facts.git,
    });
    assert.deepEqual(describeSnapshot(plan), [
      'End 2 sessions of "app"; new ones wait until it is copied',
      'Copy "app" (1.3 GB) inside the server, as "main-2"',
    ]);
  });

  it('says which older ones go', () => {
    const plan = planSnapshot({ ...facts, label: 'third', keep: 2 });
    assert.deepEqual(
      plan.superfluous.map(({ label }) => label),
      ['first'],
    );
    assert.match(describeSnapshot(plan).join('\n'), /Delete the snapshot "first"/);
  });

  it('refuses before anything is touched', async () => {
    await rejectsWith('DISK_FULL', () => planSnapshot({ ...facts, disk: { freeBytes: 1_200_000_000, fileSystem: 'ext2/ext3' } }));
    await rejectsWith('PREPARED_TRANSACTIONS', () => planSnapshot({ ...facts, preparedTransactions: 1 }));
    await rejectsWith('SNAPSHOT_EXISTS', () => planSnapshot({ ...facts, label: 'first' }));
    assert.equal(planSnapshot({ ...facts, serverMajor: 18, disk: { freeBytes: 500_000_000, fileSystem: 'xfs' } }).strategy, 'clone');
    assert.equal(planSnapshot({ ...facts, disk: { freeBytes: undefined, fileSystem: undefined } }).strategy, 'FILE_COPY');
  });
});

describe('planRollBack', () => {
  const record: SnapshotRecord = { containerDatabases: 'snapshot', of: 'app', label: 'first', takenAt: '2026-11-25T00:01:00.000Z', comment: 'was' };
  const back: RollBackFacts = { ...facts, snapshot: snapshotOf('first', 1), record, isPresent: true };

  it('keeps what is there for a day, and gives the comment of then', () => {
    const plan = planRollBack(back);
    assert.deepEqual([plan.undo, plan.comment, plan.expiresAt.toISOString()], ['cdb_undo_1a2b3c4d', 'was', '2026-11-26T10:00:00.000Z']);
    assert.deepEqual(describeRollBack(plan), [
      'Copy the snapshot "first" of 2026-11-25T00:01:00.000Z, which stays',
      'Stop api',
      'Exchange it with "app", which is kept for a day as undo',
      'Start api',
    ]);
  });

  it('makes a database anew that is gone', () => {
    const plan = planRollBack({ ...back, isPresent: false, dependents: [] });
    assert.equal(plan.undo, undefined);
    assert.equal(describeRollBack(plan).at(-1), 'Name the copy "app"');
  });

  it('refuses before anything is touched', async () => {
    await rejectsWith('DISK_FULL', () => planRollBack({ ...back, disk: { freeBytes: 10, fileSystem: undefined } }));
    await rejectsWith('PREPARED_TRANSACTIONS', () => planRollBack({ ...back, preparedTransactions: 2 }));
  });
});

describe('readSnapshotRecord', () => {
  const name = 'cdb_snapshot_1';
  const good = '{"containerDatabases":"snapshot","of":"app","label":"x","takenAt":"2026-11-25T00:01:00.000Z","comment":null}';
  it('reads its own', () => assert.equal(readSnapshotRecord(name, good)?.label, 'x'));
  for (const [title, of, comment] of [
    ['a database of another name', 'snapshot_1', good],
    ['no comment', name, null],
    ['no JSON', name, 'mine'],
    ['a changed time', name, good.replace('2026-11-25T00:01:00.000Z', 'yesterday')],
    ['the record of an undo', name, good.replace('"snapshot"', '"undo"')],
  ] as const) {
    it(`is not taken in by ${title}`, () => assert.equal(readSnapshotRecord(of, comment), undefined));
  }
});
