import assert from 'node:assert/strict';
import { inOrder } from '../../../src/migrations/graph';
import { laneCount, layoutGraph } from '../../../src/migrations/layout';
import type { Revision } from '../../../src/migrations/model';

const revision = (id: string, parents: readonly string[], dependsOn: readonly string[] = []): Revision => ({
  id,
  name: id,
  file: `${id}.py`,
  parents,
  dependsOn,
  labels: [],
});

/** Rows as text: the lane of each revision, and where its lines go. */
function drawn(revisions: readonly Revision[]): readonly string[] {
  return layoutGraph(inOrder(revisions)).map(({ revision: { id }, lane, lines }) =>
    `${id}@${lane} ${lines.map(({ from, to, isDependency }) => `${from}${isDependency ? '~' : '-'}${to}`).join(' ')}`.trim(),
  );
}

describe('the graph of revisions', () => {
  it('is one lane for a line', () => {
    assert.deepEqual(drawn([revision('c', ['b']), revision('a', []), revision('b', ['a'])]), ['c@0 0-0', 'b@0 0-0', 'a@0']);
  });

  it('has a lane for each branch, which ends where it began', () => {
    const rows = drawn([revision('a', []), revision('b', ['a']), revision('c', ['a']), revision('m', ['b', 'c'])]);
    assert.deepEqual(rows, ['m@0 0-0 0-1', 'c@1 0-0 1-1', 'b@0 1-1 0-1', 'a@1']);
  });

  it('keeps heads apart, and frees lanes for others', () => {
    const revisions = [revision('a', []), revision('b', []), revision('c', ['a']), revision('d', ['b'])];
    assert.equal(laneCount(layoutGraph(inOrder(revisions))), 2);
  });

  it('shows what only has to be applied before', () => {
    assert.deepEqual(drawn([revision('a', []), revision('x', [], ['a'])]), ['x@0 0~0', 'a@0']);
  });

  it('survives a circle and a missing parent', () => {
    assert.equal(drawn([revision('a', ['b']), revision('b', ['a']), revision('c', ['gone'])]).length, 3);
  });
});
