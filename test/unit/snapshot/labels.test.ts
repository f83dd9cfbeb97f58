import assert from 'node:assert/strict';
import { checkLabel, defaultLabel, findSnapshot, newestFirst } from '../../../src/snapshot/labels';
import { superfluous } from '../../../src/snapshot/retention';
import { rejectsWith } from '../operations/rejectsWith';
import { snapshotOf } from './snapshotParts';

const now = new Date('2026-11-25T10:02:07.443Z');

describe('defaultLabel', () => {
  it('is the branch, else the time, and never one that is taken', () => {
    assert.equal(defaultLabel(now, undefined, []), '20261125_100207');
    assert.equal(defaultLabel(now, 'feature/x', []), 'feature/x');
    assert.equal(defaultLabel(now, 'main', [snapshotOf('main'), snapshotOf('main-2')]), 'main-3');
    const long = 'b'.repeat(200);
    assert.equal(checkLabel(defaultLabel(now, long, []), []), 'b'.repeat(76));
  });
});

describe('checkLabel', () => {
  it('takes any one line, without the space around it', () => assert.equal(checkLabel('  vor dem Umbau 🦊 ', []), 'vor dem Umbau 🦊'));
  for (const bad of ['', '   ', 'a\nb', 'a\u0007', 'x'.repeat(81)]) {
    it(`refuses ${JSON.stringify(bad)}`, () => rejectsWith('SNAPSHOT_NAME', () => checkLabel(bad, [])));
  }
  it('refuses what is taken', () => rejectsWith('SNAPSHOT_EXISTS', () => checkLabel(' main', [snapshotOf('main')])));
});

describe('findSnapshot', () => {
  const all = [snapshotOf('a', 1), snapshotOf('cdb_snapshot_a', 2), snapshotOf('b', 3, { of: 'other' })];
  it('goes by what the user calls it, then by its name in the cluster, and stays with its database', async () => {
    assert.equal(findSnapshot(all, 'app', 'a').takenAt, all[0]?.takenAt);
    assert.equal(findSnapshot(all, 'app', 'cdb_snapshot_a').label, 'cdb_snapshot_a');
    assert.equal(findSnapshot(all, 'app', 'cdb_snapshot_cdb_snapshot_a').label, 'cdb_snapshot_a');
    await rejectsWith('SNAPSHOT_MISSING', () => findSnapshot(all, 'app', 'b'));
  });
});

describe('superfluous', () => {
  const all = [snapshotOf('old', 1), snapshotOf('new', 3), snapshotOf('middle', 2)];
  const goes = (keep: number): readonly string[] => superfluous(all, keep).map(({ label }) => label);
  it('makes room for one more by the oldest, and keeps all when nothing is said', () => {
    assert.deepEqual(goes(0), []);
    assert.deepEqual(goes(-1), []);
    assert.deepEqual(goes(1), ['new', 'middle', 'old']);
    assert.deepEqual(goes(3), ['old']);
    assert.deepEqual(goes(4), []);
    assert.deepEqual(
      newestFirst(all).map(({ label }) => label),
      ['new', 'middle', 'old'],
    );
  });
});
