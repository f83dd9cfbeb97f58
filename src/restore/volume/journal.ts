import * as z from 'zod';

const containerSchema = z.object({ id: z.string(), name: z.string() });

/** What must be known of a restore of a data directory to finish it or to roll it back after a crash. */
export const volumeEntrySchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  container: containerSchema,
  /** Of the server; what helping containers are made of. */
  image: z.string(),
  dataDirectory: z.string(),
  port: z.number(),
  /** The volume that takes what is replaced, and its labels. */
  undo: z.string(),
  undoLabels: z.record(z.string(), z.string()),
  /** An undo volume that is put back, and not needed afterwards. */
  spent: z.string().optional(),
  /**
   * `preparing`: what is to come is being laid beside the data, which the server still uses. `stopping`: the services may be
   * stopped. `exchanging`: the entries of the two are being renamed; both are whole, if not in their places. `exchanged`: the
   * new data are in place, the old ones lie beside them until the undo volume has them. `returning`: the exchange is being
   * taken back.
   */
  phase: z.enum(['preparing', 'stopping', 'exchanging', 'exchanged', 'returning']),
  /** Whether the server ran before, and is to run again. */
  ran: z.boolean(),
  /** Dependents that ran, in the order in which they start. */
  dependents: z.array(containerSchema),
  /** Who does it; nobody else touches it while that process lives. */
  process: z.object({ host: z.string(), pid: z.number() }),
  since: z.iso.datetime(),
});

export type VolumeEntry = Readonly<z.infer<typeof volumeEntrySchema>>;
