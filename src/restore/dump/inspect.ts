import type { Backup } from '../../backup/catalogue';
import { contentPieces } from '../../backup/content';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { unreadable } from '../../backup/verify';
import { runExec, type ExecResult } from '../../engine/exec';
import type { Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { temporaryFolders } from '../../postgres/tools';
import { Failure } from '../../protocol/failure';
import type { DumpForm } from './form';
import { readSummary, summarise, type DumpSegment } from './summary';
import { needsUnpacker, unpackers } from './unpacking';

export interface Inspection {
  readonly segments: readonly DumpSegment[];
  /** Whether psql of the container keeps commands of its own out of what it reads (`\restrict`, since the fix of CVE-2025-8714). */
  readonly restricts: boolean;
}

// Nothing ends the input, so its length is given where the program is to read all of it. The definitions of an archive stand
// at its beginning: once they are read the program ends, and no more is sent. Of a folder that was copied in part, pg_restore takes
// the end of a file that is not packed, or packed with LZ4 or Zstandard, for the end of the rows (measured with 17). But the rows
// of a table end with a line of their own, so there must be as many of these as tables in the list.
const script = ({ kind, packing }: DumpForm, whole: boolean): string => `
size=$1 summarise=$2
${needsUnpacker(packing)}
unpack() { ${unpackers[packing]} || echo "cdb unpack $?" >&2; }
restore() { pg_restore ${whole ? '' : '--schema-only '}"$@" -f -; code=$?; ${whole ? 'cat >/dev/null; ' : ''}return "$code"; }
fromFolder() {
  for place in ${temporaryFolders}; do [ -d "$place" ] && [ -w "$place" ] && break; done
  folder=$(mktemp -d "$place/tmp.XXXXXX") || return 1
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 143' TERM
  tar -x -o -f - -C "$folder" ${whole ? '' : '$(tar --version 2>/dev/null | grep -q GNU && echo "--occurrence=1") ./toc.dat'} || return 1
  toc=$(find "$folder" -name toc.dat -type f | head -n 1)
  [ -n "$toc" ] || { echo "pg_restore: error: there is no table of contents" >&2; return 1; }
  ${whole ? 'echo "cdb tables $(pg_restore --list "$(dirname "$toc")" | grep -cE "^[0-9]+; [0-9]+ [0-9]+ TABLE DATA ")" >&2' : ''}
  restore -F d "$(dirname "$toc")"
}
psql --help=commands 2>/dev/null | grep -q '[\\]restrict' && echo "restricts"
head -c "$size" | {
  ${kind === 'sql' ? 'unpack' : kind === 'archive' ? 'unpack | restore' : 'unpack | fromFolder'}
  echo "cdb read $?" >&2
  ${whole ? 'cat >/dev/null' : ':'}
} | awk "$summarise"`;

/**
 * Has the container read what a dump needs: the roles, the extensions, its tables. With `whole` it is read to its end, which
 * proves that it can be. Throws `ARCHIVE_UNREADABLE`, `BACKUP_NEWER`, `BACKUP_TRUNCATED`, `TOOL_MISSING`, and what decrypting throws.
 */
export async function inspectDump(
  source: { readonly backup: Backup; readonly key: DecryptionKey | undefined; readonly form: DumpForm; readonly sizeBytes: number; readonly whole: boolean },
  server: PostgresServer,
  operation: Operation,
): Promise<Inspection> {
  const { backup, key, form, sizeBytes } = source;
  const whole = source.whole || form.kind === 'sql';
  const output: Buffer[] = [];
  const result = await runExec(
    server.engine,
    { container: server.container, argv: ['sh', '-c', script(form, whole), 'sh', String(sizeBytes), summarise], env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: contentPieces(backup, key, operation, 'Reading the backup'), onOutput: (bytes) => void output.push(bytes) },
  );
  const text = Buffer.concat(output).toString('utf8');
  check(backup.file, whole, result);
  const segments = readSummary(text, form.cluster);
  const isComplete = segments.length > 0 && segments.every(({ complete }) => complete) && everyTableEnded(text, result.stderr);
  if (whole && !isComplete) {
    throw new Failure(
      'BACKUP_TRUNCATED',
      `${backup.file} was cut short: it does not end as a dump does.`,
      'Use another backup; this one is not to be relied on.',
    );
  }
  return { segments, restricts: /^restricts$/m.test(text) };
}

/** Of a folder: whether as many tables had the end of their rows as its contents list. INSERTs have no such end. */
function everyTableEnded(text: string, stderr: string): boolean {
  const ends = Number(/^ends (\d+)$/m.exec(text)?.[1]);
  const tables = Number(/^cdb tables (\d+)$/m.exec(stderr)?.[1] ?? 0);
  return ends === 0 || ends >= tables;
}

/** Every stage must have ended well; what pg_restore wrote on the way says why not. */
function check(file: string, whole: boolean, { exitCode, stderr }: ExecResult): void {
  const said = stderr
    .split('\n')
    .filter((line) => !line.startsWith('cdb ') && line !== '')
    .join('\n');
  const code = /^cdb read (\d+)$/m.exec(stderr)?.[1];
  if (exitCode === 127 || code === '127' || /^cdb unpack 127$/m.test(stderr)) {
    throw new Failure('TOOL_MISSING', `The container has no program to read ${file} with (${said}).`, 'Use an image that has it, or unpack the file first.');
  }
  if (/No space left/i.test(said)) {
    throw new Failure('CONTAINER_FULL', `The container has no room to lay ${file} out.`, "Free space on the engine's disk, then try again.");
  }
  // What feeds a reader that has read enough is ended by that; it is no damage.
  if (code !== '0' || exitCode !== 0 || (whole && /^cdb unpack/m.test(stderr))) throw unreadable(file, said);
}
