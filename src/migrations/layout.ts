import type { GraphLine } from '../protocol/migrationGraph';
import type { Revision } from './model';

/** Where a revision is drawn, and the lines from its row to the one below. */
export interface PlacedRevision {
  readonly revision: Revision;
  readonly lane: number;
  readonly lines: readonly GraphLine[];
}

/** A lane on its way down to a revision. */
interface Lane {
  readonly to: string;
  readonly isDependency: boolean;
}

/**
 * Draws revisions from the newest to the first, each in a lane. Takes them in the order in which they are applied. Lines
 * that lead to the same revision share a lane from where they meet; the time grows with the revisions times the lanes.
 */
export function layoutGraph(revisions: readonly Revision[]): readonly PlacedRevision[] {
  const known = new Set(revisions.map(({ id }) => id));
  const lanes: (Lane | undefined)[] = [];
  return revisions.toReversed().map((revision) => {
    const waiting = lanes.findIndex((each) => each?.to === revision.id);
    const lane = waiting >= 0 ? waiting : firstFree(lanes);
    lanes[lane] = undefined;
    const lines: GraphLine[] = lanes.flatMap((each, index) => (each === undefined ? [] : [{ from: index, to: index, isDependency: each.isDependency }]));
    for (const next of neededBy(revision, known)) {
      const same = lanes.findIndex((each) => each?.to === next.to);
      const to = same >= 0 ? same : lanes[lane] === undefined ? lane : firstFree(lanes);
      lanes[to] ??= next;
      lines.push({ from: lane, to, isDependency: next.isDependency });
    }
    return { revision, lane, lines };
  });
}

function neededBy({ parents, dependsOn }: Revision, known: ReadonlySet<string>): readonly Lane[] {
  const lanes = [...parents.map((to) => ({ to, isDependency: false })), ...dependsOn.map((to) => ({ to, isDependency: true }))];
  return lanes.filter(({ to }) => known.has(to));
}

function firstFree(lanes: readonly (Lane | undefined)[]): number {
  const index = lanes.indexOf(undefined);
  return index < 0 ? lanes.length : index;
}

/** How many lanes there are side by side. */
export function laneCount(rows: readonly PlacedRevision[]): number {
  return 1 + Math.max(0, ...rows.map(({ lane, lines }) => Math.max(lane, ...lines.map(({ from, to }) => Math.max(from, to)))));
}
