import { readExec } from '../../engine/exec';
import type { ContainerInspection } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import { volumeOf } from '../../inventory/volume';
import type { Operation } from '../../operations/operation';
import { listDatabases, readServerFacts } from '../../postgres/catalogue';
import { withSession, type Session } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { Failure } from '../../protocol/failure';
import type { ServerSide, VolumeFacts } from './plan';
import { withThrowaway } from './throwaway';

// One line each: the version, what packs, whether there is a pg_basebackup, the size; then links that lead out.
const lookAround = `
cd -P -- "$1" && cat PG_VERSION || exit 1
for packer in zstd pigz gzip none; do command -v "$packer" >/dev/null 2>&1 && break; done
echo "$packer"
command -v pg_basebackup >/dev/null 2>&1 && echo yes || echo no
du -sk . | { read -r kilobytes rest; echo "$kilobytes"; }
base=$(pwd -P)
find . -type l | while read -r link; do
  case $(readlink -f "$link") in "$base"/*) ;; *) echo "$link" ;; esac
done`;

interface Surroundings extends Pick<VolumeFacts, 'major' | 'packer' | 'dataBytes' | 'links'> {
  readonly hasBasebackup: boolean;
}

/** What is known of a running server's data directory. Throws `NO_CLUSTER`, `TOOL_MISSING`, and what a session throws. */
export async function readRunningFacts(server: PostgresServer, operation: Operation): Promise<VolumeFacts> {
  const inspection = await server.engine.inspect(server.container, operation.signal);
  const { signal } = operation;
  return withSession(server, server.maintenanceDatabase, { signal }, async (session) => {
    const { dataDirectory } = await readServerFacts(session);
    const { hasBasebackup, ...surroundings } = await readSurroundings(server.engine, server.container, dataDirectory, signal);
    const unlogged = await listUnlogged(server, session, signal);
    return { ...surroundings, ...containerFacts(inspection, dataDirectory), server: { ...(await readServerSide(session)), hasBasebackup, unlogged } };
  });
}

/** What is known of the data directory of a container that does not run. Throws `NO_CLUSTER`, `THROWAWAY_FAILED`, `TOOL_MISSING`. */
export async function readStoppedFacts(engine: Engine, container: string, dataDirectory: string, operation: Operation): Promise<VolumeFacts> {
  const inspection = await engine.inspect(container, operation.signal);
  const { hasBasebackup: _, ...surroundings } = await withThrowaway(engine, { image: inspection.imageId, mountsOf: inspection.id }, operation, (helper) =>
    readSurroundings(engine, helper, dataDirectory, operation.signal),
  );
  return { ...surroundings, ...containerFacts(inspection, dataDirectory) };
}

function containerFacts(inspection: ContainerInspection, dataDirectory: string): Pick<VolumeFacts, 'dataDirectory' | 'volume' | 'state' | 'vanishes'> {
  const { state, mounts, vanishes = false } = inspection;
  return { dataDirectory, state, vanishes, volume: volumeOf(mounts, dataDirectory).kind };
}

async function readSurroundings(engine: Engine, container: string, dataDirectory: string, signal: AbortSignal): Promise<Surroundings> {
  const command = { container, argv: ['sh', '-c', lookAround, 'sh', dataDirectory] };
  // Without its capabilities, root may not look into the folder that the container's own user owns; and the other way round.
  const asItself = await readExec(engine, command, signal);
  const { exitCode, stdout } = asItself.exitCode === 0 ? asItself : await readExec(engine, { ...command, user: '0' }, signal);
  const [version = '', packer = '', basebackup, kilobytes, ...links] = stdout.trim().split('\n');
  if (exitCode !== 0 || !/^\d+$/.test(version)) {
    throw new Failure('NO_CLUSTER', `There is no Postgres cluster in ${dataDirectory}.`, 'Start the service once, so that it makes one.');
  }
  if (packer !== 'zstd' && packer !== 'pigz' && packer !== 'gzip') {
    throw new Failure('TOOL_MISSING', 'The container has neither zstd nor gzip.', 'Use an image with one of them, such as the official one.');
  }
  return { major: Number(version), packer, dataBytes: Number(kilobytes) * 1024 || 0, links, hasBasebackup: basebackup === 'yes' };
}

async function readServerSide(session: Session): Promise<Pick<ServerSide, 'walLevel' | 'walSenders' | 'mayReplicate' | 'tablespaces' | 'preload'>> {
  const [row] = await session.query<{ level: string; senders: number; may: boolean; preload: string }>(
    `SELECT current_setting('wal_level') AS level, current_setting('max_wal_senders')::int AS senders,
            current_setting('shared_preload_libraries') AS preload,
            (SELECT rolsuper OR rolreplication FROM pg_catalog.pg_roles WHERE rolname = current_user) AS may`,
  );
  const tablespaces = await session.query<{ name: string; location: string }>(
    `SELECT spcname AS name, pg_catalog.pg_tablespace_location(oid) AS location FROM pg_catalog.pg_tablespace WHERE oid >= 16384 ORDER BY 1`,
  );
  return { walLevel: row?.level ?? '', walSenders: row?.senders ?? 0, mayReplicate: row?.may ?? false, tablespaces, preload: row?.preload ?? '' };
}

async function listUnlogged(server: PostgresServer, session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, connectable } of await listDatabases(session)) {
    if (!connectable) continue;
    const rows = await withSession(server, name, { signal }, (own) => own.query<{ name: string }>(unloggedTables));
    found.push(...rows.map((row) => `${name}: ${row.name}`));
  }
  return found;
}

/** Gives the names of unlogged tables, as `listFilledTables` writes them. */
export const unloggedTables = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'u' ORDER BY 1`;
