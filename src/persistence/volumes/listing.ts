import { posix } from 'node:path';
import { composeResource } from '../../compose/labels';
import { listVolumes, type EngineVolume } from '../../engine/volumes';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Inventory, Service } from '../../inventory/model';
import { findService } from '../../inventory/target';
import { readVolumeUndo } from '../../inventory/volumeUndo';
import { inspectAll, usersIn, type VolumeUser } from '../../operations/volumeUsers';
import { asFailure, Failure } from '../../protocol/failure';
import type { VolumeView } from './view';

/** All volumes of all engines that answer, and the folders that services keep their data in; those with databases first. */
export async function listAllVolumes(keeper: InventoryKeeper): Promise<readonly VolumeView[]> {
  const connected = keeper.current.endpoints.filter(({ state }) => state === 'connected');
  const all = await Promise.all(
    connected.map(async ({ id }) => {
      const engine = keeper.engineOf(id);
      const [volumes, containers] = await Promise.all([listVolumes(engine), inspectAll(engine)]);
      const services = servicesOn(keeper.current, id);
      const users = (name: string): readonly VolumeUser[] => usersIn(containers, name);
      return [...volumes.map((volume) => volumeView(id, volume, services, users(volume.name))), ...folderViews(id, services, users)];
    }),
  );
  return all.flat().toSorted((a, b) => Number(a.service === undefined) - Number(b.service === undefined) || (a.name < b.name ? -1 : 1));
}

/** The one volume that a text means: its name, or a service whose data lie in it. Throws `VOLUME_NOT_FOUND`, `TARGET_AMBIGUOUS`. */
export async function findVolume(keeper: InventoryKeeper, text: string): Promise<VolumeView> {
  const all = await listAllVolumes(keeper);
  const named = all.filter(({ name }) => name === text);
  const service = named.length > 0 ? undefined : serviceNamed(keeper.current, text);
  const found = service === undefined ? named : all.filter((view) => view.endpointId === service.container?.endpointId && isOf(view, service));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new Failure('VOLUME_NOT_FOUND', `There is no volume "${text}".`, '"volume ls" shows those that there are.');
  }
  if (others.length === 0) return only;
  throw new Failure('TARGET_AMBIGUOUS', `More than one engine has a volume "${text}".`, 'Choose one with --endpoint.');
}

function serviceNamed(inventory: Inventory, text: string): Service | undefined {
  try {
    return findService(inventory, text).service;
  } catch (error) {
    const { code } = asFailure(error);
    if (code === 'TARGET_NOT_FOUND' || code === 'SERVICE_NOT_RUNNING') return undefined;
    throw error;
  }
}

function servicesOn(inventory: Inventory, endpointId: string): readonly Service[] {
  return inventory.projects.flatMap(({ services }) => services.filter(({ container }) => container?.endpointId === endpointId));
}

function isOf({ project, service }: VolumeView, wanted: Service): boolean {
  return project === wanted.projectName && service === wanted.name;
}

function volumeView(endpointId: string, found: EngineVolume, services: readonly Service[], users: readonly VolumeUser[]): VolumeView {
  const { name, driver, labels, createdAt } = found;
  const service = services.find(({ volume }) => volume?.name === name);
  const project = service?.projectName ?? composeResource(labels)?.project;
  const undo = readVolumeUndo(labels);
  return {
    endpointId,
    name,
    kind: /^[0-9a-f]{64}$/.test(name) ? 'anonymous' : 'named',
    ...(project === undefined ? {} : { project }),
    ...(service === undefined ? {} : { service: service.name, folder: folderOf(service) }),
    driver,
    labels,
    ...(createdAt === '' ? {} : { createdAt }),
    users,
    ...(undo === undefined ? {} : { undo }),
  };
}

function folderViews(endpointId: string, services: readonly Service[], users: (name: string) => readonly VolumeUser[]): readonly VolumeView[] {
  return services.flatMap((service) => {
    const { volume, projectName: project, name } = service;
    if (volume?.kind !== 'bind' || volume.source === undefined) return [];
    return [{ endpointId, name: volume.source, kind: 'bind', project, service: name, folder: folderOf(service), labels: {}, users: users(volume.source) }];
  });
}

function folderOf({ volume }: Service): string {
  return posix.relative(volume?.destination ?? '', volume?.dataDirectory ?? '');
}
