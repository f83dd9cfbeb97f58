import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The repository's root, wherever the bundled caller lies in it. */
export const repositoryRoot: string = (() => {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'esbuild.mjs'))) folder = path.dirname(folder);
  return folder;
})();

/** Where the lab keeps what is costly to make (images, editors); outside the repository, so that a fresh clone finds it. */
export function labFolder(...parts: readonly string[]): string {
  const top = process.env['CONTAINER_DATABASES_LAB'] ?? path.join(homedir(), '.cache', 'container-databases-lab');
  const folder = path.join(top, ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
