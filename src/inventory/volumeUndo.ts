import * as z from 'zod';

/** On a volume that holds what a restore of a data directory replaced. */
export const volumeUndoLabel = 'container-databases.undo';

const recordSchema = z.object({
  containerDatabases: z.literal('undo'),
  project: z.string(),
  service: z.string(),
  /** The volume, or the folder of the engine's host, that held it. */
  of: z.string(),
  dataDirectory: z.string(),
  replacedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** What an undo volume must know of itself. Kept in a label, so that it needs no file beside it. */
export type VolumeUndoRecord = Readonly<z.infer<typeof recordSchema>>;

export function writeVolumeUndo(record: VolumeUndoRecord): string {
  return JSON.stringify(record);
}

/** Undefined for a volume that is no undo. */
export function readVolumeUndo(labels: Readonly<Record<string, string>>): VolumeUndoRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(labels[volumeUndoLabel] ?? ''));
  } catch {
    return undefined;
  }
}
