import type { SnapshotDatabase } from '../../../src/inventory/model';

/** A snapshot of `app`, so many minutes after midnight. */
export function snapshotOf(label: string, minute = 0, changes: Partial<SnapshotDatabase> = {}): SnapshotDatabase {
  const takenAt = new Date(Date.UTC(2026, 10, 25, 0, minute)).toISOString();
  return { name: `cdb_snapshot_${label}`, of: 'app', label, takenAt, sizeBytes: 58_000_000, ...changes };
}
