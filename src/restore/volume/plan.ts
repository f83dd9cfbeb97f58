import type { Backup } from '../../backup/catalogue';
import type { Manifest } from '../../backup/manifest';
import { undoPrefix } from '../../inventory/undoName';
import type { VolumeUser } from '../../operations/volumeUsers';
import type { Volume } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import { formatBytes } from '../../protocol/format';
import { undoLifetime } from '../plan';
import type { PlaceFacts } from './exchange';

/** A copy of a data directory: a backup, or what a restore replaced. */
export type VolumeSource =
  | { readonly kind: 'backup'; readonly backup: Backup & { readonly manifest: Manifest } }
  | { readonly kind: 'undo'; readonly volume: string; readonly replacedAt: string };

/** What a restore of a data directory depends on, gathered before anything is decided. */
export interface VolumeRestoreFacts {
  readonly id: string;
  readonly now: Date;
  readonly project: string;
  readonly service: string;
  readonly source: VolumeSource;
  readonly volume: Volume;
  /** Of the server; by the server itself where it runs, else by its image. */
  readonly major: number | undefined;
  /** Of its container, in the engine's words. */
  readonly state: string;
  /** Whether the container is removed when it stops. */
  readonly vanishes: boolean;
  /** Mounts below the data directory. */
  readonly nestedMounts: readonly string[];
  readonly place: PlaceFacts;
  /** Other containers that mount the same, but for the dependents. */
  readonly others: readonly VolumeUser[];
  /** Dependents that run, by name, in the order in which they start. */
  readonly dependents: readonly string[];
  /** Whether the server could be copied now without stopping it. */
  readonly copiesLive: boolean;
  readonly skipSafetyBackup: boolean;
}

export type VolumeRestoreStep =
  | { readonly kind: 'prove'; readonly file: string }
  | { readonly kind: 'safety backup' }
  | { readonly kind: 'lay beside'; readonly sizeBytes: number }
  | { readonly kind: 'stop'; readonly containers: readonly string[] }
  | { readonly kind: 'exchange'; readonly place: string; readonly dataDirectory: string }
  | { readonly kind: 'start'; readonly containers: readonly string[] }
  | { readonly kind: 'keep'; readonly undo: string; readonly sizeBytes: number; readonly expiresAt: string };

/** What a restore of a data directory will do, as data. */
export interface VolumeRestorePlan {
  readonly kind: 'volume';
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly source: VolumeSource;
  /** The volume's name, or the folder of the engine's host. */
  readonly place: string;
  readonly dataDirectory: string;
  /** The volume that takes what is replaced. */
  readonly undo: string;
  readonly replacedAt: Date;
  readonly expiresAt: Date;
  /** Whether the server runs, and is to run again. */
  readonly running: boolean;
  readonly steps: readonly VolumeRestoreStep[];
}

/**
 * Decides how a data directory is restored. Throws before anything is touched: `VOLUME_IMPOSSIBLE`, `VOLUME_UNSTEADY`,
 * `VOLUME_VERSION`, `VOLUME_SHARED`, `CONTAINER_FULL`.
 */
export function planVolumeRestore(facts: VolumeRestoreFacts): VolumeRestorePlan {
  refuseWhatCannotWork(facts);
  const { id, now, project, service, source, volume, place, dependents } = facts;
  const running = facts.state === 'running' || facts.state === 'restarting';
  const expiresAt = new Date(now.getTime() + undoLifetime);
  const undo = `${undoPrefix}${id.slice(0, 8)}`;
  const what = volume.name ?? volume.source ?? volume.dataDirectory;
  const containers = running ? [service, ...dependents] : [];
  const steps: readonly VolumeRestoreStep[] = [
    ...(source.kind === 'backup' ? [{ kind: 'prove', file: source.backup.file } as const] : []),
    ...(facts.copiesLive && !facts.skipSafetyBackup && source.kind === 'backup' ? [{ kind: 'safety backup' } as const] : []),
    { kind: 'lay beside', sizeBytes: neededBytes(facts) },
    ...(running ? [{ kind: 'stop', containers: containers.toReversed() } as const] : []),
    { kind: 'exchange', place: what, dataDirectory: volume.dataDirectory },
    ...(running ? [{ kind: 'start', containers } as const] : []),
    { kind: 'keep', undo, sizeBytes: place.sizeBytes, expiresAt: expiresAt.toISOString() },
  ];
  return {
    kind: 'volume',
    id,
    project,
    service,
    source,
    place: what,
    dataDirectory: volume.dataDirectory,
    undo,
    replacedAt: now,
    expiresAt,
    running,
    steps,
  };
}

