import { readExec } from '../engine/exec';
import type { PostgresServer } from '../postgres/server';
import { temporaryFolders } from '../postgres/tools';
import { Failure } from '../protocol/failure';

/** How files and folders begin that are put into a container. */
export const containerFilePrefix = 'container-databases-';

// The first folder that can be written and has room. The rest of the script's world is POSIX sh, so `df` is read by `read`.
const findRoom = `
need=$1
for folder in ${temporaryFolders}; do
  [ -d "$folder" ] && [ -w "$folder" ] || continue
  free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
  [ "\${free:-0}" -gt "$need" ] && { echo "$folder"; exit 0; }
done
exit 1`;

/** A folder in the container with room for this many bytes. Throws `CONTAINER_FULL`. */
export async function findRoomFor(server: PostgresServer, bytes: number, signal: AbortSignal): Promise<string> {
  const kilobytes = Math.ceil((bytes * 1.05) / 1024) + 1024;
  const command = { container: server.container, argv: ['sh', '-c', findRoom, 'sh', String(kilobytes)] };
  const { exitCode, stdout } = await readExec(server.engine, command, signal);
  if (exitCode === 0 && stdout.trim() !== '') return stdout.trim();
  throw new Failure(
    'CONTAINER_FULL',
    'No temporary folder of the container can be written and has room for the backup.',
    "Free space on the engine's disk, or mount a tmpfs on /tmp, then try again.",
  );
}

/** A backup in the container that a restore is to read. */
export function uploadPath(folder: string, id: string): string {
  return `${folder}/${containerFilePrefix}${id}.dump`;
}

const findUploads = `for folder in ${temporaryFolders}; do for file in "$folder"/${containerFilePrefix}*.dump; do [ -e "$file" ] && echo "$file"; done; done; true`;

/** The backups that lie in the container to be restored, also those whose restore was killed. */
export async function listUploads(server: PostgresServer): Promise<readonly string[]> {
  const { stdout } = await readExec(server.engine, { container: server.container, argv: ['sh', '-c', findUploads] });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Removes what was put into the container. Says nothing when the container is gone, and the file with it. */
export async function removeContainerFile(server: PostgresServer, target: string): Promise<void> {
  if (!target.includes(`/${containerFilePrefix}`)) return;
  await readExec(server.engine, { container: server.container, argv: ['rm', '-rf', '--', target] }).catch(() => undefined);
}
