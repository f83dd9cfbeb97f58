import { readExec, runExec } from '../engine/exec';
import type { Operation } from '../operations/operation';
import { readPieces } from '../operations/readPieces';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';

/** How files begin that are put into a container. */
export const uploadPrefix = 'container-databases-';

// The first folder that can be written and has room. The rest of the script's world is POSIX sh, so `df` is read by `read`.
const findRoom = `
need=$1
for folder in "\${TMPDIR:-/tmp}" /var/tmp /dev/shm; do
  [ -d "$folder" ] && [ -w "$folder" ] || continue
  free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
  [ "\${free:-0}" -gt "$need" ] && { echo "$folder"; exit 0; }
done
exit 1`;

// The length is known, so the program ends without anybody closing its input.
const receiveFile = `umask 077; head -c "$2" | tee "$1" | sha256sum`;

/** A folder in the container with room for this many bytes. Throws `CONTAINER_FULL`. */
export async function findRoomFor(server: PostgresServer, bytes: number, signal: AbortSignal): Promise<string> {
  const kilobytes = Math.ceil((bytes * 1.05) / 1024) + 1024;
  const command = { container: server.container, argv: ['sh', '-c', findRoom, 'sh', String(kilobytes)] };
  const { exitCode, stdout } = await readExec(server.engine, command, signal);
  if (exitCode === 0 && stdout.trim() !== '') return stdout.trim();
  throw new Failure(
    'CONTAINER_FULL',
    'No temporary folder of the container can be written and has room for the backup.',
    "Free space on the engine's disk, or mount a tmpfs on /tmp, then try again.",
  );
}

/** Puts a file into the container, and proves that it arrived as it is. Throws `STREAM_DIFFERS`, `CONTAINER_FULL`. */
export async function uploadFile(
  server: PostgresServer,
  file: { readonly path: string; readonly sizeBytes: number; readonly sha256: string },
  target: string,
  operation: Operation,
): Promise<void> {
  let printed = '';
  const result = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', receiveFile, 'sh', target, String(file.sizeBytes)] },
    {
      signal: operation.signal,
      input: readPieces(file.path, operation, 'Copying into the container'),
      onOutput: (bytes) => void (printed += bytes.toString('utf8')),
    },
  );
  if (/No space left/i.test(result.stderr)) {
    throw new Failure(
      'CONTAINER_FULL',
      "The engine's disk filled up while the backup was put into the container.",
      "Free space on the engine's disk, then try again.",
    );
  }
  if (result.exitCode !== 0 || printed.split(' ')[0] !== file.sha256) {
    throw new Failure(
      'STREAM_DIFFERS',
      `The backup did not arrive whole in the container. ${result.stderr}`,
      'Nothing was changed. Try again; if it happens again, restart the engine.',
    );
  }
}

/** Removes what was put into the container. Says nothing when the container is gone, and the file with it. */
export async function removeUpload(server: PostgresServer, target: string): Promise<void> {
  if (!target.includes(uploadPrefix)) return;
  await readExec(server.engine, { container: server.container, argv: ['rm', '-f', '--', target] }).catch(() => undefined);
}
