import { createVolume, removeVolume, volumeExists } from '../../engine/create';
import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import type { Operation } from '../../operations/operation';
import { Failure, messageOf } from '../../protocol/failure';
import { withThrowaway } from './throwaway';
import { unpackCluster, type UnpackedCluster, type VolumeArchive } from './unpack';

export interface VolumeRestoreRequest {
  readonly engine: Engine;
  /** Of the server that is to run on it. */
  readonly image: string;
  readonly archive: VolumeArchive;
  readonly major: number;
  /** The name of the volume; there must be none of that name. */
  readonly volume: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where in the volume the data directory is to be; empty for the volume itself. */
  readonly folder: string;
}

/** Where the helping container has the volume. */
const mountPoint = '/container-databases-volume';
/** Where in it the copy is unpacked; a server finds no cluster there. */
const partialFolder = `${mountPoint}/.container-databases-partial`;

// PG_VERSION goes last: without it no server takes the folder for a cluster, should all this be interrupted.
const moveIn = `
target=$1/$2
mkdir -p -- "$target" && cd -- "$3" || exit 1
for entry in * .[!.]*; do
  if [ -e "$entry" ] && [ "$entry" != PG_VERSION ]; then mv -- "$entry" "$target/" || exit 1; fi
done
chown "$(stat -c %u:%g .)" "$target" && chmod "$(stat -c %a .)" "$target" && sync || exit 1
mv PG_VERSION "$target/" && cd / && rmdir -- "$3" && sync || exit 1
cd -- "$target" && find . -mindepth 1 | wc -l`;

/**
 * Puts a volume backup into a new volume, with the owners that the files had, and flushes it to the disk. Never touches a
 * volume that is there already; when it fails, the new one is removed.
 * Throws `VOLUME_EXISTS`, `VOLUME_VERSION`, `RESTORE_FAILED`, and what `unpackCluster` throws.
 */
export async function restoreVolume(request: VolumeRestoreRequest, operation: Operation): Promise<UnpackedCluster> {
  const { engine, volume, labels, image } = request;
  if (await volumeExists(engine, volume)) {
    throw new Failure('VOLUME_EXISTS', `There is a volume ${volume} already.`, 'Choose another name; a volume is never overwritten.');
  }
  await createVolume(engine, volume, labels);
  try {
    return await withThrowaway(engine, { image, volumes: [{ name: volume, target: mountPoint }] }, operation, (helper) => fill(request, helper, operation));
  } catch (error) {
    await removeVolume(engine, volume).catch((problem: unknown) => operation.log.warn(`The volume ${volume} was left half filled: ${messageOf(problem)}`));
    throw error;
  }
}

async function fill({ engine, archive, major, folder }: VolumeRestoreRequest, helper: string, operation: Operation): Promise<UnpackedCluster> {
  const cluster = await unpackCluster(engine, helper, archive, partialFolder, operation);
  if (cluster.major !== major) {
    throw new Failure(
      'VOLUME_VERSION',
      `${archive.path} holds a cluster of Postgres ${cluster.major}, not of ${major}.`,
      'Use the image that it was made with.',
    );
  }
  const argv = ['sh', '-c', moveIn, 'sh', mountPoint, folder, partialFolder];
  const { exitCode, stdout, stderr } = await readExec(engine, { container: helper, argv, env: { LC_ALL: 'C' } }, operation.signal);
  if (exitCode === 0 && Number(stdout.trim()) === cluster.files) return cluster;
  throw new Failure(
    'RESTORE_FAILED',
    `The new volume does not hold what was unpacked (${stderr || stdout.trim()}).`,
    'Look at the disk of the engine, then try again.',
  );
}
