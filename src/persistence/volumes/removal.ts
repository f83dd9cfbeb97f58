import { composeOrigin, composeResource, projectLabels } from '../../compose/labels';
import { removeContainer, removeVolume } from '../../engine/create';
import type { ContainerInspection } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import { readExec } from '../../engine/exec';
import { networksLabelled, removeNetwork } from '../../engine/networks';
import { listVolumes } from '../../engine/volumes';
import { withThrowaway } from '../../backup/volume/throwaway';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';

/** Seconds that a container gets to stop; a server writes what it holds in memory. */
const stopSeconds = 60;

/** The containers of a Compose project. */
export function containersOfProject(all: readonly ContainerInspection[], project: string): readonly ContainerInspection[] {
  return all.filter(({ labels, name }) => composeOrigin(labels, name)?.project === project);
}

/** The volumes that Compose counts among a project's own, by its labels; `external` ones have none. */
export async function volumesOfProject(engine: Engine, project: string): Promise<readonly string[]> {
  return (await listVolumes(engine)).flatMap(({ name, labels }) => (composeResource(labels)?.project === project ? [name] : []));
}

/** The unnamed volumes of these containers. */
export function anonymousVolumes(containers: readonly ContainerInspection[]): readonly string[] {
  return [...new Set(containers.flatMap(({ mounts }) => mounts.flatMap(({ name = '' }) => (/^[0-9a-f]{64}$/.test(name) ? [name] : []))))];
}

/** Stops containers and removes them, those first that started last. Their volumes stay. */
export async function removeContainers(engine: Engine, containers: readonly ContainerInspection[]): Promise<void> {
  for (const { id } of containers.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))) {
    await engine.stop(id, stopSeconds);
    await removeContainer(engine, id);
  }
}

/** What `compose down` does where there is no Compose: containers and networks, and with `volumes` those that are the project's. */
export async function downByLabel(engine: Engine, project: string, containers: readonly ContainerInspection[], volumes: readonly string[]): Promise<void> {
  await removeContainers(engine, containers);
  for (const id of await networksLabelled(engine, projectLabels, project)) await removeNetwork(engine, id);
  for (const name of volumes) await removeVolume(engine, name);
}

const emptyFolder = 'cd -- "$1" && find . -mindepth 1 -delete && sync';

/** Removes all that is in the data directory of a container that is stopped. Throws `FOLDER_NOT_EMPTIED`. */
export async function emptyDataDirectory(engine: Engine, { id, imageId }: ContainerInspection, dataDirectory: string, operation: Operation): Promise<void> {
  await withThrowaway(engine, { image: imageId, mountsOf: id, writesMounts: true }, operation, async (container) => {
    const { exitCode, stderr } = await readExec(engine, { container, argv: ['sh', '-c', emptyFolder, 'sh', dataDirectory] });
    if (exitCode === 0) return;
    throw new Failure('FOLDER_NOT_EMPTIED', `Not all of ${dataDirectory} could be removed: ${stderr.trim()}`, 'Look at the folder; the backup stays.');
  });
}
