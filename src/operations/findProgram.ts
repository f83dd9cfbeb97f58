import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { EnginePrograms } from './engineCommand';

// An editor that was started from a desktop may not have the shell's PATH.
const usualFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/bin'];

/** The absolute path of a program on PATH; undefined when it is not installed. */
async function findProgram(name: string): Promise<string | undefined> {
  const windows = process.platform === 'win32';
  const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...(windows ? [] : usualFolders)];
  for (const file of folders.filter((folder) => path.isAbsolute(folder)).flatMap((folder) => names.map((each) => path.join(folder, each)))) {
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/** The engines' command lines that are installed on this host. */
export async function findEnginePrograms(): Promise<EnginePrograms> {
  const [docker, podman, podmanCompose] = await Promise.all(['docker', 'podman', 'podman-compose'].map(findProgram));
  return {
    ...(docker === undefined ? {} : { docker }),
    ...(podman === undefined ? {} : { podman }),
    ...(podmanCompose === undefined ? {} : { podmanCompose }),
  };
}
