import { runningContainers, type HaltedContainer } from '../../backup/volume/halt';
import { withThrowaway } from '../../backup/volume/throwaway';
import type { ContainerInspection } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service, Volume } from '../../inventory/model';
import { findDependents } from '../../operations/dependents';
import type { Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import { readPlace, undoMount, type PlaceFacts } from './exchange';

export interface ServicePlace {
  readonly project: Project;
  readonly service: Service;
}

/** What a restore of a service's volume works on, as it is now. */
export interface VolumeParts {
  readonly engine: Engine;
  readonly endpointId: string;
  readonly inspection: ContainerInspection;
  readonly volume: Volume;
  /** Present unless the service is stopped. */
  readonly server?: PostgresServer;
}

/** Throws `NO_CLUSTER`, `SERVICE_NOT_CREATED`, `CONTAINER_GONE`. */
export async function readParts(keeper: InventoryKeeper, service: Service, signal: AbortSignal): Promise<VolumeParts> {
  const { volume } = service;
  const { endpointId, id } = keeper.containerOf(service);
  const engine = keeper.engineOf(endpointId);
  if (volume === undefined) throw new Failure('NO_CLUSTER', 'It is not known where the data lies.', 'Start the service once, then try again.');
  const server = service.state === 'stopped' ? {} : { server: keeper.serverOf(service) };
  return { engine, endpointId, volume, inspection: await engine.inspect(id, signal), ...server };
}

/** The dependents that run. Where the server cannot be asked for its sessions, those that the labels and files name. */
export async function dependentsOf({ engine, server }: VolumeParts, service: Service): Promise<readonly HaltedContainer[]> {
  const asked =
    server === undefined
      ? undefined
      : await withSession(server, server.maintenanceDatabase, {}, (session) => findDependents(engine, service, session)).catch(() => undefined);
  return runningContainers(engine, service.projectName, asked?.map((dependent) => dependent.service) ?? service.dependents);
}

/** Looks at the data directory, from a helping container. */
export async function lookAtPlace({ engine, inspection, volume }: VolumeParts, operation: Operation): Promise<PlaceFacts> {
  const { kind, dataDirectory } = volume;
  // What lies in no volume is refused anyway, and another container does not see it.
  if (kind === 'tmpfs' || kind === 'container layer') return { sizeBytes: 0, freeBytes: { place: NaN, engine: NaN }, oneDisk: true, links: [] };
  return withThrowaway(engine, { image: inspection.imageId, mountsOf: inspection.id, newVolumes: [undoMount] }, operation, (helper) =>
    readPlace({ engine, helper, dataDirectory }),
  );
}
