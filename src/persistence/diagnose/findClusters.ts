import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { listVolumes, type EngineVolume } from '../../engine/volumes';
import { bootServer } from '../../backup/volume/boot';
import { withThrowaway } from '../../backup/volume/throwaway';
import { composeResource } from '../../compose/labels';
import type { Volume } from '../../inventory/model';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { inspectAll, usersIn } from '../../operations/volumeUsers';
import { listDatabases } from '../../postgres/catalogue';
import { withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { messageOf } from '../../protocol/failure';
import type { FoundCluster } from './diagnosis';

export interface SearchRequest {
  readonly engine: Engine;
  readonly project: string;
  /** Of the service. */
  readonly container: string;
  readonly volume: Volume | undefined;
  readonly user: string;
  /** Of the image: only such clusters can be opened. */
  readonly major: number | undefined;
}

/** Volumes that are looked into, and clusters that are opened, newest first. */
const mostVolumes = 40;
const mostOpened = 5;

const place = '/container-databases';
const copyPlace = `${place}/copy`;

// A cluster is where there is a version and a control file; databases have a version each, too.
const findThem = `
for root; do
  find "$root" -maxdepth 4 -name PG_VERSION 2>/dev/null | while IFS= read -r file; do
    folder=\${file%/PG_VERSION}
    [ -f "$folder/global/pg_control" ] || continue
    printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$root" "$folder" "$(head -c 8 "$file" | tr -cd 0-9)" "$(stat -c %Y "$folder/global/pg_control")" "$(du -sk "$folder" | cut -f 1)"
  done
done`;

// What is opened is a copy, since a server writes. It is of our own, so that a former one may go.
const copyIt = `
size=$(du -sk "$1" | cut -f 1)
free=$(df -Pk "$2" | { read -r _; read -r _ _ _ free _; echo "$free"; })
[ "$free" -gt $((size * 12 / 10)) ] || { echo "too little space" >&2; exit 1; }
find "$2" -mindepth 1 -delete && cp -a "$1/." "$2/" && rm -f "$2/postmaster.pid" && stat -c %u:%g "$2/PG_VERSION"`;

interface Candidate {
  readonly name: string;
  readonly kind: FoundCluster['kind'];
  readonly usedBy: readonly string[];
}

/**
 * The clusters in the volumes of a project and in those that nobody named, with the databases in the newest of them. The volumes are
 * mounted for reading only; what is opened is a copy in a throwaway container without a network.
 * Throws `THROWAWAY_FAILED`, `CANCELLED`.
 */
export async function findClusters(request: SearchRequest, operation: Operation): Promise<readonly FoundCluster[]> {
  const { engine, container } = request;
  operation.report({ message: 'Looking into the volumes' });
  const { imageId: image } = await engine.inspect(container, operation.signal);
  const candidates = await candidatesOf(request);
  const volumes = candidates.map(({ name }, index) => ({ name, target: `${place}/${index}`, readOnly: true }));
  return withThrowaway(engine, { image, volumes, newVolumes: [copyPlace] }, operation, async (helper) => {
    const command = { container: helper, argv: ['sh', '-c', findThem, 'sh', ...volumes.map(({ target }) => target)], env: { LC_ALL: 'C' } };
    const { stdout } = await readExec(engine, command, operation.signal);
    const found = stdout
      .split('\n')
      .flatMap((line) => readLine(line, candidates, request.volume))
      .toSorted((a, b) => b.cluster.changedAt.localeCompare(a.cluster.changedAt));
    const clusters: FoundCluster[] = [];
    let opened = 0;
    for (const { cluster, path } of found) {
      throwIfCancelled(operation);
      const mayOpen = opened < mostOpened && cluster.major === request.major && cluster.usedBy.length === 0;
      if (mayOpen) opened += 1;
      const databases = mayOpen ? await openCopy(request, helper, path, operation) : undefined;
      clusters.push(databases === undefined ? cluster : { ...cluster, databases });
    }
    return clusters;
  });
}

async function candidatesOf({ engine, project, volume }: SearchRequest): Promise<readonly Candidate[]> {
  const containers = await inspectAll(engine);
  const key = keyOf(volume?.name, project);
  const fits = ({ name, labels }: EngineVolume): boolean => {
    const owner = composeResource(labels);
    if (name === volume?.name || owner?.project === project || name.startsWith(`${project}_`)) return true;
    // After the folder was renamed, the project has another name, and its volumes another beginning.
    if (key !== undefined && (owner?.key === key || name.endsWith(`_${key}`))) return true;
    return isUnnamed(name) && usersIn(containers, name).every((user) => user.project === project || !user.running);
  };
  const listed = (await listVolumes(engine)).filter(fits).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return listed.slice(0, mostVolumes).map(({ name }) => ({
    name,
    kind: isUnnamed(name) ? 'anonymous' : 'named',
    usedBy: usersIn(containers, name)
      .filter(({ running }) => running)
      .map((user) => user.name),
  }));
}

function keyOf(name: string | undefined, project: string): string | undefined {
  return name?.startsWith(`${project}_`) === true ? name.slice(project.length + 1) : undefined;
}

function isUnnamed(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** A line of `findThem`; what is none is passed over: the volume's content may be anything. */
function readLine(
  line: string,
  candidates: readonly Candidate[],
  volume: Volume | undefined,
): readonly { readonly cluster: FoundCluster; readonly path: string }[] {
  const [root = '', path = '', version = '', seconds = '', kilobytes = ''] = line.split('\t');
  const candidate = root.startsWith(`${place}/`) ? candidates[Number(root.slice(place.length + 1))] : undefined;
  if (candidate === undefined || !path.startsWith(root) || !/^\d+$/.test(version) || !/^\d+$/.test(seconds)) return [];
  const folder = path.slice(root.length + 1);
  const present =
    candidate.name === volume?.name && folder === (volume.destination === undefined ? '' : volume.dataDirectory.slice(volume.destination.length + 1));
  const changedAt = new Date(Number(seconds) * 1000).toISOString();
  return [
    {
      path,
      cluster: {
        volume: candidate.name,
        kind: candidate.kind,
        folder,
        major: Number(version),
        changedAt,
        sizeBytes: Number(kilobytes) * 1024 || 0,
        usedBy: candidate.usedBy,
        present,
      },
    },
  ];
}

/** The databases in a cluster, by a server on a copy of it; undefined when there is no room for one or it does not start. */
async function openCopy({ engine, user }: SearchRequest, helper: string, path: string, operation: Operation): Promise<FoundCluster['databases'] | undefined> {
  operation.report({ message: 'Opening a copy of what was found' });
  try {
    const command = { container: helper, argv: ['sh', '-c', copyIt, 'sh', path, copyPlace], env: { LC_ALL: 'C' } };
    const { exitCode, stdout, stderr } = await readExec(engine, command, operation.signal);
    const owner = stdout.trim();
    if (exitCode !== 0 || !/^\d+:\d+$/.test(owner)) throw new Error(stderr);
    const server: PostgresServer = { engine, container: helper, user, maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } };
    const running = await bootServer({ server, dataDirectory: copyPlace, owner }, operation);
    try {
      const rows = await withSession(server, 'postgres', { signal: operation.signal }, listDatabases);
      return rows.map(({ name, size }) => ({ name, sizeBytes: size }));
    } finally {
      await running.end();
    }
  } catch (error) {
    throwIfCancelled(operation);
    operation.log.warn(`A cluster could not be opened: ${messageOf(error)}`);
    return undefined;
  }
}
