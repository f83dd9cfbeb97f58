import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { ensurePackages } from './apt';
import { livePid, stopDaemon } from './daemon';
import type { Engine } from './docker';
import { ensurePostgresImage } from './images';
import { labFolder } from './paths';
import { run, startDaemon, step, tryRun, waitFor } from './process';
import type { PostgresMajor } from './rootfs';

const runtime = '/run/container-databases-lab/podman';
const pidFile = (): string => path.join(labFolder('podman'), 'podman.pid');

let ensuring: Promise<Engine> | undefined;

/** Gives the API service of the lab's own Podman: rootful, with storage, networks and configuration apart from the user's. */
export async function ensurePodman(): Promise<Engine> {
  ensuring ??= ensure();
  ensuring.catch(() => (ensuring = undefined)); // a later call may try again
  return ensuring;
}

async function ensure(): Promise<Engine> {
  await ensurePackages(['podman', 'netavark', 'aardvark-dns', 'runc', 'podman-compose']);
  if (process.getuid?.() !== 0) throw new Error('The lab’s Podman is rootful: run the lab as root');
  writeConfiguration();
  const socket = socketPath();
  if (!(await isReady(socket))) await step('started the API service of Podman', () => start(socket));
  return { socket };
}

/** One that runs is given time, for another process may have started it at this moment. */
async function isReady(socket: string): Promise<boolean> {
  if (!podmanIsRunning()) return false;
  return waitFor('Podman to answer', () => answers(socket), 10_000).catch(() => false);
}

export function podmanIsRunning(): boolean {
  return livePid(pidFile(), 'podman') !== undefined;
}

/** Stops the API service and the containers of the lab's Podman. Gives whether the service was running. */
export async function stopPodman(): Promise<boolean> {
  ensuring = undefined;
  if (!podmanIsRunning()) return false;
  await run('podman', ['stop', '--all', '--time', '10'], { env: podmanEnvironment() });
  return stopDaemon(pidFile(), 'podman');
}

/** What makes `podman` and `podman-compose` those of the lab. */
export function podmanEnvironment(): NodeJS.ProcessEnv {
  const folder = labFolder('podman');
  return { CONTAINERS_CONF: path.join(folder, 'containers.conf'), CONTAINERS_STORAGE_CONF: path.join(folder, 'storage.conf') };
}

/** Brings an image over from Docker, where it is made first if need be. Compose files have to name it `localhost/postgres:<major>`. */
export async function loadPostgresImageIntoPodman(major: PostgresMajor): Promise<void> {
  await Promise.all([ensurePodman(), ensurePostgresImage(major)]);
  const name = `localhost/postgres:${major}`;
  const id = async (program: string, image: string): Promise<string> =>
    tryRun(program, ['image', 'inspect', '--format', '{{.Id}}', image], { env: podmanEnvironment() }).then(({ stdout }) =>
      stdout.trim().replace(/^sha256:/, ''),
    );
  if ((await id('podman', name)) === (await id('docker', `postgres:${major}`))) return;
  await step(`loaded ${name} into Podman`, async () => {
    const folder = await mkdtemp(path.join(labFolder('podman'), 'load-'));
    try {
      const archive = path.join(folder, 'image.tar');
      await run('docker', ['save', '--output', archive, `postgres:${major}`]);
      await run('podman', ['load', '--quiet', '--input', archive], { env: podmanEnvironment() });
      await run('podman', ['image', 'inspect', name], { env: podmanEnvironment() });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** A socket's path has room for 108 bytes. */
function socketPath(): string {
  const wanted = path.join(labFolder('podman'), 'podman.sock');
  return Buffer.byteLength(wanted) < 100 ? wanted : `${runtime}/podman.sock`;
}

async function start(socket: string): Promise<void> {
  await stopDaemon(pidFile(), 'podman', 'SIGKILL'); // one that hangs
  rmSync(socket, { force: true });
  const pid = startDaemon('podman', ['system', 'service', '--time=0', `unix://${socket}`], path.join(labFolder('podman'), 'podman.log'), podmanEnvironment());
  writeFileSync(pidFile(), String(pid));
  await waitFor('Podman to answer', () => answers(socket));
}

async function answers(socket: string): Promise<boolean> {
  return (await tryRun('podman', ['--url', `unix://${socket}`, 'version'], { env: podmanEnvironment(), timeout: 20_000 })).code === 0;
}

/** The ulimits, runc and cgroupfs are for cgroup v1 and low limits, and do no harm with others. Paths in JSON are paths in TOML. */
function writeConfiguration(): void {
  const quote = (...parts: readonly string[]): string => JSON.stringify(labFolder('podman', ...parts));
  mkdirSync(runtime, { recursive: true });
  const { CONTAINERS_CONF = '', CONTAINERS_STORAGE_CONF = '' } = podmanEnvironment();
  const engine = `runtime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nlock_type = "file"\ntmp_dir = "${runtime}/libpod"\n`;
  const network = `network_backend = "netavark"\nnetwork_config_dir = ${quote('networks')}\n`;
  const limits = 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n';
  writeFileSync(CONTAINERS_CONF, `[containers]\n${limits}[engine]\n${engine}[network]\n${network}`);
  writeFileSync(CONTAINERS_STORAGE_CONF, `[storage]\ndriver = "overlay"\ngraphroot = ${quote('storage')}\nrunroot = "${runtime}/storage"\n`);
}
