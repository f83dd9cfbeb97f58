import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { podmanEnvironment, podmanIsRunning } from '../../lab/podman';
import { tryRun } from '../../lab/process';

/** With what everything begins that this run makes: projects, containers, volumes, folders. */
export const runName = `cdbit${process.pid}`;

interface Shared {
  readonly made: Map<string, Promise<unknown>>;
  readonly cleanups: (() => Promise<unknown>)[];
}

// Every test file is a bundle of its own, so what they share has to lie where all of them see it. Whichever file is
// loaded first also brings the hook that takes everything down.
const place = Symbol.for('container-databases.integration');
const global = globalThis as { [place]?: Shared };
const shared: Shared = (global[place] ??= begin());

function begin(): Shared {
  const cleanups: Shared['cleanups'] = [() => rm(runFolder(), { recursive: true, force: true })];
  after(async function () {
    this.timeout(120_000);
    const failures: unknown[] = [];
    for (const cleanup of cleanups.toReversed()) await cleanup().catch((error: unknown) => failures.push(error));
    await sweep((name) => name.startsWith(runName));
    if (failures.length > 0) throw new AggregateError(failures, `Not everything could be cleaned up: ${failures.join('; ')}`);
  });
  return { made: new Map(), cleanups };
}

/** Makes something the first time that any file asks for it. */
export async function once<T>(key: string, make: () => Promise<T>): Promise<T> {
  const known = shared.made.get(key) ?? make();
  shared.made.set(key, known);
  return known as Promise<T>;
}

/** To be done when all files have run, last first. */
export function atTheEnd(cleanup: () => Promise<unknown>): void {
  shared.cleanups.push(cleanup);
}

function runFolder(): string {
  return path.join(tmpdir(), runName);
}

/** A folder that is removed when all files have run. */
export async function tempFolder(label: string): Promise<string> {
  await once('sweep', sweepAbandoned);
  await mkdir(runFolder(), { recursive: true });
  return mkdtemp(path.join(runFolder(), `${label}-`));
}

/** Removes what runs left behind that were killed. */
async function sweepAbandoned(): Promise<void> {
  const isAbandoned = (name: string): boolean => {
    const pid = /^cdbit(\d+)/.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  };
  await sweep(isAbandoned);
  for (const name of (await readdir(tmpdir())).filter(isAbandoned)) {
    await tryRun('umount', ['-q', path.join(tmpdir(), name, 'disk')]);
    await rm(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function sweep(isMeant: (name: string) => boolean): Promise<void> {
  await sweepEngine('docker', {}, isMeant);
  if (podmanIsRunning()) await sweepEngine('podman', podmanEnvironment(), isMeant);
}

async function sweepEngine(program: string, env: NodeJS.ProcessEnv, isMeant: (name: string) => boolean): Promise<void> {
  const named = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await tryRun(program, args, { env });
    return stdout.split('\n').filter(isMeant);
  };
  const containers = await named('ps', '--all', '--format', '{{.Names}}');
  if (containers.length > 0) await tryRun(program, ['rm', '--force', '--volumes', ...containers], { env });
  const volumes = await named('volume', 'ls', '--format', '{{.Name}}');
  if (volumes.length > 0) await tryRun(program, ['volume', 'rm', '--force', ...volumes], { env });
  const networks = await named('network', 'ls', '--format', '{{.Name}}');
  if (networks.length > 0) await tryRun(program, ['network', 'rm', ...networks], { env });
}
