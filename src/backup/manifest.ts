import * as z from 'zod';
import { Failure } from '../protocol/failure';

/** The version of the manifest that this code writes, and the newest that it understands. */
export const manifestVersion = 1;

const rowCounts = z.record(z.string(), z.number().int().nonnegative());

const manifestSchema = z.object({
  schemaVersion: z.literal(manifestVersion),
  id: z.string(),
  project: z.string(),
  service: z.string(),
  database: z.string(),
  endpoint: z.string(),
  image: z.string(),
  imageDigest: z.string().optional(),
  serverVersion: z.string(),
  toolVersion: z.string(),
  properties: z.object({
    owner: z.string(),
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    provider: z.string(),
    locale: z.string().nullable(),
    collationVersion: z.string().nullable(),
  }),
  format: z.literal('custom'),
  scope: z.literal('full'),
  compression: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  sizeBytes: z.number().int().positive(),
  /** Of the database when it was dumped; what a restore will need about. */
  databaseSizeBytes: z.number().int().nonnegative(),
  /** Counted in the dump's own snapshot. A table that could not be counted is left out. */
  rows: rowCounts,
  migrationRevision: z.string().optional(),
  git: z.object({ branch: z.string().optional(), commit: z.string() }).optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  encryption: z.literal('none'),
  verified: z.enum(['none', 'hash', 'read', 'restored']),
  /** Why it was made: by the user, or before something destructive. */
  reason: z.enum(['manual', 'safety']),
});

/** What is known of a backup, kept beside it. Holds no password. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

/** How far a backup is proven: nothing, the file is what was written, it reads whole, it was restored. */
export type Verification = Manifest['verified'];

/** Reads a manifest. Throws `MANIFEST_NEWER` or `MANIFEST_DAMAGED`; what is not understood is not guessed at. */
export function readManifest(text: string): Manifest {
  const damaged = (cause: unknown): Failure =>
    new Failure('MANIFEST_DAMAGED', 'The manifest of the backup cannot be read.', 'The backup itself may be whole: verify it.', cause);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(error);
  }
  const version = z.object({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion > manifestVersion) {
    throw new Failure('MANIFEST_NEWER', 'The backup was made by a newer version of Container Databases.', 'Update the extension, then try again.');
  }
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success) throw damaged(manifest.error);
  return manifest.data;
}

/** A manifest as the text of its file. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
