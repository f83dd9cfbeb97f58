import assert from 'node:assert/strict';
import { bytesNeeded, chooseStrategy } from '../../../src/snapshot/strategy';

describe('chooseStrategy', () => {
  const small = 10_000_000;
  const large = 1_300_000_000;
  for (const [major, size, fileSystem, expected] of [
    [13, small, 'xfs', 'only'],
    [14, large, 'btrfs', 'only'],
    [15, small, 'ext2/ext3', 'WAL_LOG'],
    [15, large, 'ext2/ext3', 'FILE_COPY'],
    [17, large, 'xfs', 'FILE_COPY'],
    [18, small, 'xfs', 'clone'],
    [18, large, 'btrfs', 'clone'],
    [18, large, 'zfs', 'FILE_COPY'],
    [18, large, undefined, 'FILE_COPY'],
    [18, small, 'overlayfs', 'WAL_LOG'],
  ] as const) {
    it(`takes ${expected} for ${size} bytes on ${fileSystem ?? 'an unknown file system'} with Postgres ${major}`, () =>
      assert.equal(chooseStrategy(major, size, fileSystem), expected));
  }

  it('reckons with the log, and with next to nothing for a clone', () => {
    assert.ok(bytesNeeded('WAL_LOG', large) >= 2 * large);
    assert.ok(bytesNeeded('FILE_COPY', large) >= large && bytesNeeded('FILE_COPY', large) < 1.1 * large);
    assert.ok(bytesNeeded('only', large) >= large);
    assert.ok(bytesNeeded('clone', large) < large / 10);
  });
});
