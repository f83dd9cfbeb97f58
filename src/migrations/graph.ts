import type { Revision } from './model';

/** Revisions from the first to the last, each after all that it needs, otherwise in the given order. What is in a circle comes last. */
export function inOrder(revisions: readonly Revision[]): readonly Revision[] {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const needs = (revision: Revision): readonly string[] => [...new Set([...revision.parents, ...revision.dependsOn])].filter((id) => byId.has(id));
  const missing = new Map(revisions.map((revision) => [revision.id, needs(revision).length]));
  const followers = new Map<string, Revision[]>();
  for (const revision of byId.values()) for (const id of needs(revision)) followers.set(id, [...(followers.get(id) ?? []), revision]);
  const order: Revision[] = [...byId.values()].filter(({ id }) => missing.get(id) === 0);
  for (let index = 0; index < order.length; index += 1) {
    for (const follower of followers.get(order[index]?.id ?? '') ?? []) {
      const left = (missing.get(follower.id) ?? 0) - 1;
      missing.set(follower.id, left);
      if (left === 0) order.push(follower);
    }
  }
  const placed = new Set(order);
  return [...order, ...[...byId.values()].filter((revision) => !placed.has(revision))];
}

/** The revisions that no other one follows. */
export function headsOf(revisions: readonly Revision[]): readonly string[] {
  const followed = new Set(revisions.flatMap(({ parents }) => parents));
  return revisions.map(({ id }) => id).filter((id) => !followed.has(id));
}

/** These revisions, and all that had to be applied before them. */
export function closureOf(ids: readonly string[], revisions: readonly Revision[]): ReadonlySet<string> {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const found = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const revision = byId.get(id);
    if (revision === undefined || found.has(id)) continue;
    found.add(id);
    open.push(...revision.parents, ...revision.dependsOn);
  }
  return found;
}

/** Revisions that follow one another in the given order, as those of tools without a graph do. */
export function inLine(revisions: readonly Omit<Revision, 'parents' | 'dependsOn' | 'labels'>[]): readonly Revision[] {
  return revisions.map((revision, index) => ({
    ...revision,
    parents: index === 0 ? [] : [revisions[index - 1]?.id ?? ''],
    dependsOn: [],
    labels: [],
  }));
}
