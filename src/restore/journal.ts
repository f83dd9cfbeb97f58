import * as z from 'zod';
import { EntryStore } from '../operations/entryStore';

const entrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  /** `undo` exchanges two databases that are both the user's; all others made their replacement themselves and may drop it. A `snapshot` exchanges nothing: its replacement takes the name `undo`. */
  kind: z.enum(['restore', 'undo', 'rollback', 'snapshot']),
  startedAt: z.iso.datetime(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  database: z.string(),
  /** The database that is to take the name. */
  replacement: z.string(),
  /** The name under which the present one is kept. */
  undo: z.string(),
  /** `preparing`: the live database is untouched. `swapping`: it may be closed or renamed. `swapped`: all but the tidying is done. */
  phase: z.enum(['preparing', 'swapping', 'swapped']),
  /** Dependents that ran and were stopped for this, in the order in which they start. */
  stopped: z.array(z.string()),
  /** A file put into the container. */
  upload: z.string().optional(),
});

/** What must be known of a restore to finish it or to roll it back after a crash. */
export type JournalEntry = Readonly<z.infer<typeof entrySchema>>;

/** Entries on disk, each written whole and flushed before the step that it announces. */
export class Journal extends EntryStore<JournalEntry> {
  constructor(folder: string) {
    super(folder, entrySchema);
  }
}
