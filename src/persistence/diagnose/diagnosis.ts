import type { Volume } from '../../inventory/model';

/** A data directory that was found in a volume, whoever it belongs to. */
export interface FoundCluster {
  /** The volume's name, or the folder of the host. */
  readonly volume: string;
  readonly kind: 'named' | 'anonymous' | 'bind';
  /** Where in the volume; empty for the volume itself. */
  readonly folder: string;
  readonly major: number;
  /** When the server last wrote its control file, ISO 8601. */
  readonly changedAt: string;
  readonly sizeBytes: number;
  /** Absent when they could not be read. */
  readonly databases?: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** Containers that use the volume and run. */
  readonly usedBy: readonly string[];
  /** Whether it is the one that the service has now. */
  readonly present: boolean;
}

/** A backup of the service's. */
export interface HeldBackup {
  readonly file: string;
  /** `*` for all of the cluster. */
  readonly database: string;
  readonly finishedAt: string;
  readonly verified: string;
}

export interface Check {
  readonly id: 'volume' | 'cluster' | 'database' | 'otherClusters' | 'backups';
  readonly state: 'good' | 'bad' | 'unknown';
  readonly message: string;
}

/** A way to the data, best first. */
export type WayBack =
  | { readonly kind: 'restoreBackup'; readonly file: string; readonly database: string; readonly message: string }
  /** What is to be changed in the Compose file, line by line. It `fits` where a copy of it can be restored into the service's own volume. */
  | {
      readonly kind: 'useVolume';
      readonly fits: boolean;
      readonly volume: string;
      readonly folder: string;
      readonly message: string;
      readonly steps: readonly string[];
    };

export interface Diagnosis {
  readonly project: string;
  readonly service: string;
  readonly checks: readonly Check[];
  /** Newest first. */
  readonly clusters: readonly FoundCluster[];
  readonly backups: readonly HeldBackup[];
  readonly waysBack: readonly WayBack[];
}

/** All that the diagnosis depends on. */
export interface DiagnosisFacts {
  readonly project: string;
  readonly service: string;
  /** The database that the service was made for. */
  readonly database: string;
  readonly volume: Volume | undefined;
  readonly major?: number;
  /** Absent when the server does not run. */
  readonly presentDatabases?: readonly string[];
  readonly clusters: readonly FoundCluster[];
  readonly backups: readonly HeldBackup[];
}

/** What the facts say, and the ways back that they leave. Pure. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const clusters = facts.clusters.toSorted((a, b) => b.changedAt.localeCompare(a.changedAt));
  const backups = facts.backups.toSorted((a, b) => b.finishedAt.localeCompare(a.finishedAt));
  const sorted = { ...facts, clusters, backups };
  const { project, service } = facts;
  return {
    project,
    service,
    checks: checksOf(sorted),
    clusters,
    backups,
    waysBack: waysBack(sorted),
  };
}

/** First the clusters that hold the database, then backups, then clusters that could not be opened, then those that lack it. */
function waysBack(facts: DiagnosisFacts): readonly WayBack[] {
  const others = facts.clusters.filter(({ present }) => !present);
  const holds = ({ databases }: FoundCluster): boolean | undefined => databases?.some(({ name }) => name === facts.database);
  const ways = (wanted: boolean | undefined): readonly WayBack[] => others.filter((each) => holds(each) === wanted).map((each) => wayBy(each, facts));
  return [...ways(true), ...facts.backups.map(restoring), ...ways(undefined), ...ways(false)];
}

function checksOf(facts: DiagnosisFacts): readonly Check[] {
  const { clusters, backups, database, presentDatabases } = facts;
  const others = clusters.filter(({ present }) => !present);
  const present = clusters.find((cluster) => cluster.present);
  return [
    volumeCheck(facts.volume),
    present === undefined
      ? { id: 'cluster', state: 'bad', message: 'No cluster was found where the data directory is.' }
      : { id: 'cluster', state: 'good', message: `A cluster of Postgres ${present.major} lies in the data directory.` },
    databaseCheck(database, presentDatabases),
    others.length === 0
      ? { id: 'otherClusters', state: 'unknown', message: 'No other volume of this project, and none that nobody named, holds a cluster.' }
      : {
          id: 'otherClusters',
          state: 'good',
          message: `${others.length} other ${others.length === 1 ? 'cluster was' : 'clusters were'} found; the data may be there.`,
        },
    backups[0] === undefined
      ? { id: 'backups', state: 'bad', message: 'There is no backup of this service.' }
      : { id: 'backups', state: 'good', message: `The newest of ${backups.length} backups is of ${momentOf(backups[0].finishedAt)}.` },
  ];
}

