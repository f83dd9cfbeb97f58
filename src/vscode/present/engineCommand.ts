import type { EndpointView } from '../../inventory/model';

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

/** Creates and starts one service of a Compose project. */
export function composeUp(
  endpoint: EndpointView,
  programs: EnginePrograms,
  project: { readonly name: string; readonly folder: string; readonly configFiles: readonly string[] },
  service: string,
): ProgramCall | undefined {
  const files = project.configFiles.flatMap((file) => ['--file', file]);
  const up = ['up', '--detach', service];
  if (endpoint.engine === 'podman' && programs.podmanCompose !== undefined) {
    const args = ['-p', project.name, ...project.configFiles.flatMap((file) => ['-f', file]), 'up', '-d', service];
    return { program: programs.podmanCompose, args, env: { CONTAINER_HOST: endpoint.id } };
  }
  const engine = engineProgram(endpoint, programs);
  if (engine === undefined) return undefined;
  return { program: engine.program, args: [...engine.args, 'compose', '--project-name', project.name, '--project-directory', project.folder, ...files, ...up] };
}
