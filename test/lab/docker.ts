import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ensurePackages } from './apt';
import { isRunning, livePid, stopDaemon } from './daemon';
import { unpackFromSuite } from './debian';
import { labFolder } from './paths';
import { run, startDaemon, step, tryRun, waitFor } from './process';

export interface Engine {
  /** Path of the engine's API socket. */
  readonly socket: string;
}

const pidFile = (): string => path.join(labFolder('docker'), 'dockerd.pid');
const logFile = (): string => path.join(labFolder('docker'), 'dockerd.log');

let ensuring: Promise<Engine> | undefined;

/** Gives a Docker engine with Compose: the one that already answers, or one of the lab's own, which outlives this process. */
export async function ensureDocker(): Promise<Engine> {
  ensuring ??= ensure();
  ensuring.catch(() => (ensuring = undefined)); // a later call may try again
  return ensuring;
}

async function ensure(): Promise<Engine> {
  if ((await serverVersion()) === undefined) {
    await ensurePackages(['docker.io', 'iptables']);
    await step('started Docker', start);
  }
  await ensureCompose();
  return { socket: await socketPath() };
}

/** Whether the engine that answers was started by the lab, and may be stopped without harm to anyone. */
export function dockerIsOurs(): boolean {
  return livePid(pidFile(), 'dockerd') !== undefined;
}

/** Stops the lab's engine, and with it all containers; a Docker that was there before stays. Gives whether it was running. */
export async function stopDocker(signal: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
  ensuring = undefined;
  return stopDaemon(pidFile(), 'dockerd', signal);
}

/** Stops and starts the lab's engine, for tests of what then happens. Its containers are stopped by it. */
export async function restartDocker(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (!(await stopDocker(signal))) throw new Error('This Docker was not started by the lab, which therefore does not restart it');
  await start();
}

async function serverVersion(): Promise<string | undefined> {
  const result = await tryRun('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 20_000 }).catch(() => undefined);
  return result?.code === 0 ? result.stdout.trim() : undefined;
}

async function start(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`No Docker answers, and only root can start one. Docker says: ${await complaint()}`);
  const pid = livePid(pidFile(), 'dockerd') ?? launch(); // another process may be starting it at this moment
  const version = await waitFor('Docker to answer', async () => (await serverVersion()) ?? (isRunning(pid, 'dockerd') ? undefined : 'none'));
  if (version === 'none') throw new Error(`dockerd ended at its start:\n${readFileSync(logFile(), 'utf8').slice(-4000)}`);
}

function launch(): number {
  rmSync(pidFile(), { force: true }); // dockerd refuses to start when the pid of a crashed one was given to something else
  // Under /run, for its content must not survive a reboot, and containerd's sockets there need a short path.
  const runtime = '/run/container-databases-lab/docker';
  mkdirSync(runtime, { recursive: true });
  const folders = ['--data-root', labFolder('docker', 'data'), '--exec-root', runtime];
  return startDaemon('dockerd', [...folders, '--pidfile', pidFile()], logFile());
}

async function complaint(): Promise<string> {
  return tryRun('docker', ['version', '--format', '{{.Server.Version}}']).then(({ stderr }) => stderr.trim(), String);
}

/** The path in the endpoint that the Docker client uses: its environment, its context or its default. */
async function socketPath(): Promise<string> {
  const endpoint = (await run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim();
  if (!endpoint.startsWith('unix://')) throw new Error(`The lab needs Docker on a local socket, and this one is at ${endpoint}: unset DOCKER_HOST`);
  return endpoint.slice('unix://'.length);
}

/** Compose v2 is not in Debian 12. Its static binary in Debian 13's package runs there as well. */
async function ensureCompose(): Promise<void> {
  if ((await tryRun('docker', ['compose', 'version'])).code === 0) return;
  await step('installed Docker Compose', installCompose).catch((cause: unknown) => {
    throw new Error('This Docker has no Compose v2, and the lab could not install it. Do so by hand.', { cause });
  });
  await run('docker', ['compose', 'version']);
}

async function installCompose(): Promise<void> {
  const aside = await mkdtemp(path.join(tmpdir(), 'lab-compose-'));
  try {
    await unpackFromSuite('trixie', 'docker-compose', aside);
    const plugin = path.join(pluginFolder(), 'docker-compose');
    await copyFile(path.join(aside, 'usr/libexec/docker/cli-plugins/docker-compose'), plugin);
    await chmod(plugin, 0o755);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function pluginFolder(): string {
  const docker = process.getuid?.() === 0 ? '/usr/local/lib/docker' : (process.env['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker'));
  const folder = path.join(docker, 'cli-plugins');
  mkdirSync(folder, { recursive: true });
  return folder;
}
