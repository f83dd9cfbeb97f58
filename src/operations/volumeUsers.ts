import { composeOrigin } from '../compose/labels';
import type { ContainerInspection } from '../engine/containers';
import type { Engine } from '../engine/engine';
import { throwawayLabel } from '../inventory/recognise';
import { asFailure } from '../protocol/failure';

/** A container that mounts a volume, or a folder of the host. */
export interface VolumeUser {
  readonly id: string;
  readonly name: string;
  /** Undefined for a container that Compose did not make. */
  readonly project?: string;
  readonly service?: string;
  readonly running: boolean;
  readonly readOnly: boolean;
}

/** The containers that mount something of this name or source, whether they run or not; those that we lend ourselves are left out. */
export async function volumeUsers(engine: Engine, nameOrSource: string): Promise<readonly VolumeUser[]> {
  return usersIn(await inspectAll(engine), nameOrSource);
}

/** All containers of an engine as they are now. */
export async function inspectAll(engine: Engine): Promise<readonly ContainerInspection[]> {
  const own = (await engine.containers()).filter(({ labels }) => !(throwawayLabel in labels));
  const found = await Promise.all(own.map(({ id }) => inspectIfThere(engine, id)));
  return found.filter((each) => each !== undefined);
}

/** Of these containers, those that mount something of this name or source. */
export function usersIn(containers: readonly ContainerInspection[], nameOrSource: string): readonly VolumeUser[] {
  return containers.flatMap(({ id, name, labels, state, mounts }) => {
    const mount = mounts.find((each) => each.name === nameOrSource || each.source === nameOrSource);
    if (mount === undefined) return [];
    const origin = composeOrigin(labels, name);
    const place = origin === undefined ? {} : { project: origin.project, service: origin.service };
    return [{ id, name, ...place, running: ['running', 'restarting', 'paused'].includes(state), readOnly: mount.readOnly }];
  });
}

async function inspectIfThere(engine: Engine, id: string): Promise<ContainerInspection | undefined> {
  try {
    return await engine.inspect(id);
  } catch (error) {
    if (asFailure(error).code === 'CONTAINER_GONE') return undefined;
    throw error;
  }
}
