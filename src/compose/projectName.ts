import { posix, win32 } from 'node:path';
import type { ComposeVolume } from './composeModel';
import { lookupIn, type Environment } from './interpolate';

/** What a project's name is made from. */
export interface ProjectFacts {
  /** The project folder: that of the first Compose file. */
  readonly folder: string;
  /** The shell's variables and `.env`. */
  readonly environment: Environment;
  /** The top-level `name` of the merged files, variables filled in. */
  readonly name?: string;
}

/**
 * The name that Docker Compose gives a project when no `-p` is known: `COMPOSE_PROJECT_NAME`, the top-level `name`, the
 * folder. https://docs.docker.com/compose/how-tos/project-name/. Empty only for a folder without a usable character,
 * which Compose refuses.
 */
export function composeProjectName({ folder, environment, name }: ProjectFacts): string {
  const fromEnvironment = lookupIn(environment)('COMPOSE_PROJECT_NAME');
  return fromEnvironment || normalise(name ?? '') || normalise(baseName(folder));
}

/**
 * The names that some version of podman-compose gives a project: 1.0 knows the folder only, later ones the top-level
 * `name` and `COMPOSE_PROJECT_NAME` too. Unlike Compose, it leaves a leading `-` or `_`.
 */
export function podmanComposeProjectNames({ folder, environment, name }: ProjectFacts): readonly string[] {
  const fromEnvironment = (lookupIn(environment)('COMPOSE_PROJECT_NAME') ?? '').replace(/[^-_a-z0-9]/g, '');
  const fromFolder = baseName(folder)
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, '');
  return [...new Set([name ?? '', fromEnvironment, fromFolder])].filter((found) => found !== '');
}

/** The name in the engine of a volume that a Compose file declares. */
export function volumeName(volume: Pick<ComposeVolume, 'key' | 'name' | 'external'>, project: string): string {
  return volume.name ?? (volume.external ? volume.key : `${project}_${volume.key}`);
}

/** compose-go, NormalizeProjectName. */
function normalise(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, '')
    .replace(/^[-_]+/, '');
}

function baseName(folder: string): string {
  const flavour = /^(?:[A-Za-z]:|\\\\)/.test(folder) ? win32 : posix;
  return flavour.basename(folder);
}
