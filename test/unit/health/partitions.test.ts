import assert from 'node:assert/strict';
import { withoutPartitions, withPartitions } from '../../../src/health/partitions';
import { table } from './tables';

const empty = { totalBytes: 0, heapBytes: 0, indexBytes: 0, toastBytes: 0, rows: null, deadRows: 0, bloatBytes: null, sequentialScans: 0, indexScans: 0 };

describe('withPartitions', () => {
  it('gives a partitioned table what its parts have, and theirs', () => {
    const tables = withPartitions([
      table({ oid: 1, kind: 'partitioned table', ...empty }),
      table({ oid: 2, kind: 'partition', parent: 1 }),
      table({ oid: 3, kind: 'partitioned table', parent: 1, ...empty }),
      table({ oid: 4, kind: 'partition', parent: 3, rows: null, bloatBytes: null, isLocked: true }),
      table({ oid: 5, kind: 'partition', parent: 3 }),
    ]);
    const { oid, totalBytes, heapBytes, rows, bloatBytes, deadRows, indexScans, isLocked } = tables[0] ?? table({ oid: 0 });
    assert.deepEqual(
      { oid, totalBytes, heapBytes, rows, bloatBytes, deadRows, indexScans, isLocked },
      { oid: 1, totalBytes: 300, heapBytes: 180, rows: 20, bloatBytes: 10, deadRows: 3, indexScans: 9, isLocked: true },
    );
    assert.equal(tables[2]?.totalBytes, 200);
    assert.deepEqual(
      withoutPartitions(tables).map((each) => each.oid),
      [1],
    );
  });

  it('leaves unknown what nobody knows', () => {
    const [parent] = withPartitions([table({ oid: 1, kind: 'partitioned table', ...empty }), table({ oid: 2, parent: 1, rows: null, bloatBytes: null })]);
    assert.deepEqual([parent?.rows, parent?.bloatBytes], [null, null]);
  });
});