function volumeCheck(volume: Volume | undefined): Check {
  if (volume === undefined) return { id: 'volume', state: 'unknown', message: 'It is not known where the data lies: start the service once.' };
  const where = `${volume.dataDirectory} lies in ${volume.name ?? volume.source ?? `the ${volume.kind}`}`;
  if (volume.kind === 'named' || volume.kind === 'bind') return { id: 'volume', state: 'good', message: `${where}, which outlives the container.` };
  return { id: 'volume', state: 'bad', message: `${where} (${volume.kind}), which does not outlive the container.` };
}

function databaseCheck(database: string, present: readonly string[] | undefined): Check {
  if (present === undefined) return { id: 'database', state: 'unknown', message: 'The server does not run, so its databases cannot be listed.' };
  if (present.includes(database)) return { id: 'database', state: 'good', message: `The database "${database}" is there; look whether its tables are.` };
  return { id: 'database', state: 'bad', message: `The database "${database}" is not in the cluster.` };
}

function wayBy(cluster: FoundCluster, { volume, major, clusters }: DiagnosisFacts): WayBack {
  const { volume: name, folder, kind, databases } = cluster;
  const names = databases?.map((each) => each.name).join(', ');
  const holds = names === undefined ? 'holds a cluster' : `holds ${names}`;
  const steps =
    major !== undefined && major !== cluster.major
      ? [`Run it with an image of Postgres ${cluster.major}: servers of another major do not start on it.`, ...mountSteps(cluster, volume)]
      : mountSteps(cluster, volume);
  const what = kind === 'bind' ? 'The folder' : 'The volume';
  const alone = clusters.filter((each) => each.volume === name).length === 1;
  const fits = major === cluster.major && kind !== 'bind' && alone && cluster.usedBy.length === 0;
  return { kind: 'useVolume', fits, volume: name, folder, message: `${what} ${name} ${holds}, last written ${momentOf(cluster.changedAt)}.`, steps };
}

/** What to write so that the service has this cluster again. Its own volume stays as it is. */
function mountSteps({ volume: name, kind, folder, usedBy }: FoundCluster, volume: Volume | undefined): readonly string[] {
  const directory = volume?.dataDirectory ?? '/var/lib/postgresql/data';
  const mountPoint =
    folder !== '' && directory.endsWith(`/${folder}`) ? directory.slice(0, -folder.length - 1) : folder === '' ? directory : '/var/lib/postgresql/data';
  const inFolder = directory === (folder === '' ? mountPoint : `${mountPoint}/${folder}`);
  return [
    ...(usedBy.length === 0 ? [] : [`Stop ${usedBy.join(', ')} first: two servers must never share a data directory.`]),
    ...(kind === 'bind'
      ? [`In the service, under "volumes:", write "${name}:${mountPoint}".`]
      : [
          `In the service, under "volumes:", write "recovered:${mountPoint}".`,
          `At the end of the file, under "volumes:", write "recovered: { external: true, name: ${name} }".`,
        ]),
    ...(inFolder ? [] : [`Under "environment:", set PGDATA to "${mountPoint}/${folder}".`]),
    'Start the service (docker compose up -d), look whether all is there, and back it up.',
  ];
}

function restoring({ file, database, finishedAt, verified }: HeldBackup): WayBack {
  const what = database === '*' ? 'all databases' : `"${database}"`;
  return { kind: 'restoreBackup', file, database, message: `A backup of ${what} from ${momentOf(finishedAt)} (verified: ${verified}).` };
}

/** To the minute, in words that need no translation. */
function momentOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
