import { isDeepStrictEqual } from 'node:util';
import { removeContainer } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import { inspectWhole, nameOf, recreate, type ContainerConfiguration } from '../../engine/recreate';
import { startAgain, type HaltedContainer } from '../../backup/volume/halt';
import type { PostgresServer } from '../../postgres/server';
import { asFailure } from '../../protocol/failure';

/**
 * Makes the container again where it is gone, or where one of its name is another; then starts what ran. May be called any number
 * of times. Throws `NOT_RESTARTED` and what making a container throws.
 */
export async function putBack(
  engine: Engine,
  { configuration, halted }: { readonly configuration: ContainerConfiguration; readonly halted: readonly HaltedContainer[] },
  server?: PostgresServer,
): Promise<void> {
  const present = await presentContainer(engine, configuration);
  if (present === undefined || !isAlike(present, configuration)) {
    if (present !== undefined) await engine.stop(present.Id, 60);
    if (present !== undefined) await removeContainer(engine, present.Id);
    await recreateOnce(engine, configuration);
  }
  await startAgain(engine, halted, server);
}

/** A Compose that outlived us may make the container at this very moment; the same container is as good as ours. */
async function recreateOnce(engine: Engine, configuration: ContainerConfiguration): Promise<void> {
  try {
    await recreate(engine, configuration);
  } catch (error) {
    const made = await presentContainer(engine, configuration);
    if (made === undefined || !isAlike(made, configuration)) throw error;
  }
}

/** The container that has the name now; undefined when there is none. */
export async function presentContainer(engine: Engine, configuration: ContainerConfiguration): Promise<ContainerConfiguration | undefined> {
  try {
    return await inspectWhole(engine, nameOf(configuration));
  } catch (error) {
    if (asFailure(error).code === 'CONTAINER_GONE') return undefined;
    throw error;
  }
}

/** Whether two containers are the same to their program and to their data. */
export function isAlike(one: ContainerConfiguration, other: ContainerConfiguration): boolean {
  return one.Id === other.Id || isDeepStrictEqual(essence(one), essence(other));
}

function essence({ Image, Config, Mounts, NetworkSettings }: ContainerConfiguration): unknown {
  const environment = Array.isArray(Config['Env']) ? Config['Env'].map(String).toSorted() : [];
  return {
    image: Image.replace(/^sha256:/, ''),
    environment,
    command: [Config['Entrypoint'] ?? [], Config['Cmd'] ?? []],
    user: Config['User'] ?? '',
    networks: Object.keys(NetworkSettings?.Networks ?? {}).toSorted(),
    mounts: Mounts.map(({ Type, Name, Source, Destination, RW }) => `${Type} ${Name || Source} ${Destination} ${RW}`).toSorted(),
  };
}
