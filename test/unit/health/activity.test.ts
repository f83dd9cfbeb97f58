import assert from 'node:assert/strict';
import { blockingTrees } from '../../../src/health/activity';
import { rateBetween, withRate } from '../../../webview-ui/activity/rates';

function trees(blocked: Readonly<Record<number, readonly number[]>>): unknown {
  return blockingTrees(Object.entries(blocked).map(([pid, blockedBy]) => ({ pid: Number(pid), blockedBy })));
}

describe('blockingTrees', () => {
  it('puts who waits beneath who blocks', () => {
    assert.deepEqual(trees({ 1: [], 2: [1], 3: [2], 4: [1], 5: [] }), [
      {
        pid: 1,
        waiters: [
          { pid: 2, waiters: [{ pid: 3, waiters: [] }] },
          { pid: 4, waiters: [] },
        ],
      },
    ]);
  });

  it('shows a session beneath each that it waits for', () => {
    assert.deepEqual(trees({ 1: [], 2: [], 3: [1, 2] }), [
      { pid: 1, waiters: [{ pid: 3, waiters: [] }] },
      { pid: 2, waiters: [{ pid: 3, waiters: [] }] },
    ]);
  });

  it('comes to an end in a deadlock', () => {
    assert.deepEqual(trees({ 1: [2], 2: [1], 3: [1] }), [{ pid: 2, waiters: [{ pid: 1, waiters: [{ pid: 3, waiters: [] }] }] }]);
  });

  it('shows nothing where nobody waits', () => {
    assert.deepEqual(trees({ 1: [], 2: [] }), []);
  });
});

describe('rateBetween', () => {
  const counters = { at: 1000, commits: 10, rollbacks: 1, blocksHit: 90, blocksRead: 10, rowsRead: 0, rowsWritten: 0, deadlocks: 0 };

  it('gives what happened per second', () => {
    const rate = rateBetween(counters, { ...counters, at: 3000, commits: 19, rollbacks: 2, blocksHit: 120, blocksRead: 20 });
    assert.deepEqual(rate, { at: 3000, transactions: 5, hits: 0.75 });
  });

  it('gives none where the counters were reset, and no share where nothing was read', () => {
    assert.equal(rateBetween(counters, { ...counters, at: 3000, commits: 0 }), undefined);
    assert.equal(rateBetween(counters, { ...counters, at: 3000 })?.hits, undefined);
  });

  it('keeps the newest', () => {
    let rates = withRate([], undefined);
    for (let at = 1; at <= 200; at += 1) rates = withRate(rates, { at, transactions: 0, hits: undefined });
    assert.deepEqual([rates.length, rates.at(-1)?.at], [120, 200]);
  });
});
