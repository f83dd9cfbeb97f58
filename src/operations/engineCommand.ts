import type { EndpointView } from '../inventory/model';

/** A program and its arguments; never a line for a shell. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Which command lines there are on this host, as absolute paths. */
export interface EnginePrograms {
  readonly docker?: string;
  readonly podman?: string;
  readonly podmanCompose?: string;
}

/**
 * The command line that talks to an endpoint, with the arguments that make it talk to just that one; undefined when
 * none is installed. Docker's own serves Podman too, but not the other way round.
 */
export function engineProgram(endpoint: EndpointView, programs: EnginePrograms): ProgramCall | undefined {
  const { docker, podman } = programs;
  if (endpoint.engine === 'podman' && podman !== undefined) return { program: podman, args: ['--url', endpoint.id] };
  if (docker === undefined) return undefined;
  if (endpoint.source === 'context') return { program: docker, args: ['--context', endpoint.name] };
  // Certificates come from DOCKER_CERT_PATH, as they did when the endpoint was found.
  const tls = endpoint.id.startsWith('https://');
  return { program: docker, args: [...(tls ? ['--tls'] : []), '--host', tls ? endpoint.id.replace('https://', 'tcp://') : endpoint.id] };
}

/** A Compose project whose files are on this host. */
export interface ComposeProject {
  readonly name: string;
  readonly folder: string;
  readonly configFiles: readonly string[];
  /** The files of `--env-file`; Compose's own choice where there are none. */
  readonly environmentFiles?: readonly string[];
}

/** Creates and starts one service of a Compose project. */
export function composeUp(endpoint: EndpointView, programs: EnginePrograms, project: ComposeProject, service: string): ProgramCall | undefined {
  return composeCall(endpoint, programs, project, ['up', '-d', service]);
}

/** The user's own Compose on a project; undefined when none is installed. */
export function composeCall(endpoint: EndpointView, programs: EnginePrograms, project: ComposeProject, command: readonly string[]): ProgramCall | undefined {
  const { name, folder, configFiles, environmentFiles = [] } = project;
  const environment = environmentFiles.flatMap((file) => ['--env-file', file]);
  if (endpoint.engine === 'podman' && programs.podmanCompose !== undefined) {
    const files = configFiles.flatMap((file) => ['-f', file]);
    return { program: programs.podmanCompose, args: ['-p', name, ...files, ...environment, ...command], env: { CONTAINER_HOST: endpoint.id } };
  }
  const engine = engineProgram(endpoint, programs);
  if (engine === undefined) return undefined;
  const files = configFiles.flatMap((file) => ['--file', file]);
  const args = [...engine.args, 'compose', '--project-name', name, '--project-directory', folder, ...files, ...environment, ...command];
  return { program: engine.program, args };
}
