import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { Failure } from '../../protocol/failure';

// Who made a cluster is no secret, but is written nowhere outside of it. Postgres without a postmaster needs no user to tell.
const askAlone = `
cd -- "$1" || exit 1
for file in postgresql.conf pg_hba.conf pg_ident.conf; do [ -e "$file" ] || : > "$file"; done
rm -f standby.signal recovery.signal postmaster.pid
printf "%s\\n" "SELECT rolname FROM pg_catalog.pg_authid WHERE oid = 10" |
  postgres --single -D "$1" -c archive_mode=off -c huge_pages=off -c shared_buffers=32MB -c fsync=off -c log_destination=stderr -c logging_collector=off template1`;

/** The role that made a cluster, and that can always enter it. The data directory is a copy that is thrown away. Throws `VOLUME_UNBOOTABLE`. */
export async function bootstrapUser(engine: Engine, container: string, dataDirectory: string, owner: string, signal: AbortSignal): Promise<string> {
  const command = { container, argv: ['sh', '-c', askAlone, 'sh', dataDirectory], env: { LC_ALL: 'C' }, user: owner };
  const { stdout, stderr } = await readExec(engine, command, signal);
  const [, name] = /rolname = "(.*)"\t\(typeid/.exec(stdout) ?? [];
  if (name !== undefined) return name;
  const words = stderr.trim().split('\n').slice(-5).join('\n');
  throw new Failure('VOLUME_UNBOOTABLE', `A server cannot be started on the copy:\n${words}`, 'Use another backup; this one is not to be relied on.');
}
