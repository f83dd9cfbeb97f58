import path from 'node:path';
import type { Connection } from './connections';

/** What is known of migrations that may say whose they are. */
export interface FolderFacts {
  /** Where the tool is run, absolute. */
  readonly root: string;
  /** Its migrations, absolute. */
  readonly locations: readonly string[];
  /** From its configuration. */
  readonly connections: readonly Connection[];
}

/** A database that migrations may belong to. */
export interface OwnerCandidate {
  /** `project/service/database`. */
  readonly name: string;
  readonly project: string;
  readonly projectFolder?: string;
  readonly database: string;
  /** Whether the image made it for the application. */
  readonly isMain: boolean;
  readonly published?: number;
  /** Names under which other services reach the server. */
  readonly hostNames: readonly string[];
  /** Services of its project that hold files of the host, with what they connect to. */
  readonly services: readonly { readonly folders: readonly string[]; readonly connections: readonly Connection[] }[];
  /**
   * What its version table says: `known` revisions of the files, `numbers` that any files may have, `strange` ones that no
   * files have, so that another branch made them, or that all were undone; or there is none.
   */
  readonly table: 'known' | 'numbers' | 'strange' | 'none';
}

export interface Owners {
  /** The databases that the migrations are for; several when a folder serves development and production. */
  readonly owners: readonly string[];
  /** Those among which the user must choose, project by project. */
  readonly unclear: readonly string[];
}

const weights = { known: 100, configuration: 80, service: 60, strange: 60, numbers: 30, main: 20, other: 1 } as const;
/** From here on it is certain enough not to ask. */
const certain = 60;

/**
 * Decides which databases migrations belong to, each project by itself. `remembered` is what the user said before; a
 * database of it that is gone does not count.
 */
export function decideOwners(folder: FolderFacts, candidates: readonly OwnerCandidate[], remembered: readonly string[] = []): Owners {
  const projects = [...new Set(candidates.map(({ project }) => project))];
  const decided = projects.map((project) => {
    const own = candidates.filter((candidate) => candidate.project === project);
    const said = own.filter(({ name }) => remembered.includes(name));
    return said.length > 0 ? { owners: said.map(({ name }) => name), unclear: [] } : decideInProject(folder, own);
  });
  return { owners: decided.flatMap(({ owners }) => owners), unclear: decided.flatMap(({ unclear }) => unclear) };
}

function decideInProject(folder: FolderFacts, candidates: readonly OwnerCandidate[]): Owners {
  const scored = candidates.map((candidate) => ({ name: candidate.name, score: scoreOf(folder, candidate, candidates.length === 1) }));
  const sure = scored.filter(({ score }) => score >= certain).map(({ name }) => name);
  if (sure.length > 0) return { owners: sure, unclear: [] };
  const best = Math.max(...scored.map(({ score }) => score));
  const winners = best <= 0 ? [] : scored.filter(({ score }) => score === best).map(({ name }) => name);
  return winners.length === 1 ? { owners: winners, unclear: [] } : { owners: [], unclear: winners };
}

function scoreOf(folder: FolderFacts, candidate: OwnerCandidate, isOnly: boolean): number {
  if (candidate.table === 'known') return weights.known;
  if (folder.connections.some((connection) => leadsTo(connection, candidate, folder.root))) return weights.configuration;
  const holding = candidate.services.filter(({ folders }) => folders.some((each) => folder.locations.some((location) => isWithin(location, each))));
  if (holding.some(({ connections }) => connections.some((connection) => reaches(connection, candidate)))) return weights.service;
  if (candidate.table !== 'none') return weights[candidate.table];
  if (candidate.projectFolder === undefined || !isWithin(folder.root, candidate.projectFolder)) return 0;
  return candidate.isMain || isOnly ? weights.main : weights.other;
}

/** As seen from another service of the project. */
function reaches({ host, database }: Connection, { hostNames, database: own }: OwnerCandidate): boolean {
  return host !== undefined && hostNames.includes(host) && (database ?? own) === own;
}

const loopback = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', 'host.docker.internal']);

/** Whether a name means the host on which it is used; left out, most programs take it for that. */
export function isLoopback(host: string | undefined): boolean {
  return host === undefined || loopback.has(host);
}

/** By the published port on this host; by the service's name for what runs beside it. */
function leadsTo({ host, port, database }: Connection, candidate: OwnerCandidate, root: string): boolean {
  if (database !== undefined && database !== candidate.database) return false;
  if (host === undefined || isLoopback(host)) return candidate.published !== undefined && port === candidate.published;
  return candidate.hostNames.includes(host) && candidate.projectFolder !== undefined && isWithin(root, candidate.projectFolder);
}

/** Whether a folder is, or lies in, another. */
export function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}
