import type { TableFigures } from '../protocol/statistics';

/** Gives partitioned tables, which have nothing of their own, what their partitions have together. */
export function withPartitions(tables: readonly TableFigures[]): readonly TableFigures[] {
  const children = new Map<number, TableFigures[]>();
  for (const table of tables) {
    if (table.parent === null) continue;
    const siblings = children.get(table.parent);
    if (siblings === undefined) children.set(table.parent, [table]);
    else siblings.push(table);
  }
  const total = (table: TableFigures): TableFigures => {
    if (table.kind !== 'partitioned table') return table;
    const parts = (children.get(table.oid) ?? []).map(total);
    const sum = (figure: (part: TableFigures) => number): number => parts.reduce((before, part) => before + figure(part), 0);
    const known = (figure: (part: TableFigures) => number | null): number | null =>
      parts.some((part) => figure(part) !== null) ? sum((part) => figure(part) ?? 0) : null;
    return {
      ...table,
      rows: known(({ rows }) => rows),
      totalBytes: sum(({ totalBytes }) => totalBytes),
      heapBytes: sum(({ heapBytes }) => heapBytes),
      indexBytes: sum(({ indexBytes }) => indexBytes),
      toastBytes: sum(({ toastBytes }) => toastBytes),
      deadRows: sum(({ deadRows }) => deadRows),
      bloatBytes: known(({ bloatBytes }) => bloatBytes),
      sequentialScans: sum(({ sequentialScans }) => sequentialScans),
      indexScans: sum(({ indexScans }) => indexScans),
      isLocked: parts.some(({ isLocked }) => isLocked),
    };
  };
  return tables.map(total);
}

/** Those that count once: partitions do so with the table that they are parts of. */
export function withoutPartitions(tables: readonly TableFigures[]): readonly TableFigures[] {
  return tables.filter(({ parent }) => parent === null);
}
