import * as z from 'zod';
import { snapshotPrefix } from './undoName';

const snapshotComment = z.object({
  containerDatabases: z.literal('snapshot'),
  of: z.string(),
  /** What the user calls it. */
  label: z.string(),
  takenAt: z.iso.datetime(),
  /** The comment that the database had and gets back. */
  comment: z.string().nullable(),
  migrationRevision: z.string().optional(),
  git: z.object({ branch: z.string().optional(), commit: z.string() }).optional(),
});

/** What a snapshot must know of itself. Kept in its comment, so that it needs no file beside the cluster. */
export type SnapshotRecord = Readonly<z.infer<typeof snapshotComment>>;

export function writeSnapshotRecord(record: SnapshotRecord): string {
  return JSON.stringify(record);
}

/** Undefined for a database that is no snapshot, or whose comment somebody changed. */
export function readSnapshotRecord(name: string, comment: string | null): SnapshotRecord | undefined {
  if (!name.startsWith(snapshotPrefix) || comment === null) return undefined;
  try {
    return snapshotComment.parse(JSON.parse(comment));
  } catch {
    return undefined;
  }
}