function neededBytes({ source, place }: VolumeRestoreFacts): number {
  return source.kind === 'backup' ? source.backup.manifest.databaseSizeBytes : place.sizeBytes;
}

function refuseWhatCannotWork(facts: VolumeRestoreFacts): void {
  const { volume, place, state, vanishes, nestedMounts, others, source, major } = facts;
  const where = volume.name ?? volume.source ?? volume.dataDirectory;
  if (volume.kind === 'tmpfs' || volume.kind === 'container layer') {
    throw refusal(
      'VOLUME_IMPOSSIBLE',
      `The data of ${facts.service} lie in no volume (${volume.kind}).`,
      'Give the service a volume first, or restore a dump.',
    );
  }
  if (state === 'paused') throw refusal('VOLUME_UNSTEADY', 'The container is paused.', 'Start or stop the service, then try again.');
  if (vanishes) throw refusal('VOLUME_IMPOSSIBLE', 'The engine removes the container when it stops (--rm).', 'Start it without --rm, then try again.');
  const outside = [...place.links, ...nestedMounts];
  if (outside.length > 0) {
    throw refusal(
      'VOLUME_IMPOSSIBLE',
      `A part of the data lies outside of the data directory (${outside.join(', ')}), and cannot be exchanged with it.`,
      'Restore the databases from dumps instead.',
    );
  }
  const backupMajor = source.kind === 'backup' ? Number.parseInt(source.backup.manifest.serverVersion, 10) : place.major;
  if (major !== undefined && backupMajor !== undefined && major !== backupMajor) {
    throw refusal(
      'VOLUME_VERSION',
      `The backup is of Postgres ${backupMajor}, and the service runs ${major}.`,
      'A data directory works with its own major version only. Use that image, or restore a dump.',
    );
  }
  const [other] = others.filter(({ running }) => running);
  if (other !== undefined) {
    throw refusal('VOLUME_SHARED', `The container ${other.name} uses ${where} as well.`, 'Stop it first, then try again.');
  }
  refuseWithoutRoom(facts);
}

/** The new data and, until they are in a volume of their own, the old ones twice: none of it may fill the engine's disk. */
function refuseWithoutRoom(facts: VolumeRestoreFacts): void {
  const { freeBytes, oneDisk, sizeBytes } = facts.place;
  const beside = neededBytes(facts) * 1.1;
  const kept = sizeBytes * 1.1;
  // The copy that is booted lies in a volume of the engine's, and is gone before the old data are copied there.
  const booted = facts.source.kind === 'backup' ? beside : 0;
  const onPlace = oneDisk ? beside + Math.max(kept, booted) : beside;
  const onEngine = oneDisk ? onPlace : Math.max(kept, booted);
  if (!(freeBytes.place < onPlace) && !(freeBytes.engine < onEngine)) return;
  const [free, needed] = freeBytes.place < onPlace ? [freeBytes.place, onPlace] : [freeBytes.engine, onEngine];
  throw refusal(
    'CONTAINER_FULL',
    `The engine's disk has ${formatBytes(free)} free, and ${formatBytes(needed)} are needed for the new data beside the old.`,
    "Free space on the engine's disk, then try again.",
  );
}

function refusal(code: string, message: string, remedy: string): Failure {
  return new Failure(code, message, remedy);
}

/** The steps as people read them. */
export function describeVolumePlan(plan: VolumeRestorePlan): readonly string[] {
  return plan.steps.map((step) => {
    switch (step.kind) {
      case 'prove':
        return `unpack ${step.file} into a new volume, boot it in a throwaway container, and count every row`;
      case 'safety backup':
        return 'back the volume up as it is now';
      case 'lay beside':
        return `lay the new data (${formatBytes(step.sizeBytes)}) beside the present ones`;
      case 'stop':
        return `stop ${step.containers.join(', ')}`;
      case 'exchange':
        return `exchange the data in ${step.place}, which keeps its name and labels`;
      case 'start':
        return `start ${step.containers.join(', ')}`;
      case 'keep':
        return `keep what was replaced (${formatBytes(step.sizeBytes)}) in the volume ${step.undo} until ${step.expiresAt}`;
    }
  });
}
