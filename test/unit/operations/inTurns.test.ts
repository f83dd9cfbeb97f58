import assert from 'node:assert/strict';
import { inSlices } from '../../../src/operations/inSlices';
import { inTurns } from '../../../src/operations/inTurns';

describe('inTurns', () => {
  it('does so many at once and no more, and keeps the order', async () => {
    let busy = 0;
    let most = 0;
    const results = await inTurns([3, 1, 2, 0, 5], 2, async (item) => {
      busy += 1;
      most = Math.max(most, busy);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      busy -= 1;
      return item * 10;
    });
    assert.deepEqual(results, [30, 10, 20, 0, 50]);
    assert.equal(most, 2);
  });

  it('does nothing for nothing, and throws the first error', async () => {
    assert.deepEqual(await inTurns([], 3, () => Promise.reject(new Error('never'))), []);
    await assert.rejects(
      inTurns([1, 2], 1, (item) => Promise.reject(new Error(String(item)))),
      /1/,
    );
  });
});

describe('inSlices', () => {
  it('keeps the order, and lets others work in between', async () => {
    let others = 0;
    const ticking = setInterval(() => (others += 1), 1);
    const busyFor = (milliseconds: number): void => {
      for (const end = performance.now() + milliseconds; performance.now() < end;);
    };
    const results = await inSlices([1, 2, 3, 4, 5], (item) => (busyFor(9), item));
    clearInterval(ticking);
    assert.deepEqual(results, [1, 2, 3, 4, 5]);
    assert.ok(others >= 3, String(others));
  });
});
