import { runExec } from '../engine/exec';
import { throwIfCancelled, type Operation } from '../operations/operation';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import type { Content } from './content';

// The length is known, so the program ends without anybody closing its input. The hash says what arrived, tee what was written.
const receiveFile = `umask 077; head -c "$2" | { tee "$1" || echo "tee failed" >&2; } | sha256sum`;

// What tar does not read is drained, so that the hash gets it too.
const receiveFolder = `
umask 077
mkdir "$1" || exit 1
exec 4>&2
head -c "$2" | { tee /dev/fd/5 | { tar -C "$1" -xof - >&4 || echo "tar failed" >&4; cat >/dev/null; }; } 5>&1 | sha256sum
[ -f "$1/toc.dat" ]`;

/** Puts a backup's content into the container, a directory archive as a folder, and proves that it arrived as it is. Throws `STREAM_DIFFERS`, `CONTAINER_FULL`, `CANCELLED`. */
export async function uploadContent(server: PostgresServer, content: Content, target: string, operation: Operation): Promise<void> {
  let printed = '';
  const result = await runExec(
    server.engine,
    {
      container: server.container,
      argv: ['sh', '-c', content.format === 'directory' ? receiveFolder : receiveFile, 'sh', target, String(content.sizeBytes)],
      env: { LC_ALL: 'C' },
    },
    {
      signal: operation.signal,
      input: content.pieces(operation, 'Copying into the container'),
      onOutput: (bytes) => void (printed += bytes.toString('utf8')),
    },
  );
  throwIfCancelled(operation);
  if (/No space left/i.test(result.stderr)) {
    throw new Failure(
      'CONTAINER_FULL',
      "The engine's disk filled up while the backup was put into the container.",
      "Free space on the engine's disk, then try again.",
    );
  }
  if (result.exitCode !== 0 || printed.split(' ')[0] !== content.sha256 || /(?:tar|tee) failed/.test(result.stderr)) {
    throw new Failure(
      'STREAM_DIFFERS',
      `The backup did not arrive whole in the container. ${result.stderr}`,
      'Nothing was changed. Try again; if it happens again, restart the engine.',
    );
  }
}
