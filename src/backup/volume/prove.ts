import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { countRows, listDatabases, listFilledTables, type RowCounts } from '../../postgres/catalogue';
import { withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { Failure } from '../../protocol/failure';
import { bootServer } from './boot';
import { bootstrapUser } from './bootstrapUser';
import { unloggedTables } from './facts';
import { withThrowaway } from './throwaway';
import { unpackCluster, type UnpackedCluster, type VolumeArchive } from './unpack';

export interface ProofRequest {
  readonly engine: Engine;
  /** The id of the very image that the server runs. */
  readonly image: string;
  /** Where the data directory was; it is put at the same place, for links in it may be absolute. */
  readonly dataDirectory: string;
  readonly archive: VolumeArchive;
  readonly major: number;
  /** A role that may enter every database; found out where it is not known. */
  readonly user?: string;
  readonly maintenanceDatabase: string;
  /** Of the server that was copied; see `VolumePlan`. */
  readonly preload?: string;
  /** Those that must be there, when that is known. */
  readonly databases?: readonly string[];
  /** By database: what must be in it, as far as that is known. Unlogged tables are counted, but not compared. */
  readonly rows?: Readonly<Record<string, RowCounts>>;
}

/** What a copy held when it was booted. */
export interface VolumeProof {
  readonly databases: readonly string[];
  /** By database. */
  readonly rows: Readonly<Record<string, RowCounts>>;
  readonly files: number;
  /** Whether `pg_verifybackup` compared every file with the manifest in the copy; a copy of a stopped server has none. */
  readonly manifestVerified: boolean;
}

/**
 * Proves a volume backup by booting it in a throwaway container of the same image, without a network, and counting
 * every row. Leaves no container and no volume. Throws what `unpackCluster` throws, `VOLUME_VERSION`,
 * `ARCHIVE_UNREADABLE`, `VOLUME_UNBOOTABLE`, `DATABASES_DIFFER`, `ROWS_DIFFER`, `THROWAWAY_FAILED`, `CANCELLED`.
 */
export async function proveVolume(request: ProofRequest, operation: Operation): Promise<VolumeProof> {
  const { engine, image, archive, dataDirectory, maintenanceDatabase, preload } = request;
  return withThrowaway(engine, { image, newVolumes: [dataDirectory] }, operation, async (container) => {
    const cluster = await unpackCluster(engine, container, archive, dataDirectory, operation);
    checkVersion(request, cluster);
    const manifestVerified = await verifyManifest(request, container, cluster, operation);
    const user = request.user ?? (await bootstrapUser(engine, container, dataDirectory, cluster.owner, operation.signal));
    const server: PostgresServer = { engine, container, user, maintenanceDatabase, port: 5432, password: { kind: 'none' } };
    const running = await bootServer({ server, dataDirectory, owner: cluster.owner, ...(preload === undefined ? {} : { preload }) }, operation);
    try {
      return { ...(await takeCensus(request, server, operation)), files: cluster.files, manifestVerified };
    } finally {
      await running.end();
    }
  });
}

function checkVersion({ archive, major }: ProofRequest, cluster: UnpackedCluster): void {
  if (cluster.major === major) return;
  throw new Failure('VOLUME_VERSION', `${archive.path} holds a cluster of Postgres ${cluster.major}, not of ${major}.`, 'Use the image that it was made with.');
}

const verifyFiles = `
[ -e "$1/backup_manifest" ] || exit 3
command -v pg_verifybackup >/dev/null 2>&1 || exit 4
exec pg_verifybackup --quiet "$1"`;

async function verifyManifest(
  { engine, dataDirectory, archive }: ProofRequest,
  container: string,
  cluster: UnpackedCluster,
  operation: Operation,
): Promise<boolean> {
  operation.report({ message: 'Comparing every file with the manifest' });
  const command = { container, argv: ['sh', '-c', verifyFiles, 'sh', dataDirectory], env: { LC_ALL: 'C' }, user: cluster.owner };
  const { exitCode, stderr, stdout } = await readExec(engine, command, operation.signal);
  if (exitCode === 3) return false;
  if (exitCode === 0) return true;
  if (exitCode === 4) {
    operation.log.warn('The image has no pg_verifybackup; the copy was booted only.');
    return false;
  }
  const said = `${stderr}\n${stdout}`.trim().split('\n').slice(0, 3).join(' ');
  throw new Failure('ARCHIVE_UNREADABLE', `${archive.path} is not what its manifest says: ${said}`, 'Use another backup; this one is not to be relied on.');
}

/** Counts all rows of all databases, and compares. */
async function takeCensus(request: ProofRequest, server: PostgresServer, operation: Operation): Promise<Pick<VolumeProof, 'databases' | 'rows'>> {
  const { signal } = operation;
  const all = await withSession(server, server.maintenanceDatabase, { signal }, (session) => listDatabases(session));
  const databases = all.map(({ name }) => name);
  const missing = (request.databases ?? []).filter((name) => !databases.includes(name));
  if (missing.length > 0) {
    throw new Failure('DATABASES_DIFFER', `The copy lacks the database ${missing.join(', ')}.`, 'Use another backup; this one is not to be relied on.');
  }
  const rows: Record<string, RowCounts> = {};
  for (const { name, connectable } of all) {
    throwIfCancelled(operation);
    operation.report({ message: `Counting the rows of ${name}` });
    if (connectable) rows[name] = await countDatabase(server, name, request.rows?.[name] ?? {}, signal);
  }
  return { databases, rows };
}

async function countDatabase(server: PostgresServer, database: string, expected: RowCounts, signal: AbortSignal): Promise<RowCounts> {
  return withSession(server, database, { signal }, async (session) => {
    const counts = await countRows(session, await listFilledTables(session));
    const unlogged = new Set((await session.query<{ name: string }>(unloggedTables)).map(({ name }) => name));
    const different = Object.entries(expected).filter(([table, count]) => !unlogged.has(table) && counts[table] !== count);
    if (different.length === 0) return counts;
    const list = different.slice(0, 5).map(([table, count]) => `${table}: ${counts[table] ?? 'no such table'} instead of ${count}`);
    throw new Failure(
      'ROWS_DIFFER',
      `The copy does not hold the rows that ${database} had (${list.join('; ')}).`,
      'Use another backup; this one is not to be relied on.',
    );
  });
}
