import type { SnapshotDatabase } from '../inventory/model';
import { newestFirst } from './labels';

/** Which snapshots of a database are too many once one more is there, when so many are to stay; 0 keeps all. */
export function superfluous(snapshots: readonly SnapshotDatabase[], keep: number): readonly SnapshotDatabase[] {
  return keep <= 0 ? [] : newestFirst(snapshots).slice(keep - 1);
}
