import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { ensureDocker } from './docker';
import { repositoryRoot } from './paths';
import { run, step, tryRun } from './process';
import { ensureRootfs, rootfsTag, type PostgresMajor } from './rootfs';

export type { PostgresMajor } from './rootfs';

export const postgresMajors: readonly PostgresMajor[] = [17, 15, 18, 13];

/** Where an image came from: a registry, or the lab, which then labels it with the recipe's hash. */
export type ImageKind = 'official' | 'built';

const label = 'container-databases-lab.recipe';
const imageFolder = path.join(repositoryRoot, 'test/lab/postgres-image');
const ensuring = new Map<PostgresMajor, Promise<ImageKind>>();
let asked: Promise<boolean> | undefined;

/** Sees to it that Docker has an image `postgres:<major>`: the official one, or else one that is built to its contract. */
export async function ensurePostgresImage(major: PostgresMajor): Promise<ImageKind> {
  const known = ensuring.get(major) ?? ensure(major);
  ensuring.set(major, known);
  known.catch(() => ensuring.delete(major)); // a later call may try again
  return known;
}

async function ensure(major: PostgresMajor): Promise<ImageKind> {
  const { socket } = await ensureDocker();
  const kind = await provide(major, socket);
  process.stderr.write(`lab: postgres:${major} is ${kind === 'official' ? 'the official image' : 'one that the lab built'}\n`);
  return kind;
}

async function provide(major: PostgresMajor, socket: string): Promise<ImageKind> {
  const wanted = await recipeHash(major);
  const present = await recipeOfImage(major);
  if (present === 'official') return 'official';
  if (present === wanted) return 'built';
  if (await pulled(major, socket)) return 'official';
  await step(`built postgres:${major}, for no registry gave it`, () => build(major, wanted));
  return 'built';
}

/** What is there under the official name. */
export async function presentImage(major: PostgresMajor): Promise<ImageKind | undefined> {
  const present = await recipeOfImage(major);
  return present === undefined || present === 'official' ? present : 'built';
}

/** An image without the lab's label is none of the lab's, and used as it is. */
async function recipeOfImage(major: PostgresMajor): Promise<string | undefined> {
  const { code, stdout } = await tryRun('docker', ['image', 'inspect', '--format', `{{index .Config.Labels "${label}"}}`, `postgres:${major}`]);
  return code === 0 ? stdout.trim() || 'official' : undefined;
}

async function recipeHash(major: PostgresMajor): Promise<string> {
  const hash = createHash('sha256').update(rootfsTag(major));
  for (const name of (await readdir(imageFolder)).sort()) hash.update(name).update(await readFile(path.join(imageFolder, name)));
  return hash.digest('hex').slice(0, 12);
}

async function pulled(major: PostgresMajor, socket: string): Promise<boolean> {
  asked ??= registryAnswers(socket, `postgres:${major}`);
  if (!(await asked)) return false;
  return step(`asked the registry for postgres:${major}`, async () => (await tryRun('docker', ['pull', '--quiet', `postgres:${major}`])).code === 0);
}

/** Has the engine ask the registry about an image. It would go on trying for longer than anyone wants to wait. */
async function registryAnswers(socketPath: string, image: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: `/distribution/${image}/json`, timeout: 8000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false)).once('close', () => resolve(false));
  });
}

async function build(major: PostgresMajor, recipe: string): Promise<void> {
  const rootfs = await ensureRootfs(major);
  const version = await run('docker', ['run', '--rm', '--network=none', rootfs, 'dpkg-query', '-W', '-f', '${Version}', `postgresql-${major}`]);
  const [data, volume] = major < 18 ? ['/var/lib/postgresql/data', '/var/lib/postgresql/data'] : [`/var/lib/postgresql/${major}/docker`, '/var/lib/postgresql'];
  const values = { ROOTFS: rootfs, MAJOR: String(major), VERSION: version.trim(), DATA: data, VOLUME: volume };
  const args = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // Without BuildKit, which needs a plugin that Debian 12 does not have.
  const env = { DOCKER_BUILDKIT: '0' };
  await run('docker', ['build', '--quiet', '--tag', `postgres:${major}`, '--label', `${label}=${recipe}`, ...args, imageFolder], { env });
}
