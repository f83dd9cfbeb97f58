import type { ContainerMount } from '../engine/containers';
import type { Volume, VolumeKind } from './model';

/** What holds a data directory: the mount nearest to it, else the container's own layer. */
export function volumeOf(mounts: readonly ContainerMount[], dataDirectory: string): Volume {
  const [mount] = mounts.filter(({ destination }) => isWithin(dataDirectory, destination)).toSorted((a, b) => b.destination.length - a.destination.length);
  if (mount === undefined) return { kind: 'container layer', dataDirectory };
  const kind = kindOf(mount);
  return {
    kind,
    ...(mount.name === undefined ? {} : { name: mount.name }),
    ...(mount.source === '' || kind === 'tmpfs' ? {} : { source: mount.source }),
    destination: mount.destination,
    dataDirectory,
  };
}

function kindOf(mount: ContainerMount): VolumeKind {
  if (mount.type === 'tmpfs') return 'tmpfs';
  if (mount.type === 'bind' || mount.name === undefined) return 'bind';
  // Both engines name a volume that nobody named by 64 hexadecimal digits.
  return /^[0-9a-f]{64}$/.test(mount.name) ? 'anonymous' : 'named';
}

function isWithin(directory: string, mountPoint: string): boolean {
  const point = mountPoint.replace(/\/+$/, '');
  return directory === point || directory.startsWith(`${point}/`);
}
