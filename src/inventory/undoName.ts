import * as z from 'zod';

/** How the databases begin that belong to this product; short, because a name has 63 bytes. */
export const scratchPrefix = 'cdb_scratch_';
export const undoPrefix = 'cdb_undo_';
export const snapshotPrefix = 'cdb_snapshot_';
export const sentinelPrefix = 'cdb_smoke_';

const undoComment = z.object({
  containerDatabases: z.literal('undo'),
  of: z.string(),
  replacedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** The comment that the database had and gets back. */
  comment: z.string().nullable(),
});

/** What an undo database must know of itself. Kept in its comment, so that it needs no file beside the cluster. */
export type UndoRecord = Readonly<z.infer<typeof undoComment>>;

export function writeUndoRecord(record: UndoRecord): string {
  return JSON.stringify(record);
}

/** Undefined for a database that is no undo, or whose comment somebody changed. */
export function readUndoRecord(name: string, comment: string | null): UndoRecord | undefined {
  if (!name.startsWith(undoPrefix) || comment === null) return undefined;
  try {
    return undoComment.parse(JSON.parse(comment));
  } catch {
    return undefined;
  }
}

/** Whether a database was made by this product; such a one is never shown as the user's. */
export function isOwnDatabase(name: string): boolean {
  return [scratchPrefix, undoPrefix, snapshotPrefix, sentinelPrefix].some((prefix) => name.startsWith(prefix));
}
