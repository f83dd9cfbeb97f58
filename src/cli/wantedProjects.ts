import type { Inventory } from '../inventory/model';
import { Failure } from '../protocol/failure';

/** Says that no project is called as was wished; undefined where one is, none was wished, or no engine answered. */
export function noneWanted({ projects, endpoints }: Inventory, wanted: readonly string[]): string | undefined {
  if (wanted.length === 0 || projects.length > 0 || !endpoints.some(({ state }) => state === 'connected')) return undefined;
  return `No project fits --project ${wanted.join(',')}.`;
}

/** An error about a target that was not found, with the reason that only some projects were looked at. */
export function withWantedProjects(error: unknown, inventory: Inventory, wanted: readonly string[]): unknown {
  if (wanted.length === 0 || !(error instanceof Failure) || error.code !== 'TARGET_NOT_FOUND') return error;
  const none = noneWanted(inventory, wanted);
  const remedy =
    none === undefined ? `${error.remedy} Only projects that fit --project ${wanted.join(',')} were looked at.` : `${none} Without it, all are looked at.`;
  return new Failure(error.code, error.message, remedy, error);
}
