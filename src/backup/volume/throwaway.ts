import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createContainer, removeContainer, removeVolume, type ContainerSpecification } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import { throwawayLabel } from '../../inventory/recognise';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Failure, messageOf } from '../../protocol/failure';

/** The volumes in such a container that are not its own, and must outlive it. */
const lentLabel = 'container-databases.lent';
/** Seconds after which a container of another host, whose processes cannot be seen from here, belongs to nobody. */
const abandonedAfter = 24 * 60 * 60;

/** Who made a throwaway container: a process of a host, at a time in seconds since 1970. */
export interface Maker {
  readonly host: string;
  readonly pid: number;
  readonly seconds: number;
}

export type ThrowawayWishes = Pick<ContainerSpecification, 'image' | 'newVolumes' | 'volumes' | 'mountsOf' | 'writesMounts'>;

/**
 * Lends a container of an image in which nothing runs but what `work` runs in it, as root and without a network, and
 * removes it with the volumes that are its own, whatever happens. What a crash leaves is found by `sweepThrowaways`.
 * Throws `THROWAWAY_FAILED` and whatever `work` throws.
 */
export async function withThrowaway<T>(engine: Engine, wishes: ThrowawayWishes, operation: Operation, work: (container: string) => Promise<T>): Promise<T> {
  return withUnstarted(engine, wishes, operation, async (container) => {
    await start(engine, container);
    throwIfCancelled(operation);
    return work(container);
  });
}

/** Like `withThrowaway`, with a container that is not started: something that has a volume, and does nothing with it. */
export async function withUnstarted<T>(engine: Engine, wishes: ThrowawayWishes, operation: Operation, work: (container: string) => Promise<T>): Promise<T> {
  throwIfCancelled(operation);
  const container = await create(engine, wishes);
  try {
    return await work(container);
  } finally {
    await removeThrowaway(engine, container).catch((error: unknown) =>
      operation.log.warn(`The container ${container.slice(0, 12)} was left to the next start: ${messageOf(error)}`),
    );
  }
}

async function create(engine: Engine, wishes: ThrowawayWishes): Promise<string> {
  const { mounts = [] } = wishes.mountsOf === undefined ? {} : await engine.inspect(wishes.mountsOf);
  const lent = [...(wishes.volumes ?? []).map(({ name }) => name), ...mounts.flatMap(({ name }) => name ?? [])];
  // A day is more than anything here takes; then it ends by itself, should nobody be left to remove it.
  const entrypoint = ['sh', '-c', 'exec sleep 86400'];
  return createContainer(engine, { ...wishes, entrypoint, user: '0', labels: throwawayLabels(lent) });
}

/** The labels by which `sweepThrowaways` knows a container that has the mounts of another one, whose volumes stay. */
export async function lentContainerLabels(engine: Engine, like: string): Promise<Readonly<Record<string, string>>> {
  const { mounts } = await engine.inspect(like);
  return throwawayLabels(mounts.flatMap(({ name }) => name ?? []));
}

/** What marks a container as ours to remove, with all its volumes but those that were lent to it. */
export function throwawayLabels(lent: readonly string[]): Readonly<Record<string, string>> {
  const maker = { host: thisHost(), pid: process.pid, seconds: Math.floor(Date.now() / 1000) };
  return { [throwawayLabel]: writeMaker(maker), [lentLabel]: lent.join(',') };
}

async function start(engine: Engine, container: string): Promise<void> {
  try {
    await engine.start(container);
  } catch (error) {
    throw new Failure(
      'THROWAWAY_FAILED',
      `A helping container could not be started: ${messageOf(error)}`,
      'Nothing was changed. Check that the image has a shell, and that the volume is still there.',
      error,
    );
  }
}

/** Removes a throwaway container with all volumes that were not lent to it. */
export async function removeThrowaway(engine: Engine, container: string): Promise<void> {
  const { mounts, labels } = await engine.inspect(container);
  const lent = new Set((labels[lentLabel] ?? '').split(','));
  await removeContainer(engine, container);
  for (const { name } of mounts) if (name !== undefined && !lent.has(name)) await removeVolume(engine, name);
}

/**
 * Removes throwaway containers whose maker was killed, with their volumes. Gives how many; to be called at every start.
 * One that cannot be removed, or that somebody else removes at this moment, is left to the next time.
 */
export async function sweepThrowaways(engine: Engine): Promise<number> {
  const all = await engine.containers();
  const seconds = Math.floor(Date.now() / 1000);
  const abandoned = all.filter(({ labels }) => {
    const label = labels[throwawayLabel];
    return label !== undefined && isAbandoned(readMaker(label), { host: thisHost(), seconds, isAlive });
  });
  // Those that borrowed go first: what they borrowed may be another's own, which an engine does not remove while it is used.
  const borrowers = abandoned.filter(({ labels }) => (labels[lentLabel] ?? '') !== '');
  const removeAll = (some: typeof abandoned): Promise<readonly PromiseSettledResult<void>[]> =>
    Promise.allSettled(some.map(({ id }) => removeThrowaway(engine, id)));
  const removed = [...(await removeAll(borrowers)), ...(await removeAll(abandoned.filter((each) => !borrowers.includes(each))))];
  return removed.filter(({ status }) => status === 'fulfilled').length;
}

/** Whether nobody can be using a throwaway container any more. A label that cannot be read is a newer version's. */
export function isAbandoned(
  maker: Maker | undefined,
  here: { readonly host: string; readonly seconds: number; readonly isAlive: (pid: number) => boolean },
): boolean {
  if (maker === undefined) return false;
  if (here.seconds - maker.seconds > abandonedAfter) return true;
  return maker.host === here.host && !here.isAlive(maker.pid);
}

export function writeMaker({ host, pid, seconds }: Maker): string {
  return `${host}.${pid}.${seconds}.${randomUUID().slice(0, 8)}`;
}

export function readMaker(label: string): Maker | undefined {
  const [, host, pid, seconds] = /^([0-9a-f]+)\.(\d+)\.(\d+)\.[0-9a-f]+$/.exec(label) ?? [];
  return host === undefined ? undefined : { host, pid: Number(pid), seconds: Number(seconds) };
}

/** The host, without its name. In a container of its own each has other processes, and another host name. */
function thisHost(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}
