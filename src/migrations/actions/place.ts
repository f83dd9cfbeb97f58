import path from 'node:path';
import { composeOrigin } from '../../compose/labels';
import type { ContainerInspection, ContainerMount } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import { readExec } from '../../engine/exec';
import type { DatabaseTarget } from '../../inventory/target';
import type { Operation } from '../../operations/operation';
import { Failure, messageOf } from '../../protocol/failure';
import { connectionsIn } from '../connections';
import { isWithin } from '../owners';
import type { Source } from '../survey';
import { findProgram } from './findProgram';
import type { Program, ToolCommand } from './toolCommands';

/** Where a tool is run. */
export type Place =
  | { readonly kind: 'service'; readonly service: string; readonly container: string; readonly directory: string; readonly program: readonly string[] }
  /** In a container like that of a service that does not run. */
  | { readonly kind: 'one-off'; readonly service: string; readonly like: string; readonly directory: string }
  | { readonly kind: 'host'; readonly directory: string; readonly program: readonly string[] };

export const placeKinds = ['service', 'one-off', 'host'] as const;
export type PlaceKind = (typeof placeKinds)[number];

export interface PlaceRequest {
  readonly target: DatabaseTarget;
  readonly source: Source;
  readonly command: ToolCommand;
  readonly label: string;
  /** Only places of this kind. */
  readonly wished?: PlaceKind;
}

interface Candidate {
  readonly service: string;
  readonly inspection: ContainerInspection;
  /** In the container; empty for the folder in which its programs start. */
  readonly directory: string;
}

/**
 * Where a tool lives, by looking: in a running service of the project that has its files, on this host in the project's own
 * environment, or in a container like that of a service that is stopped. Throws `TOOL_MISSING`.
 */
export async function findPlace(engine: Engine, request: PlaceRequest, operation: Operation): Promise<Place> {
  const { source, command, label, wished } = request;
  const candidates = wished === 'host' ? [] : await candidatesIn(engine, request);
  if (wished !== 'one-off') {
    for (const candidate of candidates.filter(({ inspection }) => inspection.state === 'running')) {
      const program = await programIn(engine, candidate.inspection.id, candidate.directory, command, source, operation);
      if (program === undefined) continue;
      return { kind: 'service', service: candidate.service, container: candidate.inspection.id, directory: candidate.directory, program };
    }
  }
  const stopped = candidates.find(({ inspection }) => inspection.state !== 'running');
  const oneOff: Place | undefined = stopped && { kind: 'one-off', service: stopped.service, like: stopped.inspection.id, directory: stopped.directory };
  if (wished === 'one-off' && oneOff !== undefined) return oneOff;
  const directory = source.facts.root;
  const place = { root: directory, base: source.base, platform: process.platform, path: process.env['PATH'] ?? '' };
  const program = wished === undefined || wished === 'host' ? await findProgram(command.program, place) : undefined;
  if (program !== undefined) return { kind: 'host', directory, program };
  if (oneOff !== undefined && wished === undefined) return oneOff;
  throw new Failure(
    'TOOL_MISSING',
    `${label} was found neither in a running service of ${request.target.project.name} that has ${directory}, nor on this host.`,
    "Start the service that has it, or install it on this host in the project's own environment (venv, node_modules).",
  );
}

/** The containers of the project that have the files, or an image that may have them; those that run first. */
async function candidatesIn(engine: Engine, { target, source, command }: PlaceRequest): Promise<readonly Candidate[]> {
  const { project, service } = target;
  const own = (await engine.containers()).filter(({ labels, name }) => {
    const origin = composeOrigin(labels, name);
    return origin?.project === project.name && origin.service !== service.name && !origin.oneOff;
  });
  const inspections = await Promise.all(
    own.map(async ({ id, labels, name }) => ({ service: composeOrigin(labels, name)?.service ?? name, inspection: await engine.inspect(id) })),
  );
  const hostNames = new Set([service.name, ...(service.container === undefined ? [] : [service.container.name])]);
  return inspections
    .filter(({ inspection }) => leadsHere(inspection, hostNames, target.database.name))
    .flatMap(({ service: name, inspection }): readonly Candidate[] => {
      const directory = directoryIn(source.facts.root, inspection.mounts);
      const hasMarker = command.marker !== undefined || source.folder.config.length > 0;
      if (directory === undefined && !hasMarker) return [];
      return [{ service: name, inspection, directory: directory ?? '' }];
    })
    .toSorted((a, b) => Number(b.directory !== '') - Number(a.directory !== ''));
}

/** Whether the environment of a container names this database; one that names none may read a file that does. */
function leadsHere({ env }: ContainerInspection, hostNames: ReadonlySet<string>, database: string): boolean {
  const named = connectionsIn(
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );
  return named.length === 0 || named.some(({ host, database: other = database }) => host !== undefined && hostNames.has(host) && other === database);
}

/** Where a folder of this host appears in a container by a mount. Docker Desktop writes host paths below a folder of its own. */
export function directoryIn(folder: string, mounts: readonly Pick<ContainerMount, 'type' | 'source' | 'destination'>[]): string | undefined {
  const holding = mounts
    .filter(({ type }) => type === 'bind')
    .map(({ source, destination }) => ({ source: source.replace(/^\/(?:host_mnt|run\/desktop\/mnt\/host)(?=\/)/, ''), destination }))
    .filter(({ source }) => isWithin(folder, source))
    .toSorted((a, b) => b.source.length - a.source.length)[0];
  if (holding === undefined) return undefined;
  const below = path.relative(holding.source, folder).split(path.sep).join('/');
  return below === '' ? holding.destination : `${holding.destination.replace(/\/$/, '')}/${below}`;
}

// Prints the path of a program: of the project's environment in this folder, else of the container's PATH.
const look = `[ -z "$1" ] || cd "$1" || exit 1
[ -z "$3" ] || [ -e "$3" ] || exit 1
for file in "./$2" "./.venv/bin/$2" "./venv/bin/$2" "./node_modules/.bin/$2"; do
  [ -f "$file" ] && [ -x "$file" ] && echo "$file" && exit 0
done
command -v "$2"`;

/** The start of the argument list that runs a tool in a container; undefined when it is not there. */
export async function programIn(
  engine: Engine,
  container: string,
  directory: string,
  { program, marker }: ToolCommand,
  source: Source,
  { signal, log }: Operation,
): Promise<readonly string[] | undefined> {
  // Where no mount shows that the folder is the right one, a file that has to be there does.
  const mark = marker ?? (directory === '' ? path.posix.basename(source.folder.config[0] ?? '') : '');
  for (const name of namesOf(program)) {
    try {
      const { exitCode, stdout } = await readExec(engine, { container, argv: ['sh', '-c', look, 'sh', directory, name, mark] }, signal);
      if (exitCode !== 0 || stdout.trim() === '') continue;
      return program.kind === 'python script' ? [stdout.trim(), program.file] : [stdout.trim()];
    } catch (error) {
      if (signal.aborted) throw error;
      log.debug(`The container ${container.slice(0, 12)} was not looked into: ${messageOf(error)}`);
      return undefined;
    }
  }
  return undefined;
}

function namesOf(program: Program): readonly string[] {
  return program.kind === 'python script' ? ['python', 'python3'] : [program.name];
}
