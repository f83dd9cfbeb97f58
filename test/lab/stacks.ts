import path from 'node:path';
import { repositoryRoot } from './paths';
import { podmanEnvironment } from './podman';
import { run, tryRun, waitFor, type RunResult } from './process';

export type EngineName = 'docker' | 'podman';

export interface EngineOptions {
  /** Docker by default. */
  readonly engine?: EngineName;
}

export interface StackOptions extends EngineOptions {
  /** Compose files, from `cwd`; Compose's own choice by default. */
  readonly files?: readonly string[];
  /** Compose's own choice by default: `name:` in the file, or the folder's name. */
  readonly projectName?: string;
  /** The stack's folder; the one in test/fixtures/stacks by default. Tests that write into it give a copy. */
  readonly cwd?: string;
  /** For variables in the Compose files. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Creates and starts what a Compose project describes. Does not wait until it is healthy. */
export async function composeUp(stack: string, options: StackOptions = {}): Promise<void> {
  await compose(stack, ['up', '--detach'], options);
}

/** Removes a project's containers and volumes. (podman-compose 1.0 leaves its network behind, and knows no orphans.) */
export async function composeDown(stack: string, options: StackOptions = {}): Promise<void> {
  const orphans = options.engine === 'podman' ? [] : ['--remove-orphans'];
  await compose(stack, ['down', '--volumes', '--timeout', '5', ...orphans], options);
}

/** Runs `docker compose` or `podman-compose` on a stack, and gives what it printed. */
export async function compose(stack: string, args: readonly string[], options: StackOptions = {}): Promise<string> {
  const { files = [], projectName, cwd = path.join(repositoryRoot, 'test/fixtures/stacks', stack), env, engine } = options;
  const project = [...(projectName === undefined ? [] : ['-p', projectName]), ...files.flatMap((file) => ['-f', file])];
  return engine === 'podman'
    ? run('podman-compose', [...project, ...args], { cwd, env: { ...env, ...podmanEnvironment() } })
    : run('docker', ['compose', ...project, ...args], { cwd, env: { ...env } });
}

/** Runs the engine's own command line. */
export async function engineCommand(args: readonly string[], { engine = 'docker' }: EngineOptions = {}): Promise<RunResult> {
  return tryRun(engine, args, engine === 'podman' ? { env: podmanEnvironment() } : {});
}

interface State {
  readonly Status: string;
  readonly Health?: { readonly Status: string };
}

/** Waits until a container's health check succeeds, or, where it has none, until it runs. Throws at once when it has ended. */
export async function waitForHealthy(container: string, options: EngineOptions = {}, timeout = 120_000): Promise<void> {
  const isHealthy = async (): Promise<boolean> => {
    const state = await stateOf(container, options);
    if (state === undefined) return false;
    const health = state.Health?.Status ?? '';
    if (state.Status !== 'running' || health === '') return state.Status === 'running';
    // Podman leaves the checking to timers of systemd, which need not be there.
    return options.engine === 'podman' ? (await engineCommand(['healthcheck', 'run', container], options)).code === 0 : health === 'healthy';
  };
  await waitFor(`${container} to be healthy`, isHealthy, timeout);
}

/** Waits until Postgres in a container takes connections over TCP: on the socket, the one of the initialisation already does. */
export async function waitForPostgres(container: string, options: EngineOptions = {}, timeout = 120_000): Promise<void> {
  const look = 'pg_isready -q -h 127.0.0.1 -p "${PGPORT:-5432}"';
  // Asked again inside: to begin a program costs an engine ten times what the question does.
  const probe = ['exec', container, 'sh', '-c', `tries=0; until ${look}; do [ "$((tries += 1))" -lt 50 ] || exit 1; sleep 0.1; done`];
  const isReady = async (): Promise<boolean> => {
    const state = await stateOf(container, options);
    return state?.Status === 'running' && (await engineCommand(probe, options)).code === 0;
  };
  await waitFor(`Postgres in ${container}`, isReady, timeout);
}

async function stateOf(container: string, options: EngineOptions): Promise<State | undefined> {
  const { code, stdout } = await engineCommand(['container', 'inspect', '--format', '{{json .State}}', container], options);
  if (code !== 0) return undefined;
  const state = JSON.parse(stdout) as State;
  if (state.Status !== 'exited' && state.Status !== 'dead') return state;
  const { stdout: out, stderr } = await engineCommand(['logs', '--tail', '20', container], options);
  throw new Error(`${container} has ended:\n${out}${stderr}`);
}
