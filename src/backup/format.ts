import { Failure } from '../protocol/failure';
import type { ToolFacts } from '../postgres/tools';
import type { BackupFormat } from './manifest';
import type { BackupOptions } from './options';

/** How a dump is made and what its file looks like. */
export interface DumpShape {
  readonly format: Exclude<BackupFormat, 'volume'>;
  /** Of the directory format: connections that dump at once. */
  readonly jobs: number;
  /** As the manifest says it: what `pg_dump --compress` got, or the program that a plain dump went through. */
  readonly compression: string;
  readonly extension: '.dump' | '.tar' | '.sql' | '.sql.gz' | '.sql.zst';
}

/** What the choice of a format depends on. */
export interface FormatFacts {
  readonly tools: ToolFacts;
  readonly databaseSizeBytes: number;
  /** Of the last backup of the same kind; the best guess at the size of the next. */
  readonly lastSizeBytes: number | undefined;
  /** Connections that the server would still accept. */
  readonly connectionsLeft: number;
}

/** Bytes below which starting more processes takes longer than they save. */
const worthDividing = 64 * 1024 * 1024;

/**
 * Decides the format. `auto` takes the parallel one where the database is large, and processors, connections and room in the
 * container allow it. Throws `CONTAINER_FULL`, `CONNECTIONS_FULL` and `TOOL_MISSING` for a wish that cannot be met.
 */
export function chooseShape(options: Pick<BackupOptions, 'format' | 'scope' | 'compression'>, facts: FormatFacts): DumpShape {
  switch (options.format) {
    case 'custom':
      return customShape(facts.tools);
    case 'directory':
      refuseDirectory(facts);
      return directoryShape(facts);
    case 'plain':
      return plainShape(options.compression, facts.tools);
    case 'volume':
      throw new Failure('FORMAT_UNKNOWN', 'A copy of the volume is not made by pg_dump.', 'Choose another format.');
    case 'auto':
      return isDirectoryFaster(options, facts) ? directoryShape(facts) : customShape(facts.tools);
  }
}

function customShape({ compression }: ToolFacts): DumpShape {
  return { format: 'custom', jobs: 1, compression, extension: '.dump' };
}

function directoryShape({ tools, connectionsLeft }: FormatFacts): DumpShape {
  // The leader needs a connection too, and one stays for somebody else.
  const jobs = Math.max(1, Math.min(tools.processors, 8, connectionsLeft - 2));
  return { format: 'directory', jobs, compression: tools.compression, extension: '.tar' };
}

/** The archive lies in the container for a moment. It is compressed, but that cannot be relied on: `auto` wants room for all of it. */
function isDirectoryFaster({ scope }: Pick<BackupOptions, 'scope'>, { tools, databaseSizeBytes, connectionsLeft }: FormatFacts): boolean {
  const hasRoom = (tools.room?.freeBytes ?? 0) > databaseSizeBytes;
  return scope !== 'schema' && databaseSizeBytes >= worthDividing && tools.processors > 1 && connectionsLeft >= 4 && hasRoom && tools.programs.includes('tar');
}

function refuseDirectory({ tools, databaseSizeBytes, lastSizeBytes, connectionsLeft }: FormatFacts): void {
  const needed = lastSizeBytes ?? databaseSizeBytes / 5;
  if (!tools.programs.includes('tar')) throw toolMissing('tar');
  if ((tools.room?.freeBytes ?? 0) < needed) {
    throw new Failure(
      'CONTAINER_FULL',
      `No temporary folder of the container has room for about ${Math.ceil(needed / 1e6)} MB, which the directory format needs for a moment.`,
      "Choose the custom format, free space on the engine's disk, or mount a tmpfs on /tmp.",
    );
  }
  if (connectionsLeft < 3) {
    throw new Failure(
      'CONNECTIONS_FULL',
      `The server accepts only ${Math.max(connectionsLeft, 0)} more connections; a parallel dump needs at least three.`,
      'Choose the custom format, close some sessions, or raise max_connections.',
    );
  }
}

function plainShape(wish: BackupOptions['compression'], { programs }: ToolFacts): DumpShape {
  const has = (program: string): boolean => programs.includes(program);
  const compression = wish !== 'auto' ? wish : has('zstd') ? 'zstd' : has('gzip') ? 'gzip' : 'none';
  if (compression !== 'none' && !has(compression)) throw toolMissing(compression);
  const extensions = { none: '.sql', gzip: '.sql.gz', zstd: '.sql.zst' } as const;
  return { format: 'plain', jobs: 1, compression, extension: extensions[compression] };
}

function toolMissing(program: string): Failure {
  return new Failure('TOOL_MISSING', `The container has no ${program}.`, 'Choose another format, or use the official image.');
}
