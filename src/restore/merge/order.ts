import type { ForeignKey } from '../part/readTables';

/** Tables in the order in which rows can be put into them. */
export interface TableOrder {
  /** Each after those that it refers to, as far as that can be. */
  readonly tables: readonly string[];
  /** Tables that refer to one another, so that none of them can be first; a table that refers to itself alone is none. */
  readonly circles: readonly (readonly string[])[];
}

/** Orders tables by the foreign keys between them; those that need nothing of one another stay as they were named. */
export function orderTables(tables: readonly string[], foreignKeys: readonly Pick<ForeignKey, 'child' | 'parent'>[]): TableOrder {
  const parents = new Map(tables.map((table) => [table, parentsOf(table, tables, foreignKeys)]));
  const reached = new Map(tables.map((table) => [table, reachedFrom(table, parents)]));
  const needs = (one: string, other: string): boolean => reached.get(one)?.has(other) === true;
  const ordered: string[] = [];
  const circles: (readonly string[])[] = [];
  const left = new Set(tables);
  while (left.size > 0) {
    // What is left and needs only itself, or what needs it as well, comes next.
    const next = [...left].find((table) => [...left].every((other) => other === table || !needs(table, other) || needs(other, table)));
    const group = [...left].filter((other) => other === next || (next !== undefined && needs(next, other) && needs(other, next)));
    if (group.length > 1) circles.push(group);
    ordered.push(...group);
    group.forEach((table) => left.delete(table));
  }
  return { tables: ordered, circles };
}

function parentsOf(table: string, tables: readonly string[], foreignKeys: readonly Pick<ForeignKey, 'child' | 'parent'>[]): readonly string[] {
  return foreignKeys.flatMap(({ child, parent }) => (child === table && parent !== table && tables.includes(parent) ? [parent] : []));
}

function reachedFrom(table: string, parents: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...(parents.get(table) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(parents.get(next) ?? []));
  }
  return reached;
}
