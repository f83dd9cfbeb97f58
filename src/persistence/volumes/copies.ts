import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backups } from '../../backup/backups';
import type { Backup } from '../../backup/catalogue';
import type { Manifest } from '../../backup/manifest';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { proveVolume } from '../../backup/volume/prove';
import { restoreVolume } from '../../backup/volume/restoreVolume';
import { withThrowaway, withUnstarted } from '../../backup/volume/throwaway';
import { createVolume, removeVolume, volumeExists } from '../../engine/create';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import { copyFolder } from '../../operations/copyFolder';
import type { Operation } from '../../operations/operation';
import { Failure, messageOf } from '../../protocol/failure';
import { readVolumeArchive, rowsByDatabase } from '../../restore/volume/archive';
import { helperImage, lendVolume, lentMount, readContent, serviceIn } from './lend';
import type { VolumeView } from './view';

/** On a volume that is a copy of another, with that one's name. It has none of Compose's labels, so Compose leaves it alone. */
const cloneLabel = 'container-databases.clone-of';

type VolumeBackupWishes = Parameters<Backups['backUpVolume']>[1];

/** What copies volumes, and where to. */
export interface CopyTools {
  readonly keeper: InventoryKeeper;
  readonly backups: Backups;
}

/** Backs a volume up, proven by booting the copy; one that no container has too. Throws what `backUpVolume` does, `NO_CLUSTER`. */
export async function exportVolume(
  view: VolumeView,
  wishes: VolumeBackupWishes & { readonly image?: string },
  { keeper, backups }: CopyTools,
  operation: Operation,
): Promise<Backup> {
  const { image: wished, ...rest } = wishes;
  const owner = serviceIn(keeper, view);
  if (owner !== undefined) return backups.backUpVolume(owner, rest, operation);
  if (view.users.some(({ running }) => running)) {
    throw new Failure('VOLUME_IN_USE', `A running container uses ${view.name}, and is not known as Postgres.`, 'Stop it first, then try again.');
  }
  const [cluster, ...others] = (await lendVolume(keeper, view, withImage(wished), operation, (lent) => readContent(lent, operation))).clusters;
  if (cluster === undefined) throw new Failure('NO_CLUSTER', `There is no Postgres cluster in ${view.name}.`, 'It holds no database to back up.');
  if (others.length > 0 && rest.reason === 'safety') {
    throw new Failure(
      'CLUSTERS_SEVERAL',
      `${view.name} holds more than one cluster, and only one would be backed up.`,
      'Nothing was removed. Move the other one out first.',
    );
  }
  if (others.length > 0) operation.log.warn(`${view.name} holds more than one cluster; that in "${cluster.folder}" is taken.`);
  const engine = keeper.engineOf(view.endpointId);
  const image = wished ?? (await helperImage(keeper, view.endpointId, cluster.major));
  return withUnstarted(engine, { image, volumes: [{ name: view.name, target: lentMount }] }, operation, async (container) => {
    const { imageId, startedAt } = await engine.inspect(container);
    const place = lonely(view, { id: container, image, imageId, startedAt }, cluster);
    return backups.backUpVolume(place, rest, operation);
  });
}

/** A volume without a service as if it had one, so that it is copied in the same way. */
function lonely(
  view: VolumeView,
  container: { readonly id: string; readonly image: string; readonly imageId: string; readonly startedAt: string },
  { major, folder }: { readonly major: number; readonly folder: string },
): { readonly project: Project; readonly service: Service } {
  const projectName = view.project ?? 'volumes';
  const service: Service = {
    id: `${view.endpointId}|${projectName}|${view.name}`,
    name: view.name,
    projectName,
    state: 'stopped',
    container: { endpointId: view.endpointId, name: view.name, ...container },
    postgres: { user: '', database: 'postgres', major },
    databases: [],
    undos: [],
    snapshots: [],
    hasScratch: false,
    volume: { kind: view.kind, name: view.name, destination: lentMount, dataDirectory: path.posix.join(lentMount, folder) },
    dependents: [],
  };
  return { service, project: { id: service.id, name: projectName, endpointId: view.endpointId, configFiles: [], inWorkspace: false, services: [service] } };
}

export interface ImportWishes {
  /** The new volume; by default the name of the one that was copied. */
  readonly name?: string;
  readonly endpointId?: string;
  readonly image?: string;
  readonly key?: DecryptionKey;
  /** Set where the backup was booted only just now. */
  readonly proven?: true;
}

export interface ImportedVolume {
  readonly name: string;
  readonly databases: readonly string[];
  readonly rows: number;
}

/**
 * Puts a volume backup into a new volume, booted and counted before. One that gets the name of the copied one gets its labels
 * too, so that Compose goes on using it. Throws `MANIFEST_MISSING`, `VOLUME_EXISTS`, `USAGE`, `VOLUME_DRIVER`, and what proving throws.
 */
