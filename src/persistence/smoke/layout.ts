import type { ContainerMount } from '../../engine/containers';
import type { StandInMount } from '../../engine/recreate';
import { volumeOf } from '../../inventory/volume';
import { Failure } from '../../protocol/failure';

/** How the mounts of a container lie to its data directory, as far as a stand-in needs to know. */
export interface Layout {
  /** Where it gets volumes that outlive it, in place of named volumes and of folders of the host. */
  readonly storage: readonly string[];
  /** All else: volumes that nobody named, memory, and what the server only reads. */
  readonly others: readonly StandInMount[];
}

/** Where programs write while they run, and nothing that must last. */
const fleeting = /^\/(?:run|tmp|var\/run|var\/tmp|var\/log)(?:\/|$)/;
const initScripts = '/docker-entrypoint-initdb.d';

/**
 * What a stand-in is to have in place of each mount, so that it loses what the original would lose, and nothing of the user's is
 * written to: what holds the data directory is replaced, what lies beside it is there for reading only.
 * Throws `SMOKE_LAYOUT` when a mount lies inside of the data directory.
 */
export function layoutOf(mounts: readonly ContainerMount[], dataDirectory: string): Layout {
  const inside = mounts.find(({ destination }) => destination.startsWith(`${dataDirectory}/`));
  if (inside !== undefined) {
    throw new Failure(
      'SMOKE_LAYOUT',
      `${inside.destination} is mounted into the data directory, which a copy cannot be given.`,
      'Test the service itself (--real); a verified backup is made first.',
    );
  }
  const { destination } = volumeOf(mounts, dataDirectory);
  const relevant = mounts.filter((mount) => mount.destination !== initScripts);
  const lasting = relevant.filter((mount) => mount.destination === destination && isLasting(mount));
  return {
    storage: lasting.map((mount) => mount.destination),
    others: relevant.filter((mount) => !lasting.includes(mount)).map(standInFor),
  };
}

function standInFor(mount: ContainerMount): StandInMount {
  const { type, name, source, destination, readOnly } = mount;
  if (type === 'tmpfs') return { destination, kind: 'memory' };
  if (!isLasting(mount)) return { destination, kind: 'unnamed' };
  if (type === 'bind' || name === undefined) return { destination, kind: 'folder', source, readOnly: true };
  return fleeting.test(destination) && !readOnly ? { destination, kind: 'unnamed' } : { destination, kind: 'volume', source: name, readOnly: true };
}

/** Whether a container that is made anew gets the same again. */
function isLasting(mount: ContainerMount): boolean {
  const { kind } = volumeOf([mount], mount.destination);
  return kind === 'named' || kind === 'bind';
}
