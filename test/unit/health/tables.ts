import type { TableFigures } from '../../../src/protocol/statistics';

/** A table with figures that tests need not care about. */
export function table(parts: Partial<TableFigures> & Pick<TableFigures, 'oid'>): TableFigures {
  return {
    schema: 'public',
    name: `t${parts.oid}`,
    kind: 'table',
    parent: null,
    rows: 10,
    totalBytes: 100,
    heapBytes: 60,
    indexBytes: 30,
    toastBytes: 10,
    deadRows: 1,
    bloatBytes: 5,
    sequentialScans: 2,
    indexScans: 3,
    vacuumedAt: null,
    analyzedAt: null,
    columns: 4,
    isLocked: false,
    ...parts,
  };
}
