import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { runExec } from '../../engine/exec';
import { fileFailure } from '../../operations/files';
import type { Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
import { inContainer } from '../../postgres/tools';
import type { PostgresServer } from '../../postgres/server';
import { Failure } from '../../protocol/failure';
import { unreadable } from '../verify';
import { readSummary, summarise, type DumpSummary } from './dumpSummary';
import type { Packing } from './recognised';

/** How the text of a dump comes out of its file. */
export interface DumpFile {
  readonly file: string;
  readonly kind: 'plain' | 'custom' | 'directory';
  /** Of the file as a whole, not of what an archive holds. */
  readonly packed: Packing;
}

/** A dump that was read to its end, and the file that it lies in. */
export interface DumpRead {
  readonly summary: DumpSummary;
  readonly sizeBytes: number;
  readonly sha256: string;
}

// The length is known, so that the program ends without anybody closing its input, and what a stage leaves is drained. A
// directory archive is laid out in a folder of its own, as pg_restore wants it; nothing may keep that from being removed.
const readDump = `
packed=$2 kind=$3 summarise=$4
unpack() { case $packed in none) cat ;; *) "$packed" -dc ;; esac; }
fromFolder() {
  folder=$(mktemp -d) || return 1
  trap 'trap "" TERM; rm -rf "$folder"' EXIT
  trap 'exit 143' TERM
  { unpack || echo "cdb unpack $?" >&2; } | tar -x -o -f - -C "$folder" || return 1
  pg_restore --create -F d -f - "$(dirname "$(find "$folder" -name toc.dat | head -n 1)")"
}
head -c "$1" | {
  case $kind in
    plain) unpack ;;
    custom) unpack | pg_restore --create -f - ;;
    directory) fromFolder ;;
  esac
  echo "cdb read $?" >&2
  cat >/dev/null
} | awk "$summarise"`;

/**
 * Has the container read a dump to its end and say what it holds, while the file is hashed.
 * Throws `ARCHIVE_UNREADABLE`, `BACKUP_NEWER`, `BACKUP_TRUNCATED`, `TOOL_MISSING`, `DISK_FULL`, and what `runExec` throws.
 */
export async function readWholeDump(dump: DumpFile, server: PostgresServer, operation: Operation): Promise<DumpRead> {
  const { file, kind, packed } = dump;
  const { size } = await stat(file).catch((error: unknown) => {
    throw fileFailure(error, file);
  });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of readPieces(file, operation, 'Reading the archive')) {
      hash.update(piece);
      sizeBytes += piece.length;
      yield piece;
    }
  }
  const output: Buffer[] = [];
  const argv = ['sh', '-c', readDump, 'sh', String(size), packed, kind, summarise];
  const result = await runExec(
    server.engine,
    { container: server.container, argv: inContainer(server, argv), env: { LC_ALL: 'C' } },
    { signal: operation.signal, input: pieces(), onOutput: (bytes) => void output.push(bytes) },
  );
  const summary = readSummary(Buffer.concat(output).toString('utf8'));
  check(dump, summary, result);
  if (sizeBytes !== size) throw new Failure('FILE_CHANGED', `${file} changed while it was read.`, 'Wait until it is finished, then try again.');
  return { summary, sizeBytes, sha256: hash.digest('hex') };
}

/** Every stage must have ended well, and the text must end as a dump does. */
function check({ file, kind }: DumpFile, summary: DumpSummary, { exitCode, stderr }: { readonly exitCode: number; readonly stderr: string }): void {
  const said = stderr
    .split('\n')
    .filter((line) => !line.startsWith('cdb '))
    .join('\n');
  const code = /^cdb read (\d+)$/m.exec(stderr)?.[1];
  if (code === '127' || exitCode === 127 || /^cdb unpack 127$/m.test(stderr)) {
    throw new Failure('TOOL_MISSING', `The container has no program to read ${file} with.`, 'Use an image that has it, or unpack the file first.');
  }
  if (/No space left/i.test(said)) {
    throw new Failure('DISK_FULL', `The container has no room to lay ${file} out.`, 'Free space on the disk of the containers, then try again.');
  }
  if (code !== '0' || exitCode !== 0 || /^cdb unpack/m.test(stderr)) throw unreadable(file, said);
  if (summary.complete) return;
  if (kind !== 'plain') throw unreadable(file, 'what it holds has no end');
  throw new Failure('BACKUP_TRUNCATED', `${file} was cut short: it does not end as a dump does.`, 'Use another backup; this one is not to be relied on.');
}
