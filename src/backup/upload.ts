import { runExec, type ExecResult } from '../engine/exec';
import { throwIfCancelled, type Operation } from '../operations/operation';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import type { Content } from './content';

// The length is known, so the program ends without anybody closing its input. The hash says what arrived, tee what was written.
const receiveFile = `umask 077; head -c "$2" | { tee "$1" || echo "tee failed" >&2; } | sha256sum`;

// What tar does not read is drained, so that the hash gets it too.
const intoFolder = (atEnd: string): string => `
umask 077
mkdir "$1" || exit 1
${atEnd}
exec 4>&2
head -c "$2" | { tee /dev/fd/5 | { tar -C "$1" -xof - >&4 || echo "tar failed" >&4; cat >/dev/null; }; } 5>&1 | sha256sum
[ -f "$1/toc.dat" ]`;

const receiveFolder = intoFolder('');

// One program for everything, so that it takes the folder away when the host is gone; one that is killed leaves its id, by
// which the next dump knows the folder as nobody's (see dumpScript.ts).
const readFolder = `${intoFolder(`echo "$$" > "$1/pid"; trap 'rm -rf "$1"' EXIT`)} || exit 1
pg_restore -f /dev/null "$1" || echo "reading failed $?" >&2`;

/** Puts a backup's content into the container, a directory archive as a folder, and proves that it arrived as it is. Throws `STREAM_DIFFERS`, `CONTAINER_FULL`, `CANCELLED`. */
export async function uploadContent(server: PostgresServer, content: Content, target: string, operation: Operation): Promise<void> {
  await send(content.format === 'directory' ? receiveFolder : receiveFile, { server, content, target }, operation);
}

/** Has a directory archive read to its end in a folder of the container that is gone afterwards. Gives what came of `pg_restore`; throws like `uploadContent`. */
export async function readInFolder(server: PostgresServer, content: Content, folder: string, operation: Operation): Promise<ExecResult> {
  const stderr = await send(readFolder, { server, content, target: folder }, operation);
  return { exitCode: Number(/reading failed (\d+)/.exec(stderr)?.[1] ?? 0), stderr };
}

interface Upload {
  readonly server: PostgresServer;
  readonly content: Content;
  readonly target: string;
}

/** Gives what the script said on standard error. */
async function send(script: string, { server, content, target }: Upload, operation: Operation): Promise<string> {
  let printed = '';
  const { exitCode, stderr } = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', script, 'sh', target, String(content.sizeBytes)], env: { LC_ALL: 'C' } },
    {
      signal: operation.signal,
      input: content.pieces(operation, 'Copying into the container'),
      onOutput: (bytes) => void (printed += bytes.toString('utf8')),
    },
  );
  throwIfCancelled(operation);
  if (/No space left/i.test(stderr)) {
    throw new Failure(
      'CONTAINER_FULL',
      "The engine's disk filled up while the backup was put into the container.",
      "Free space on the engine's disk, then try again.",
    );
  }
  if (exitCode !== 0 || printed.split(' ')[0] !== content.sha256 || /(?:tar|tee) failed/.test(stderr)) {
    throw new Failure(
      'STREAM_DIFFERS',
      `The backup did not arrive whole in the container. ${stderr}`,
      'Nothing was changed. Try again; if it happens again, restart the engine.',
    );
  }
  return stderr;
}
