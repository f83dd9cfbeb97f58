import type { SnapshotDatabase } from '../inventory/model';
import { Failure } from '../protocol/failure';

/** The longest name that a snapshot may have, in characters; it stands in one row of the tree. */
const longest = 80;

/** A name for a snapshot that the user gave none: the branch, or the time; numbered where it is taken. */
export function defaultLabel(now: Date, branch: string | undefined, snapshots: readonly SnapshotDatabase[]): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .replace('T', '_');
  const base = (branch ?? stamp).slice(0, longest - 4);
  for (let number = 1; ; number += 1) {
    const label = number === 1 ? base : `${base}-${number}`;
    if (!snapshots.some((each) => each.label === label)) return label;
  }
}

/** The name as it is kept. Throws `SNAPSHOT_NAME` and `SNAPSHOT_EXISTS`. */
export function checkLabel(wished: string, snapshots: readonly SnapshotDatabase[]): string {
  const label = wished.trim();
  if (label === '' || label.length > longest || /\p{Cc}/u.test(label)) {
    throw new Failure('SNAPSHOT_NAME', `"${label}" cannot be the name of a snapshot.`, `Choose one line of at most ${longest} characters.`);
  }
  if (snapshots.some((each) => each.label === label)) {
    throw new Failure('SNAPSHOT_EXISTS', `There is a snapshot "${label}" already.`, 'Choose another name, or delete that one first.');
  }
  return label;
}

/** The snapshot of a database that a name means: what the user calls it, or its name in the cluster. Throws `SNAPSHOT_MISSING`. */
export function findSnapshot(snapshots: readonly SnapshotDatabase[], database: string, text: string): SnapshotDatabase {
  const own = newestFirst(snapshots.filter(({ of }) => of === database));
  const found = own.find(({ label }) => label === text) ?? own.find(({ name }) => name === text);
  if (found !== undefined) return found;
  const known = own
    .map(({ label }) => `"${label}"`)
    .slice(0, 10)
    .join(', ');
  throw new Failure('SNAPSHOT_MISSING', `"${database}" has no snapshot "${text}".`, known === '' ? 'Take one first.' : `It has ${known}.`);
}

/** Snapshots by age. */
export function newestFirst(snapshots: readonly SnapshotDatabase[]): readonly SnapshotDatabase[] {
  return snapshots.toSorted((a, b) => b.takenAt.localeCompare(a.takenAt));
}
