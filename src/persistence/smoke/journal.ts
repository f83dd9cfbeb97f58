import * as z from 'zod';
import { readConfiguration } from '../../engine/recreate';

const container = z.object({ id: z.string(), name: z.string() });

/**
 * What must be known of a test on the real service to leave that as it was after a crash; written before anything is stopped.
 * A configuration holds what the environment of the container holds, so its file is the user's alone.
 */
export const smokeEntrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  /** All that is needed to make the container again. */
  configuration: z.unknown().transform(readConfiguration),
  /** What ran, in the order in which it starts. */
  halted: z.array(container),
  /** The database of our own that is to go again. */
  sentinel: z.string(),
  process: z.object({ host: z.string(), pid: z.number() }),
  since: z.iso.datetime(),
});

export type SmokeEntry = Readonly<z.infer<typeof smokeEntrySchema>>;
