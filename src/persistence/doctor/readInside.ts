import { readExec } from '../../engine/exec';
import { readLog } from '../../engine/logs';
import { readServerFacts } from '../../postgres/catalogue';
import type { PostgresServer } from '../../postgres/server';
import { applicationNamePrefix, withSession, type Session } from '../../postgres/session';
import type { InsideFacts } from './liveFacts';

/** Lines of the log that are looked through. */
const logTail = 2000;
/** What Postgres says of pages and files that are not what they were. */
const damageWords = /invalid page in block|could not read block|page verification failed|unexpected data beyond EOF|missing chunk number|invalid page header/;

// One line each, with its name before it; what a tool that is missing would tell is missing, too.
const lookAround = `
dir=$(readlink -f -- "$1") || dir=$1
echo "directory $dir"
df -Pk "$dir" 2>/dev/null | { read -r _; read -r _ total _ free _; echo "disk $total $free"; }
echo "system $(stat -f -c %T "$dir" 2>/dev/null)"
echo "owner $(stat -c '%u %a' "$dir" 2>/dev/null) $(stat -c %u "/proc/$(head -n 1 "$dir/postmaster.pid")" 2>/dev/null)"
for link in "$dir/pg_wal" "$dir"/pg_tblspc/*; do
  [ -L "$link" ] && echo "outside $(readlink -f -- "$link")"
done
command -v pg_amcheck >/dev/null 2>&1 && echo amcheck
true`;

const sizeQuery = 'SELECT sum(pg_catalog.pg_database_size(oid))::float8 AS bytes FROM pg_catalog.pg_database';
const failureQuery = `
  SELECT datname AS name, checksum_failures::float8 AS count FROM pg_catalog.pg_stat_database
  WHERE datname IS NOT NULL AND checksum_failures > 0 ORDER BY datname`;

/** Asks a running server and looks around in its container. Throws what a session throws. */
export async function readInside(server: PostgresServer, signal: AbortSignal): Promise<{ readonly dataDirectory: string; readonly facts: InsideFacts }> {
  const options = { signal, applicationName: `${applicationNamePrefix} doctor`, statementTimeout: 10_000 };
  const asked = await withSession(server, server.maintenanceDatabase, options, async (session) => ({
    ...(await readServerFacts(session)),
    ...(await readPages(session)),
  }));
  const command = { container: server.container, argv: ['sh', '-c', lookAround, 'sh', asked.dataDirectory], env: { LC_ALL: 'C' } };
  const { stdout } = await readExec(server.engine, command, signal);
  const log = await readLog(server.engine, server.container, logTail);
  const { directory, ...seen } = parseLook(stdout);
  const { checksums, checksumFailures, dataBytes } = asked;
  const damage = log.filter((line) => damageWords.test(line)).map((line) => line.slice(0, 300));
  return { dataDirectory: directory ?? asked.dataDirectory, facts: { ...seen, checksums, checksumFailures, dataBytes, damage } };
}

async function readPages(session: Session): Promise<Required<Pick<InsideFacts, 'checksums' | 'checksumFailures' | 'dataBytes'>>> {
  const [setting] = await session.query<{ data_checksums: string }>('SHOW data_checksums');
  const [size] = await session.query<{ bytes: number }>(sizeQuery);
  const failures = await session.query<{ name: string; count: number }>(failureQuery);
  return {
    checksums: setting?.data_checksums === 'on',
    checksumFailures: Object.fromEntries(failures.map(({ name, count }) => [name, count])),
    dataBytes: size?.bytes ?? 0,
  };
}

/** Reads what the look around printed. */
export function parseLook(text: string): Pick<InsideFacts, 'disk' | 'fileSystem' | 'owner' | 'outside' | 'hasAmcheck'> & { readonly directory?: string } {
  const lines = text.split('\n');
  const after = (word: string): readonly string[] => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const [directory] = after('directory');
  const [, total, free] = /^(\d+) (\d+)$/.exec(after('disk')[0] ?? '') ?? [];
  const [, owner, mode, server] = /^(\d+) (\d+) (\d+)$/.exec(after('owner')[0] ?? '') ?? [];
  const [fileSystem] = after('system');
  const inside = (path: string): boolean => directory !== undefined && (path === directory || path.startsWith(`${directory}/`));
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(total === undefined ? {} : { disk: { totalBytes: Number(total) * 1024, freeBytes: Number(free) * 1024 } }),
    ...(fileSystem === undefined || fileSystem === '' ? {} : { fileSystem }),
    ...(owner === undefined || mode === undefined ? {} : { owner: { directory: Number(owner), mode, server: Number(server) } }),
    outside: after('outside').filter((path) => path !== '' && !inside(path)),
    hasAmcheck: lines.includes('amcheck'),
  };
}
