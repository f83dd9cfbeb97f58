import { posix, win32, type PlatformPath } from 'node:path';

export type Labels = Readonly<Record<string, string>>;

/** Another service that must be in some state before this one starts. */
export interface ComposeCondition {
  readonly service: string;
  /** `service_started`, `service_healthy` or `service_completed_successfully`. */
  readonly condition: string;
}

/** Where a container comes from, as Compose wrote it into its labels. */
export interface ComposeOrigin {
  readonly project: string;
  readonly service: string;
  /** On the host where Compose ran. */
  readonly workingDir?: string;
  /** Absolute where the labels allow it, in the order in which they were given. */
  readonly configFiles: readonly string[];
  /** The files of `--env-file`; empty when only the usual `.env` was read. */
  readonly environmentFiles: readonly string[];
  /** Made by `run`, not by `up`. */
  readonly oneOff: boolean;
  readonly dependsOn: readonly ComposeCondition[];
  /** Counted from one. */
  readonly containerNumber: number;
}

// Label names: docker/compose pkg/api/labels.go. podman-compose writes the project under both prefixes, but number and
// service (until now, 1.6) under Docker's only; `podman kube` and other tools may write either.
const prefixes = ['com.docker.compose.', 'io.podman.compose.'];

/** The labels that name the project of a container, a volume or a network. */
export const projectLabels: readonly string[] = prefixes.map((prefix) => `${prefix}project`);

/**
 * Reads the labels of Docker Compose and of podman-compose; undefined for a container of neither. `containerName`
 * stands in for the service where a tool labels the project only, as the Supabase CLI does.
 */
export function composeOrigin(labels: Labels, containerName?: string): ComposeOrigin | undefined {
  const project = label(labels, 'project');
  const service = label(labels, 'service') ?? containerName?.replace(/^\//, '');
  if (project === undefined || service === undefined || service === '') return undefined;
  const workingDir = label(labels, 'project.working_dir');
  const number = Number(label(labels, 'container-number'));
  return {
    project,
    service,
    ...(workingDir === undefined ? {} : { workingDir }),
    configFiles: filesOf(label(labels, 'project.config_files'), workingDir),
    environmentFiles: filesOf(label(labels, 'project.environment_file'), workingDir),
    oneOff: /^true$/i.test(label(labels, 'oneoff') ?? ''),
    dependsOn: conditionsOf(label(labels, 'depends_on') ?? ''),
    containerNumber: Number.isInteger(number) && number > 0 ? number : 1,
  };
}

/** Whose volume or network this is. podman-compose writes the project but not the name that the file uses. */
export function composeResource(labels: Labels): { readonly project: string; readonly key?: string } | undefined {
  const project = label(labels, 'project');
  const key = label(labels, 'volume') ?? label(labels, 'network');
  return project === undefined ? undefined : { project, ...(key === undefined ? {} : { key }) };
}

function label(labels: Labels, name: string): string | undefined {
  return prefixes.map((prefix) => (Object.hasOwn(labels, prefix + name) ? labels[prefix + name] : undefined)).find(Boolean);
}

/** `db:service_healthy:false,cache`: service, condition, whether to restart with it; early versions wrote names only. */
function conditionsOf(text: string): readonly ComposeCondition[] {
  return text
    .split(',')
    .map((entry) => entry.trim().split(':'))
    .flatMap(([service, condition]) => (service ? [{ service, condition: condition || 'service_started' }] : []));
}

function filesOf(text: string | undefined, workingDir: string | undefined): readonly string[] {
  const flavour = flavourOf(workingDir ?? text ?? '');
  const files = joinCommas(
    (text ?? '').split(',').map((file) => file.trim()),
    flavour,
  ).filter((file) => file !== '' && file !== '-');
  const first = files[0];
  if (workingDir === undefined || first === undefined) return files;
  return files.map((file) => (flavour.isAbsolute(file) ? file : besideFirst(file, first, workingDir, flavour)));
}

/**
 * Compose 1 and podman-compose write paths as they were typed, relative to a folder that no label names. The project
 * folder is that of the first file, though, so the others can be found from there, unless they lead out of the unknown
 * folder.
 */
function besideFirst(file: string, first: string, workingDir: string, flavour: PlatformPath): string {
  const folder = flavour.dirname(first);
  if (flavour.dirname(file) === folder) return flavour.join(workingDir, flavour.basename(file));
  const [from, to] = [folder, file].map((typed) => posix.normalize(typed.replaceAll('\\', '/')));
  if (from === undefined || to === undefined || from.startsWith('..') || to.startsWith('..')) return file;
  return flavour.join(workingDir, posix.relative(`/${from}`, `/${to}`));
}

/** A comma may belong to a path: among absolute paths, a piece that is none continues the one before it. */
function joinCommas(pieces: readonly string[], flavour: PlatformPath): readonly string[] {
  const [first] = pieces;
  if (first === undefined || !flavour.isAbsolute(first)) return pieces;
  return pieces.reduce<readonly string[]>((files, piece) => {
    const last = files.at(-1);
    return last === undefined || flavour.isAbsolute(piece) ? [...files, piece] : [...files.slice(0, -1), `${last},${piece}`];
  }, []);
}

/** The rules for paths of the host that wrote `text`, which need not be this one. */
function flavourOf(text: string): PlatformPath {
  return /^(?:[A-Za-z]:[\\/]|\\\\)/.test(text) ? win32 : posix;
}
