import type { ComposeMount, ComposeVolume, SourceRange } from '../../compose/composeModel';
import type { ImageLayout } from './imageLayout';
import type { PlaceKind } from './survival';

/** What holds a directory of a container that need not exist yet. */
export interface Place {
  readonly kind: PlaceKind;
  readonly directory: string;
  /** Where the mount lies in the container; absent for the container's own layer. */
  readonly target?: string;
  /** The volume as the file calls it, or the path on the host. */
  readonly source?: string;
  /** Made by the engine because the image declares a VOLUME. */
  readonly byImage: boolean;
  readonly readOnly: boolean;
  /** The mount in the Compose file. */
  readonly range?: SourceRange;
}

/** The place of a directory: the mount nearest to it, else what the image declares, else the container's own layer. */
export function placeOf(directory: string, mounts: readonly ComposeMount[], volumes: readonly ComposeVolume[], image: Pick<ImageLayout, 'volumes'>): Place {
  const targets = new Set(mounts.map(({ target }) => normalised(target)));
  const declared = image.volumes.filter((target) => !targets.has(normalised(target))).map((target) => ({ target, mount: undefined }));
  const all = [...mounts.map((mount) => ({ target: mount.target, mount })), ...declared].filter(({ target }) => isWithin(directory, target));
  const [nearest] = all.toSorted((a, b) => normalised(b.target).length - normalised(a.target).length);
  if (nearest === undefined) return { kind: 'container layer', directory, byImage: false, readOnly: false };
  const { mount, target } = nearest;
  if (mount === undefined) return { kind: 'anonymous volume', directory, target, byImage: true, readOnly: false };
  const { source, range, readOnly } = mount;
  return { kind: kindOf(mount, volumes), directory, target, ...(source === undefined ? {} : { source }), byImage: false, readOnly, range };
}

/** A path without what does not matter: doubled and trailing slashes, single dots. */
export function normalised(path: string): string {
  const parts = path.split('/').reduce<readonly string[]>((done, part) => {
    if (part === '' || part === '.') return done;
    return part === '..' ? done.slice(0, -1) : [...done, part];
  }, []);
  return `/${parts.join('/')}`;
}

/** Whether a directory lies in a mount. */
export function isWithin(directory: string, target: string): boolean {
  const [inner, outer] = [normalised(directory), normalised(target)];
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}

function kindOf({ kind, source }: ComposeMount, volumes: readonly ComposeVolume[]): PlaceKind {
  if (kind === 'tmpfs') return 'tmpfs';
  if (kind === 'bind') return isPassing(source ?? '') ? 'passing folder' : 'bind mount';
  if (source === undefined) return 'anonymous volume';
  const volume = volumes.find(({ key }) => key === source);
  return volume === undefined ? 'unknown' : kindOfVolume(volume);
}

/** https://docs.docker.com/reference/cli/docker/volume/create/#opt: the local driver mounts whatever it is told. */
function kindOfVolume({ external, driver = 'local', driverOptions }: ComposeVolume): PlaceKind {
  if (external) return 'external volume';
  const type = (driverOptions['type'] ?? '').toLowerCase();
  const options = (driverOptions['o'] ?? '').toLowerCase().split(',');
  if (driver !== 'local') return 'volume of a plugin';
  if (/^(?:tmpfs|ramfs)$/.test(type)) return 'volume in memory';
  if (/^(?:nfs4?|cifs|smb3?|9p|glusterfs|ceph)$/.test(type)) return 'network volume';
  if (options.some((option) => option === 'bind' || option === 'rbind'))
    return isPassing(driverOptions['device'] ?? '') ? 'passing folder' : 'volume on a folder';
  return 'named volume';
}

/** Folders that systems empty when they start, or sooner. */
function isPassing(source: string): boolean {
  return /^\/(?:tmp|var\/tmp|run|var\/run|dev\/shm)(?:\/|$)/.test(source);
}
