import { runExec } from '../../engine/exec';
import type { PostgresServer } from '../../postgres/server';
import { Failure } from '../../protocol/failure';
import type { DumpForm } from './form';
import { needsUnpacker, unpackers } from './unpacking';

// pg_restore wants the folder that the table of contents is in; a tar of a folder has it one level down. Nothing but files and
// folders is taken: a link would lead elsewhere.
const layOut = (unpack: string): string => `
umask 077
mkdir "$2" || exit 1
{ ${unpack} < "$1" || echo "cdb unpack" >&2; } | tar -x -o -f - -C "$2" || exit 1
[ -z "$(find "$2" ! -type f ! -type d)" ] || { echo "cdb foreign: it holds links" >&2; exit 1; }
toc=$(find "$2" -name toc.dat -type f | head -n 1)
[ -n "$toc" ] || { echo "cdb foreign: it has no table of contents" >&2; exit 1; }
rm -f "$1"
dirname "$toc"`;

const unpackWhole = (unpack: string): string => `
umask 077
${unpack} < "$1" > "$2" || exit 1
rm -f "$1"
echo "$2"`;

/** Where a dump lies for a moment beside its upload; it is swept like an upload. */
export function stagedPath(upload: string): string {
  return upload.replace(/\.dump$/, '.staged.dump');
}

/** Makes of a file that was put into the container what `pg_restore` reads, and gives its path. Throws `BACKUP_FOREIGN`, `CONTAINER_FULL`, `TOOL_MISSING`, `ARCHIVE_UNREADABLE`. */
export async function stageDump(server: PostgresServer, upload: string, form: DumpForm, signal: AbortSignal): Promise<string> {
  if (form.kind === 'sql' || (form.kind === 'archive' && form.packing === 'none')) return upload;
  const script = form.kind === 'folder' ? layOut(unpackers[form.packing]) : unpackWhole(unpackers[form.packing]);
  const argv = ['sh', '-c', `${needsUnpacker(form.packing)}\n${script}`, 'sh', upload, stagedPath(upload)];
  let printed = '';
  const { exitCode, stderr } = await runExec(
    server.engine,
    { container: server.container, argv, env: { LC_ALL: 'C' } },
    { signal, onOutput: (bytes) => void (printed += bytes.toString('utf8')) },
  );
  if (exitCode === 0 && !/^cdb unpack/m.test(stderr)) return printed.trim();
  if (exitCode === 127)
    throw new Failure(
      'TOOL_MISSING',
      `The container has no program to unpack the backup with (${stderr}).`,
      'Use an image that has it, or unpack the file first.',
    );
  if (/No space left/i.test(stderr)) {
    throw new Failure(
      'CONTAINER_FULL',
      "The engine's disk filled up while the backup was laid out in the container.",
      "Free space on the engine's disk, then try again.",
    );
  }
  const foreign = /^cdb foreign: (.*)$/m.exec(stderr)?.[1];
  if (foreign !== undefined)
    throw new Failure('BACKUP_FOREIGN', `The tar is no directory archive of pg_dump: ${foreign}.`, 'Choose the tar of a folder that pg_dump -Fd wrote.');
  throw new Failure(
    'ARCHIVE_UNREADABLE',
    `The backup cannot be unpacked: ${stderr.split('\n').at(-1) ?? ''}`,
    'Use another backup; this one is not to be relied on.',
  );
}
