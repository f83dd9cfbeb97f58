import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../../backup/volume/throwaway';
import type { WritePiece } from '../../backup/volume/stream';
import { errorCode, fileFailure, removeIfThere } from '../../operations/files';
import { hostname } from 'node:os';

const suffix = '.copy';

/** Lends a file that only we may read, and removes it whatever happens. `finish` closes it; it can be read from then on. */
export async function withCopyFile<T>(folder: string, work: (file: string, write: WritePiece, finish: () => Promise<void>) => Promise<T>): Promise<T> {
  const file = path.join(folder, `${hostname()}.${process.pid}.${Date.now()}${suffix}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600);
    let closing: Promise<void> | undefined;
    const finish = (): Promise<void> => (closing ??= handle.close());
    try {
      return await work(
        file,
        async (bytes) => {
          await handle.appendFile(bytes);
        },
        finish,
      );
    } finally {
      await finish();
    }
  } catch (error) {
    throw fileFailure(error, file);
  } finally {
    await removeIfThere(file);
  }
}

/** Removes what was left by processes of this host that were killed. */
export async function sweepCopyFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw fileFailure(error, folder);
  });
  for (const name of names) {
    const [, host, pid] = /^(.*)\.(\d+)\.\d+\.copy$/.exec(name) ?? [];
    if (host === hostname() && !isAlive(Number(pid))) await removeIfThere(path.join(folder, name));
  }
}
