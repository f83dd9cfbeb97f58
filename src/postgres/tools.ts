import { readExec } from '../engine/exec';
import { Failure } from '../protocol/failure';
import type { PostgresServer } from './server';

/** The folders of a container for files that do not stay, as words of a shell script. */
export const temporaryFolders = '"${TMPDIR:-/tmp}" /var/tmp /dev/shm';

/** What the container offers for work on backups. */
export interface ToolFacts {
  /** Of `pg_dump`, such as `17.2`. */
  readonly version: string;
  /** What `pg_dump --compress` gets. */
  readonly compression: string;
  /** Processors that the container may use. */
  readonly processors: number;
  /** Which of `tar`, `zstd`, `pigz` and `gzip` there are. */
  readonly programs: readonly string[];
  /** The temporary folder with the most free space; absent when none can be written. */
  readonly room?: { readonly folder: string; readonly freeBytes: number };
}

// The password is looked up in the container, by the container: it is in no argument list and never passes through
// the host. Local connections of the official images need none.
const withPassword = `
source=$1 name=$2; shift 2
case $source in
  env) PGPASSWORD=$(printenv "$name") ;;
  file) PGPASSWORD=$(cat "$name") ;;
esac
export PGPASSWORD
exec "$@"`;

/** Wraps an argument list so that a Postgres program in it finds its password. */
export function inContainer(server: PostgresServer, argv: readonly string[]): readonly string[] {
  const { password } = server;
  if (password.kind === 'none') return argv;
  return ['sh', '-c', withPassword, 'sh', password.kind, password.kind === 'env' ? password.name : password.path, ...argv];
}

/** The environment of a Postgres program: messages in English, since they are read here, and a name to be found by. */
export function toolEnvironment(applicationName: string): Readonly<Record<string, string>> {
  return { LC_ALL: 'C', PGAPPNAME: applicationName, PGCONNECT_TIMEOUT: '10' };
}

/** How a Postgres program gets to the server; the socket file is faster than TCP. */
export function connectionArguments(server: PostgresServer, socketDirectory: string): readonly string[] {
  const host = socketDirectory === '' ? '127.0.0.1' : socketDirectory;
  return ['--host', host, '--port', String(server.port), '--username', server.user, '--no-password'];
}

// A build without a compression refuses it before it connects, so an address that leads nowhere answers the question.
// `df` is read by `read`, since the rest of the script's world is POSIX sh.
const probe = `
pg_dump --version || exit 127
nproc 2>/dev/null || echo 1
for program in tar zstd pigz gzip; do command -v "$program" >/dev/null 2>&1 && printf '%s ' "$program"; done; echo
best= most=0
for folder in ${temporaryFolders}; do
  [ -d "$folder" ] && [ -w "$folder" ] || continue
  free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
  [ "\${free:-0}" -gt "$most" ] && { best=$folder most=$free; }
done
echo "$most $best"
for method in zstd:1 lz4; do
  if ! pg_dump --format=custom --compress="$method" --host=/nonexistent 2>&1 | grep -qE 'compress'; then echo "$method"; exit 0; fi
done
echo 1`;

/** Asks the container what it has. Throws `TOOL_MISSING`. */
export async function readToolFacts(server: PostgresServer, signal?: AbortSignal): Promise<ToolFacts> {
  const command = { container: server.container, argv: ['sh', '-c', probe], env: { LC_ALL: 'C' } };
  const { stdout, exitCode } = await readExec(server.engine, command, signal);
  const [version, processors, programs, room, compression] = stdout.split('\n');
  const number = /\(PostgreSQL\) (\S+)/.exec(version ?? '')?.[1];
  if (exitCode !== 0 || number === undefined) {
    throw new Failure('TOOL_MISSING', 'The container has no pg_dump.', 'Use an image with the Postgres client programs, such as the official one.');
  }
  const [kilobytes, folder] = (room ?? '').split(/ (.*)/);
  return {
    version: number,
    processors: Number(processors) || 1,
    compression: compression ?? '1',
    programs: (programs ?? '').split(' ').filter(Boolean),
    ...(folder === undefined || folder === '' ? {} : { room: { folder, freeBytes: Number(kilobytes) * 1024 } }),
  };
}
