import { posix } from 'node:path';
import type { VolumeKind } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import type { Packer } from './stream';

/** How a data directory is copied: by `pg_basebackup` while the server runs, or file by file while it does not. */
export type VolumeMode = 'live' | 'stopped';

/** What a running server says about itself that decides how it can be copied. */
export interface ServerSide {
  readonly walLevel: string;
  readonly walSenders: number;
  /** Whether our user is a superuser or has REPLICATION. */
  readonly mayReplicate: boolean;
  readonly hasBasebackup: boolean;
  /** Those that somebody made; the location is as the server says it. */
  readonly tablespaces: readonly { readonly name: string; readonly location: string }[];
  /** Unlogged tables of all databases, with the database before them. */
  readonly unlogged: readonly string[];
  /** Libraries that are loaded at its start; they may be named on its command line only. */
  readonly preload: string;
}

/** All that a plan depends on. */
export interface VolumeFacts {
  /** By `SHOW data_directory`, where the server runs. */
  readonly dataDirectory: string;
  /** By `PG_VERSION`. */
  readonly major: number;
  /** What holds the data directory. */
  readonly volume: VolumeKind;
  /** Of the container, in the engine's words. */
  readonly state: string;
  /** Whether the container is removed when it stops. */
  readonly vanishes: boolean;
  readonly packer: Packer;
  /** Bytes of all files. */
  readonly dataBytes: number;
  /** Links in the data directory that lead out of it, such as `./pg_wal`. */
  readonly links: readonly string[];
  /** Absent when the server does not run. */
  readonly server?: ServerSide;
}

/** How a data directory will be copied. */
export interface VolumePlan {
  readonly mode: VolumeMode;
  readonly dataDirectory: string;
  readonly major: number;
  readonly packer: Packer;
  /** Bytes of all files, before they are packed; what a proof needs about, on the engine's disk. */
  readonly dataBytes: number;
  /** Of the file, without a dot before it. */
  readonly extension: 'tar.zst' | 'tar.gz';
  /** Whether the service and its dependents are stopped for it. */
  readonly interrupts: boolean;
  /** What the user should know of this copy. */
  readonly remarks: readonly string[];
  /** `shared_preload_libraries`, for the proof; absent when the server does not run. */
  readonly preload?: string;
}

const stoppedStates: ReadonlySet<string> = new Set(['exited', 'stopped', 'created', 'configured', 'dead']);

/**
 * Decides how to copy a data directory; `auto` keeps the server running where that can be.
 * Throws `TABLESPACE_OUTSIDE`, `VOLUME_UNSTEADY`, `VOLUME_LIVE_IMPOSSIBLE`, `VOLUME_STOP_REFUSED`, `VOLUME_IMPOSSIBLE`.
 */
export function planVolume(facts: VolumeFacts, wished: VolumeMode | 'auto'): VolumePlan {
  refuseTablespaces(facts);
  const isStopped = stoppedStates.has(facts.state);
  if (!isStopped && facts.state !== 'running') {
    throw new Failure('VOLUME_UNSTEADY', `The container is ${facts.state}; its files may change at any moment.`, 'Start or stop the service, then try again.');
  }
  const againstLive = reasonAgainstLive(facts);
  const againstStopped = reasonAgainstStopped(facts);
  const mode = choose(wished, againstLive, againstStopped);
  const remarks = mode === 'live' ? liveRemarks(facts) : wished === 'auto' && !isStopped ? [`It cannot be copied while it runs: ${againstLive}.`] : [];
  const { dataDirectory, major, packer, dataBytes } = facts;
  const extension = packer === 'zstd' ? 'tar.zst' : 'tar.gz';
  const preload = facts.server === undefined ? {} : { preload: facts.server.preload };
  return { mode, dataDirectory, major, packer, dataBytes, extension, interrupts: mode === 'stopped' && !isStopped, remarks, ...preload };
}

function choose(wished: VolumeMode | 'auto', againstLive: string | undefined, againstStopped: string | undefined): VolumeMode {
  if (wished !== 'stopped' && againstLive === undefined) return 'live';
  if (wished !== 'live' && againstStopped === undefined) return 'stopped';
  if (wished === 'live') {
    throw new Failure(
      'VOLUME_LIVE_IMPOSSIBLE',
      `The data directory cannot be copied while the server runs: ${againstLive}.`,
      'Back it up stopped, or mend that.',
    );
  }
  if (wished === 'stopped') {
    throw new Failure('VOLUME_STOP_REFUSED', `The data directory cannot be copied with the server stopped: ${againstStopped}.`, 'Back it up while it runs.');
  }
  throw new Failure(
    'VOLUME_IMPOSSIBLE',
    `The data directory cannot be copied: not while the server runs, since ${againstLive}; and not stopped, since ${againstStopped}.`,
    'Back the databases up as dumps instead.',
  );
}

function refuseTablespaces({ dataDirectory, links, server }: VolumeFacts): void {
  const locations = server?.tablespaces.map(({ name, location }) => ({ name: `"${name}"`, location })) ?? [];
  const linked = links.filter((link) => link.startsWith('./pg_tblspc/')).map((link) => ({ name: link, location: '/' }));
  const outside = (server === undefined ? linked : locations).filter(({ location }) => !isInside(location, dataDirectory));
  if (outside.length === 0) return;
  throw new Failure(
    'TABLESPACE_OUTSIDE',
    `The tablespace ${outside.map(({ name }) => name).join(', ')} lies outside of the data directory, and would be missing from a copy of it.`,
    'Back the databases up as dumps, or move what is in it to pg_default.',
  );
}

/** A location that is relative is below the data directory (tablespaces in place). */
function isInside(location: string, dataDirectory: string): boolean {
  const relative = posix.relative(dataDirectory, posix.resolve(dataDirectory, location));
  return relative !== '..' && !relative.startsWith('../');
}

function reasonAgainstLive({ server }: VolumeFacts): string | undefined {
  if (server === undefined) return 'it does not run';
  if (!server.hasBasebackup) return 'the container has no pg_basebackup';
  if (server.walLevel === 'minimal') return 'wal_level is minimal';
  if (server.walSenders === 0) return 'max_wal_senders is 0';
  if (!server.mayReplicate) return 'the user may not replicate (ALTER ROLE … REPLICATION)';
  if (server.tablespaces.length > 0) return 'it has tablespaces of its own';
  return undefined;
}

function reasonAgainstStopped({ volume, vanishes, links }: VolumeFacts): string | undefined {
  if (vanishes) return 'the engine removes the container with its data when it stops (--rm)';
  if (volume === 'tmpfs') return 'its data lies in memory, and is gone when it stops';
  if (volume === 'container layer') return 'its data lies in the container itself, not in a volume';
  if (links.length > 0) return `${links.join(', ')} leads out of the data directory`;
  return undefined;
}

function liveRemarks({ server }: VolumeFacts): readonly string[] {
  const unlogged = server?.unlogged ?? [];
  if (unlogged.length === 0) return [];
  return [`Unlogged tables are empty in a copy that is made while the server runs: ${unlogged.join(', ')}.`];
}
