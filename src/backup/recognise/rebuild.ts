import { randomUUID } from 'node:crypto';
import { writeFileDurably } from '../../operations/files';
import type { Operation } from '../../operations/operation';
import type { DatabaseProperties } from '../../postgres/catalogue';
import type { PostgresServer } from '../../postgres/server';
import { Failure } from '../../protocol/failure';
import { manifestFile, readBackup, type Backup } from '../catalogue';
import { readChecksum } from '../verify';
import { manifestVersion, writeManifest, type Manifest } from '../manifest';
import { readWholeDump, type DumpRead } from './readDump';
import type { Recognised } from './recognised';

/** What an archive does not say: whose backup it is taken for, and how that database is where the archive is silent. */
export interface RebuildFacts {
  readonly project: string;
  readonly service: string;
  /** Used where the archive does not name its database. */
  readonly database: string;
  readonly endpoint: string;
  readonly image: string;
  readonly properties: DatabaseProperties;
}

/** A dump is about a tenth of its database; what a restore will need is not underestimated. */
const likelyGrowth = 10;
const unknownVersion = 'unknown';

type Dump = Extract<Recognised, { readonly kind: 'custom' | 'directory' | 'plain' }>;

/**
 * Reads a dump whole, with the programs of a running server, and writes the manifest that it lacks. A manifest that can
 * be used stays as it is. Throws `MANIFEST_NEWER`, `BACKUP_DAMAGED` when the file is not what its checksum says,
 * `REBUILD_UNSUPPORTED` for what is no dump of one database, and what `readWholeDump` throws.
 */
export async function rebuildManifest(backup: Backup, server: PostgresServer, facts: RebuildFacts, operation: Operation): Promise<Manifest> {
  const now = (await readBackup(backup.file)) ?? backup;
  if (now.manifest !== undefined) return now.manifest;
  if (now.problem?.code === 'MANIFEST_NEWER') throw now.problem; // what is not understood is not replaced
  const dump = dumpOf(now);
  const read = await readWholeDump({ file: now.file, kind: dump.kind, packed: dump.packed }, server, operation);
  const expected = await readChecksum(now.file);
  if (expected !== undefined && expected !== read.sha256) {
    throw new Failure('BACKUP_DAMAGED', `${now.file} is not what was written: its checksum differs.`, 'Use another backup; this one is not to be relied on.');
  }
  const manifest = describe(dump, read, facts, now.finishedAt);
  await writeFileDurably(manifestFile(now.file), writeManifest(manifest));
  return manifest;
}

function dumpOf({ file, recognised }: Backup): Dump {
  if (recognised?.kind === 'empty') throw new Failure('BACKUP_EMPTY', `${file} is empty.`, 'Use another backup; this one is not to be relied on.');
  // A custom archive that was compressed once more is none that pg_restore takes.
  if (recognised?.kind === 'custom' && recognised.packed === 'none') return recognised;
  if (recognised?.kind === 'directory' || (recognised?.kind === 'plain' && recognised.utf16 !== true)) return recognised;
  throw new Failure(
    'REBUILD_UNSUPPORTED',
    `No manifest can be made of ${file}: it is no dump of one database that can be looked into.`,
    'Choose a dump of pg_dump in plain SQL, custom or directory format; unpack or decrypt it first.',
  );
}

/** What nobody can know any more is what the database of today is like, and says so where it matters. */
function describe(dump: Dump, { summary, sizeBytes, sha256 }: DumpRead, facts: RebuildFacts, finishedAt: Date): Manifest {
  const moment = finishedAt.toISOString();
  return {
    schemaVersion: manifestVersion,
    id: randomUUID(),
    project: facts.project,
    service: facts.service,
    database: dump.database ?? facts.database,
    endpoint: facts.endpoint,
    image: facts.image,
    serverVersion: dump.serverVersion ?? summary.serverVersion ?? unknownVersion,
    toolVersion: dump.toolVersion ?? summary.toolVersion ?? unknownVersion,
    properties: { ...facts.properties, ...summary.properties },
    format: dump.kind,
    scope: summary.scope,
    compression: dump.packed === 'none' && dump.kind !== 'plain' ? (dump.compression ?? 'none') : dump.packed,
    startedAt: moment,
    finishedAt: moment,
    sizeBytes,
    databaseSizeBytes: sizeBytes * likelyGrowth,
    rows: summary.rows,
    sha256,
    encryption: 'none',
    remarks: [
      'The manifest was rebuilt from the archive; which service it came from is taken from where it was verified.',
      ...(summary.scope === 'full' ? ['Whether it holds all tables of the database cannot be told from the archive.'] : []),
    ],
    rebuilt: true,
    verified: 'read',
    reason: 'manual',
  };
}