export async function importVolume(backup: Backup, wishes: ImportWishes, { keeper }: CopyTools, operation: Operation): Promise<ImportedVolume> {
  const { manifest, file } = backup;
  if (manifest?.format !== 'volume') {
    throw new Failure('MANIFEST_MISSING', `${file} is no copy of a volume that we know.`, 'Choose a backup with its manifest beside it.');
  }
  const name = wishes.name ?? manifest.volume?.name;
  if (name === undefined) throw new Failure('USAGE', 'The backup does not say the name of its volume.', 'Name the new volume.');
  refuseDriverOptions(name, manifest);
  const endpointId = wishes.endpointId ?? chooseEndpoint(keeper, manifest.endpoint);
  const engine = keeper.engineOf(endpointId);
  if (await volumeExists(engine, name)) {
    throw new Failure('VOLUME_EXISTS', `There is a volume ${name} already.`, 'Choose another name; a volume is never overwritten.');
  }
  const major = Number.parseInt(manifest.serverVersion, 10);
  const image = wishes.image ?? (await helperImage(keeper, endpointId, major));
  const archive = await readVolumeArchive({ ...backup, manifest }, wishes.key);
  const dataDirectory = path.posix.join(lentMount, 'data');
  const request = { engine, image, archive, major };
  const proof = { ...request, dataDirectory, maintenanceDatabase: 'postgres', rows: rowsByDatabase(manifest.rows) };
  const { rows, databases } = wishes.proven === true ? { rows: proof.rows, databases: [] } : await proveVolume(proof, operation);
  await restoreVolume({ ...request, volume: name, folder: manifest.volume?.folder ?? '', labels: labelsFor(name, manifest) }, operation);
  const counts = Object.values(rows).flatMap((tables) => Object.values(tables));
  return { name, databases, rows: counts.reduce((sum, count) => sum + count, 0) };
}

/** A manifest is a file that may come from anywhere: with such options a volume can be any folder of the host. */
function refuseDriverOptions(name: string, { volume }: Manifest): void {
  if (volume === undefined || name !== volume.name || (volume.driver === 'local' && Object.keys(volume.options).length === 0)) return;
  throw new Failure(
    'VOLUME_DRIVER',
    `The volume ${name} was made with options of its own (driver ${volume.driver}), which are not taken from a file.`,
    'Have Compose make it ("up --no-start"), and restore the backup into its service.',
  );
}

/** Those of the volume that was copied, for one of the same name; ours tell of other things. */
function labelsFor(name: string, { volume }: Manifest): Readonly<Record<string, string>> {
  if (volume === undefined || name !== volume.name) return {};
  return Object.fromEntries(Object.entries(volume.labels).filter(([label]) => !label.startsWith('container-databases.')));
}

function chooseEndpoint(keeper: InventoryKeeper, wanted: string): string {
  const connected = keeper.current.endpoints.filter(({ state }) => state === 'connected');
  const chosen = connected.find(({ id }) => id === wanted) ?? connected[0];
  if (chosen !== undefined) return chosen.id;
  throw new Failure('ENGINE_MISSING', 'No container engine is running.', 'Start Docker or Podman, then try again.');
}

/** Copies a volume into a new one, also while its server runs. Throws `VOLUME_EXISTS`, `COPY_FAILED`, and what a backup throws. */
export async function cloneVolume(view: VolumeView, name: string, tools: CopyTools, operation: Operation): Promise<void> {
  const { keeper } = tools;
  const engine = keeper.engineOf(view.endpointId);
  if (await volumeExists(engine, name)) {
    throw new Failure('VOLUME_EXISTS', `There is a volume ${name} already.`, 'Choose another name; a volume is never overwritten.');
  }
  if (view.users.some(({ running, readOnly }) => running && !readOnly)) return cloneLive(view, name, tools, operation);
  await createVolume(engine, name, { [cloneLabel]: view.name });
  try {
    const owner = serviceIn(keeper, view)?.service;
    const target = '/container-databases-clone';
    const { container, volume } = owner ?? {};
    const lent =
      container === undefined
        ? { image: await helperImage(keeper, view.endpointId), volumes: [{ name: view.name, target: lentMount }] }
        : { image: container.imageId, mountsOf: container.id, volumes: [] };
    const from = container === undefined ? lentMount : (volume?.destination ?? lentMount);
    operation.report({ message: `Copying ${view.name}` });
    await withThrowaway(engine, { ...lent, volumes: [...lent.volumes, { name, target }] }, operation, (helper) =>
      copyFolder(engine, helper, from, target, operation.signal),
    );
  } catch (error) {
    await removeVolume(engine, name).catch((problem: unknown) => operation.log.warn(`The volume ${name} was left half filled: ${messageOf(problem)}`));
    throw error;
  }
}

/** Files that change are copied as a backup is, in a folder that is gone afterwards. */
async function cloneLive(view: VolumeView, name: string, tools: CopyTools, operation: Operation): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-'));
  try {
    const backup = await exportVolume(view, { mode: 'live', reason: 'manual', key: 'none', folder }, tools, operation);
    await importVolume(backup, { name, endpointId: view.endpointId, proven: true }, tools, operation);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withImage(image: string | undefined): { readonly image?: string } {
  return image === undefined ? {} : { image };
}
