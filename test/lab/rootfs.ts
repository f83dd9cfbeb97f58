import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import path from 'node:path';
import { ensurePackages } from './apt';
import { debianMirror } from './debian';
import { labFolder } from './paths';
import { run } from './process';

export type PostgresMajor = 13 | 15 | 17 | 18;

/** The suite of Debian that has this major version. */
const suites: Readonly<Record<PostgresMajor, string>> = { 13: 'bullseye', 15: 'bookworm', 17: 'trixie', 18: 'forky' };

// mmdebstrap and not debootstrap, because it takes a third of the time, leaves out documentation while unpacking, and has
// hooks: for the user id of the official image, and against a cluster of Debian's own. The hooks are constant shell lines.
const exclude = ['doc', 'man', 'info', 'locale', 'lintian'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
const hooks = [
  '--essential-hook=echo postgres:x:999: >>"$1/etc/group"',
  '--essential-hook=echo postgres:x:999:999::/var/lib/postgresql:/bin/bash >>"$1/etc/passwd"',
  '--essential-hook=mkdir -p "$1/etc/postgresql-common"; echo create_main_cluster = false >"$1/etc/postgresql-common/createcluster.conf"',
  '--customize-hook=chroot "$1" localedef -i en_US -c -f UTF-8 en_US.UTF-8',
  '--customize-hook=rm -rf "$1/usr/share/i18n"',
];

function recipe(major: PostgresMajor): readonly string[] {
  const tools = ['gosu', 'procps', 'less', 'zstd', 'xz-utils', 'locales', 'libnss-wrapper'];
  const packages = [`postgresql-${major}`, `postgresql-client-${major}`, ...tools];
  return [...minimalDebian(packages), ...hooks, suites[major]];
}

/** The arguments of mmdebstrap for a small Debian with these packages; hooks and the suite's name come behind them. */
export function minimalDebian(packages: readonly string[]): readonly string[] {
  const dpkg = ['--dpkgopt=force-unsafe-io', '--dpkgopt=force-confold', ...exclude];
  return ['--mode=root', '--variant=essential', '--quiet', `--include=${packages.join(',')}`, ...dpkg];
}

/** The name of the image; it changes with all that goes into it. */
export function rootfsTag(major: PostgresMajor): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(recipe(major)))
    .digest('hex')
    .slice(0, 12);
  return `container-databases-lab/rootfs:${major}-${hash}`;
}

/** Gives the name of an image of a Debian with that Postgres; made once and kept in the engine. */
export async function ensureRootfs(major: PostgresMajor): Promise<string> {
  const tag = rootfsTag(major);
  return ensureImage(tag, recipe(major));
}

/** Gives the name of an image with the Debian that mmdebstrap makes of these arguments; made once and kept in the engine. */
export async function ensureImage(tag: string, args: readonly string[]): Promise<string> {
  if ((await run('docker', ['image', 'ls', '--quiet', tag])).trim() !== '') return tag;
  await ensurePackages(['mmdebstrap']);
  const scratch = await makeScratch();
  try {
    const archive = path.join(scratch, 'rootfs.tar');
    // Its mounts of /proc and /dev stay within, and vanish with it, whatever ends it: the folder can always be removed.
    const ownMounts = ['--mount', '--propagation', 'private', 'mmdebstrap'];
    await run('unshare', [...ownMounts, ...(await aptOptions()), ...args, archive, await debianMirror()], {
      env: { TMPDIR: scratch },
    });
    await run('docker', ['import', archive, tag]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return tag;
}

/** How this machine's apt talks to its mirror: through a proxy, or with one that is frozen and whose dates have passed. */
async function aptOptions(): Promise<readonly string[]> {
  const lines = (await run('apt-config', ['dump', 'Acquire'])).split('\n');
  return lines.filter((line) => /^Acquire::(\w+::Proxy|Check-\w|Retries)[^"]*"[^"]/i.test(line)).map((line) => `--aptopt=${line}`);
}

const prefix = 'container-databases-lab-';

/** A folder for one build, named after this process, so that what a killed one has left can be told and removed. */
async function makeScratch(): Promise<string> {
  const parent = await scratchParent();
  for (const name of await readdir(parent)) {
    const left = name.startsWith(prefix) && !existsSync(`/proc/${Number.parseInt(name.slice(prefix.length), 10)}`);
    if (left) await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const folder = await mkdtemp(path.join(parent, `${prefix}${process.pid}-`));
  await chmod(folder, 0o755); // apt downloads as a user of its own
  return folder;
}

/** In memory, where there is enough of it, packages unpack in half the time. */
async function scratchParent(): Promise<string> {
  const gibibyte = 2 ** 30;
  const memory = '/dev/shm';
  const mount = (await readFile('/proc/mounts', 'utf8')).split('\n').find((line) => line.split(' ')[1] === memory);
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  const fits = free > 4 * gibibyte && freemem() > 8 * gibibyte && mount !== undefined && !mount.includes('noexec');
  return fits ? memory : labFolder('tmp');
}
