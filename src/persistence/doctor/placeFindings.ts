import type { ComposeMount, ComposeService, ComposeVolume } from '../../compose/composeModel';
import { dataPath } from '../../inventory/recognise';
import type { Finding } from './finding';
import type { Place } from './place';
import { verdictOn, type PlaceKind } from './survival';

/** Why the data directory is well kept, or is not; the mount that misses it, too. */
export function aboutPlace(place: Place, service: ComposeService, volumes: readonly ComposeVolume[]): readonly Finding[] {
  const verdict = verdictOn(place.kind);
  const severity = verdict === 'persistent' ? 'good' : 'danger';
  const beside = verdict === 'persistent' ? undefined : mountBeside(service, volumes, place);
  const at = place.range === undefined ? { ...(service.volumes.length > 0 ? { field: 'volumes' } : {}) } : { field: 'volumes', range: place.range };
  const main: Finding = {
    code: codes[place.kind],
    severity,
    message: sentence(place),
    ...at,
    verdict,
  };
  const readOnly: Finding = {
    code: 'READ_ONLY',
    severity: 'danger',
    message: 'The data directory is mounted read-only: the server cannot start.',
    ...at,
    verdict: 'at-risk',
  };
  return [...(beside === undefined ? [] : [beside]), ...(place.readOnly ? [readOnly] : []), main, ...remarks(place, volumes)];
}

const codes: Readonly<Record<PlaceKind, string>> = {
  'named volume': 'NAMED_VOLUME',
  'external volume': 'EXTERNAL_VOLUME',
  'volume on a folder': 'FOLDER_VOLUME',
  'network volume': 'NETWORK_VOLUME',
  'volume in memory': 'MEMORY_VOLUME',
  'volume of a plugin': 'PLUGIN_VOLUME',
  'bind mount': 'BIND_MOUNT',
  'passing folder': 'PASSING_FOLDER',
  'anonymous volume': 'ANONYMOUS_VOLUME',
  tmpfs: 'TMPFS',
  'container layer': 'CONTAINER_LAYER',
  unknown: 'PLACE_UNKNOWN',
};

function sentence({ kind, directory, source = '', target = '', byImage }: Place): string {
  const where = `the data directory ${directory}`;
  const texts: Readonly<Record<PlaceKind, string>> = {
    'named volume': `The named volume "${source}" holds ${where}.`,
    'external volume': `The external volume "${source}" holds ${where}; Compose never removes it.`,
    'volume on a folder': `The volume "${source}" is a folder of the host, and holds ${where}.`,
    'network volume': `The volume "${source}" lies on a network file system, and holds ${where}.`,
    'volume in memory': `The volume "${source}" lies in memory (driver_opts): ${where} is empty after every stop.`,
    'volume of a plugin': `The volume "${source}" belongs to a driver of its own, and holds ${where}.`,
    'bind mount': `The folder ${source} of the host holds ${where}.`,
    'passing folder': `The folder of the host that holds ${where} is one that systems empty.`,
    'anonymous volume': byImage
      ? `No mount holds ${where}. The image makes an anonymous volume at ${target}: after "down" the service starts empty, and the old data lies in a volume without a name.`
      : `An anonymous volume holds ${where}: after "down" the service starts empty, and the old data lies in a volume without a name.`,
    tmpfs: `A tmpfs holds ${where}: it lies in memory and is gone when the container stops.`,
    'container layer': `No mount and no volume holds ${where}: it lies in the container itself and is gone with it.`,
    unknown: `What holds ${where} is not known.`,
  };
  return texts[kind];
}

/** A mount that was surely meant for the data, but does not hold the data directory. */
function mountBeside({ volumes: mounts }: ComposeService, volumes: readonly ComposeVolume[], { directory, target: holder }: Place): Finding | undefined {
  const isMeant = ({ kind, source, target }: ComposeMount): boolean =>
    kind !== 'tmpfs' &&
    source !== undefined &&
    target !== holder &&
    (dataPath.test(target) || (kind === 'volume' && volumes.some(({ key }) => key === source)));
  const mount = mounts.find(isMeant);
  if (mount === undefined) return undefined;
  const message = `"${mount.source ?? ''}" is mounted at ${mount.target}, but the data directory is ${directory}: nothing is ever written there.`;
  return { code: 'MOUNT_BESIDE', severity: 'danger', message, field: 'volumes', range: mount.range };
}

/** What is worth knowing although the data stays. */
function remarks({ kind, source }: Place, volumes: readonly ComposeVolume[]): readonly Finding[] {
  const volume = volumes.find(({ key }) => key === source);
  const remark = (code: string, message: string): Finding => ({ code, severity: 'advice', message, ...(volume === undefined ? {} : { range: volume.range }) });
  return [
    ...(kind === 'network volume'
      ? [remark('NETWORK', 'Postgres on a network file system needs a hard, synchronous mount; a lost connection stops the server.')]
      : []),
    ...(volume?.name !== undefined && !volume.external
      ? [remark('EXPLICIT_NAME', `The volume is called "${volume.name}" for every project: another one that uses this name shares it.`)]
      : []),
  ];
}
