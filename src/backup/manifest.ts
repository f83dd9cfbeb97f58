import * as z from 'zod';
import { Failure } from '../protocol/failure';

/** The version of the manifest that this code writes, and the newest that it understands. */
export const manifestVersion = 2;

/** What `pg_dump` makes, and `volume`: a copy of the data directory. */
export const backupFormats = ['plain', 'custom', 'directory', 'volume'] as const;
export type BackupFormat = (typeof backupFormats)[number];

/** What of a database is in a backup; `tables` are chosen ones, with structure and rows. */
export const backupScopes = ['full', 'schema', 'data', 'tables'] as const;
export type BackupScope = (typeof backupScopes)[number];

/** By hand: a list of many backups has tens of thousands of tables, and a record of `zod` takes ten times as long. */
const rowCounts = z.custom<Record<string, number>>(
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((count) => Number.isSafeInteger(count) && count >= 0),
);

const checksum = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  /** Version 1 knew one format and one scope, and no more than that; all else is the same. */
  schemaVersion: z.literal([1, manifestVersion]),
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
  /** What is said of the database from outside, as far as it is no secret. Absent in older ones, and of copies of a volume, which hold it. */
  surroundings: z
    .object({
      comment: z.string().nullable(),
      connectionLimit: z.number().int(),
      grants: z.array(z.object({ grantor: z.string(), grantee: z.string().nullable(), privilege: z.string(), grantable: z.boolean() })).nullable(),
      settings: z.array(z.object({ role: z.string().nullable(), setting: z.string() })),
    })
    .optional(),
  format: z.enum(backupFormats),
  scope: z.enum(backupScopes),
  /** Of the scope `tables`: qualified names, quoted as SQL wants them. */
  tables: z.array(z.string()).optional(),
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
  sha256: checksum,
  encryption: z.enum(['none', 'age-passphrase', 'age-recipients']),
  /** What is inside the encryption; absent where there is none. */
  content: z.object({ sizeBytes: z.number().int().positive(), sha256: checksum }).optional(),
  /** Of the file with the roles of the server that lies beside a full backup. */
  rolesSha256: checksum.optional(),
  /** Places that hold a copy, as the settings write them, without credentials. */
  offsite: z.array(z.object({ location: z.string(), copiedAt: z.iso.datetime() })).optional(),
  /** What was worth a remark when it was made, such as a size unlike the last one's. */
  remarks: z.array(z.string()).optional(),
  /** Of a copy of a named volume: what it takes to make the same one again, so that Compose takes it for its own. */
  volume: z
    .object({
      name: z.string(),
      labels: z.record(z.string(), z.string()),
      driver: z.string(),
      options: z.record(z.string(), z.string()),
      /** Where in it the data directory is; empty for the volume itself. */
      folder: z.string().refine((folder) => !folder.split('/').includes('..') && !folder.startsWith('/')),
    })
    .optional(),
  /** Whether the first manifest was lost and this one was read out of the archive. */
  rebuilt: z.boolean().optional(),
  verified: z.enum(['none', 'hash', 'read', 'restored']),
  /** Why it was made: by the user, before something destructive, or by a schedule. */
  reason: z.enum(['manual', 'safety', 'scheduled']),
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
  if (versionOf(value) > manifestVersion) {
    throw new Failure('MANIFEST_NEWER', 'The backup was made by a newer version of Container Databases.', 'Update the extension, then try again.');
  }
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success) throw damaged(manifest.error);
  return manifest.data;
}

function versionOf(value: unknown): number {
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
  return typeof version === 'number' ? version : 0;
}

/** A manifest as the text of its file. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
