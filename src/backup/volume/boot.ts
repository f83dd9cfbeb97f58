import { readExec, runExec } from '../../engine/exec';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, Failure } from '../../protocol/failure';

/** A server that was started in a throwaway container. */
export interface BootedServer {
  /** Ends it at once. Never throws. */
  end(): Promise<void>;
}

// The copy's own settings are used, but for what reaches out of it, for who may enter, and for the memory of a large server.
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '/tmp',
  hba_file: '/tmp/container-databases-hba.conf',
  archive_mode: 'off',
  ssl: 'off',
  huge_pages: 'off',
  shared_buffers: '64MB',
  logging_collector: 'off',
  log_destination: 'stderr',
  // Nothing may change what is counted: no scheduled jobs (pg_cron), no subscriptions, no cleaning up.
  default_transaction_read_only: 'on',
  'cron.launch_active_jobs': 'off',
  max_logical_replication_workers: '0',
  autovacuum: 'off',
  fsync: 'off', // the data is thrown away
};

// Nobody else is in the container, and there is no network. Where the settings lay outside of the data directory, the
// defaults have to do. A copy of a standby is started as a server of its own.
const startServer = `
cd -- "$1" || exit 1
umask 077
printf 'local all all trust\\nhost all all 127.0.0.1/32 trust\\n' > /tmp/container-databases-hba.conf
for file in postgresql.conf pg_ident.conf; do [ -e "$file" ] || : > "$file"; done
rm -f standby.signal recovery.signal
data=$1; shift
exec postgres -D "$data" "$@"`;

/** Milliseconds between two looks at whether the server takes connections. */
const interval = 200;
/** Lines of the server's log that are shown when it does not start. */
const logLines = 8;

export interface BootRequest {
  /** In the throwaway container; the port is ours to choose. */
  readonly server: PostgresServer;
  readonly dataDirectory: string;
  /** `uid:gid` of the files. */
  readonly owner: string;
  /** `shared_preload_libraries`, where it was set outside of the data directory. */
  readonly preload?: string;
}

/** What a server says while it runs. */
interface Witness {
  log: string;
  ended: boolean;
}

/**
 * Starts a server on an unpacked data directory, as the owner of its files, and waits until it takes connections over TCP,
 * for as long as it lives: recovery may take its time. Throws `VOLUME_UNBOOTABLE` with its last words, and `CANCELLED`.
 */
export async function bootServer(request: BootRequest, operation: Operation): Promise<BootedServer> {
  operation.report({ message: 'Booting the copy' });
  const witness: Witness = { log: '', ended: false };
  const ended = runServer(request, witness);
  const end = async (): Promise<void> => {
    if (!witness.ended && (await quit(request))) await ended;
  };
  try {
    await waitUntilReady(request.server, witness, operation);
    return { end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Runs the server to its end, which may also be that of its container. Never throws. */
async function runServer({ server, dataDirectory, owner, preload }: BootRequest, witness: Witness): Promise<void> {
  const all = { ...settings, port: String(server.port), ...(preload === undefined || preload === '' ? {} : { shared_preload_libraries: preload }) };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const argv = ['sh', '-c', startServer, 'sh', dataDirectory, ...options];
  const onError = (bytes: Buffer): void => void (witness.log = (witness.log + bytes.toString('utf8')).slice(-64_000));
  try {
    await runExec(server.engine, { container: server.container, argv, env: { LC_ALL: 'C' }, user: owner }, { onError });
  } catch (error) {
    witness.log += `\n${asFailure(error).message}`;
  } finally {
    witness.ended = true;
  }
}

/** Ends the server without ceremony; its data is not needed any more. Gives whether it was told. */
async function quit({ server, dataDirectory, owner }: BootRequest): Promise<boolean> {
  const argv = ['sh', '-c', 'kill -QUIT "$(head -n 1 -- "$1/postmaster.pid")"', 'sh', dataDirectory];
  const result = await readExec(server.engine, { container: server.container, argv, user: owner }).catch(() => undefined);
  return result?.exitCode === 0;
}

async function waitUntilReady(server: PostgresServer, witness: Readonly<Witness>, operation: Operation): Promise<void> {
  for (;;) {
    throwIfCancelled(operation);
    if (witness.ended) throw unbootable(witness.log);
    try {
      return await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, async () => undefined);
    } catch (error) {
      const { code } = asFailure(error);
      if (code !== 'SERVER_STARTING' && code !== 'CONNECTION_LOST') throw witness.ended ? unbootable(witness.log) : error;
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }
}

function unbootable(log: string): Failure {
  const words = log.trim().split('\n').slice(-logLines).join('\n');
  return new Failure('VOLUME_UNBOOTABLE', `A server cannot be started on the copy:\n${words}`, 'Use another backup; this one is not to be relied on.');
}
