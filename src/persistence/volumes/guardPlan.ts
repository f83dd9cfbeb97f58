import type { Volume } from '../../inventory/model';
import { Failure } from '../../protocol/failure';
import { formatBytes } from '../../protocol/format';

/** What destroys data, and is done only with a verified backup of them. */
export type GuardedAction = 'remove volume' | 'down' | 'down with volumes' | 'reset' | 'drop database';

/**
 * What becomes of a service's data: `lost`; `orphaned`: left in a volume without a name that the next container does not
 * get; or `kept`.
 */
export type Fate = 'lost' | 'orphaned' | 'kept';

/** A service with a database, as a guard sees it. */
export interface GuardedService {
  readonly service: string;
  readonly state: string;
  readonly volume: Volume | undefined;
  /** Whether Compose counts the volume among the project's own. */
  readonly ofProject: boolean;
  /** Whether the container is removed when it stops. */
  readonly vanishes: boolean;
  readonly databases: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** The newest backup that is verified. */
  readonly newestBackup?: { readonly file: string; readonly finishedAt: Date };
}

export interface GuardFacts {
  readonly action: GuardedAction;
  readonly project: string;
  /** The services that it is about. */
  readonly services: readonly GuardedService[];
  /** Of `drop database`. */
  readonly database?: string;
  /** The containers that are removed, or for a folder of the host stopped, by name. */
  readonly containers: readonly string[];
  /** Volumes without a database that are removed as well. */
  readonly otherVolumes: readonly string[];
  /** See `productionSign`. */
  readonly production: string | undefined;
  /** Whether the Compose files and a program that reads them are at hand. */
  readonly compose: boolean;
  /** Whether the editor or this program itself runs in one of the containers. */
  readonly insideOne: boolean;
}

export interface GuardedLoss extends GuardedService {
  readonly fate: Fate;
  /** `quiet`: everything is stopped first, so that the backup holds the last row. `live`: while it runs. `dump`: of the one database. */
  readonly backup: 'quiet' | 'live' | 'dump';
}

/** What a guarded action will do, as data: shown in the confirmation, printed by `--dry-run`. */
export interface GuardPlan extends Omit<GuardFacts, 'services' | 'insideOne'> {
  readonly losses: readonly GuardedLoss[];
  /** What has to be typed; absent where a click is enough. */
  readonly typed?: string;
}

/** Decides what a guarded action loses and how that is backed up first. Throws `GUARD_REFUSED` before anything is touched. */
export function planGuard({ services, insideOne, ...facts }: GuardFacts): GuardPlan {
  const { action, production, compose, project } = facts;
  if (insideOne) throw refused('This editor itself runs in one of the containers.', 'Do it from a window outside of them.');
  if (action === 'reset' && !compose) {
    throw refused('The Compose files of the project, or the program that reads them, are not at hand, so it could not be made anew.', 'Open its folder first.');
  }
  const losses = services.map((service) => ({ ...service, fate: fateOf(action, service), backup: howToBackUp(action, service) }));
  return { ...facts, losses, ...(production === undefined ? {} : { typed: facts.database ?? project }) };
}

function fateOf(action: GuardedAction, { volume, ofProject }: GuardedService): Fate {
  if (action === 'drop database' || action === 'remove volume') return 'lost';
  switch (volume?.kind) {
    case 'bind':
      return 'kept';
    case 'named':
      return action === 'down' || !ofProject ? 'kept' : 'lost';
    case 'anonymous':
      return action === 'down' ? 'orphaned' : 'lost';
    default:
      return 'lost';
  }
}

function howToBackUp(action: GuardedAction, service: GuardedService): GuardedLoss['backup'] {
  if (action === 'drop database') return 'dump';
  const { volume, vanishes } = service;
  const stopsSafely = !vanishes && (volume?.kind === 'named' || volume?.kind === 'bind' || volume?.kind === 'anonymous');
  return stopsSafely && fateOf(action, service) !== 'kept' ? 'quiet' : 'live';
}

/** The steps as people read them. */
export function describeGuard(plan: GuardPlan): readonly string[] {
  const { action, losses, containers, otherVolumes, database } = plan;
  const backups = losses.map(
    ({ service, backup }) => `back up ${backup === 'dump' ? `"${database ?? ''}" of ${service}` : `the volume of ${service}`}, verified`,
  );
  const stops = losses.some(({ backup }) => backup === 'quiet') && containers.length > 0 ? [`stop ${containers.join(', ')}`] : [];
  const lost = losses.map(describeLoss);
  const removed = action === 'drop database' || containers.length === 0 ? [] : [`remove the containers ${containers.join(', ')}`];
  const others = otherVolumes.length === 0 ? [] : [`remove without a backup: ${otherVolumes.join(', ')}`];
  return [...stops, ...backups, ...removed, ...lost, ...others, ...(action === 'reset' ? ['make the project anew'] : [])];
}

function describeLoss({ service, volume, fate, databases }: GuardedLoss): string {
  const content = databases.map(({ name, sizeBytes }) => `${name} (${formatBytes(sizeBytes)})`).join(', ');
  const where = volume?.name ?? volume?.source ?? 'its container';
  if (fate === 'kept') return `keep ${where} with the data of ${service}`;
  return `${fate === 'lost' ? 'remove' : 'leave unused'} ${where} with the data of ${service}${content === '' ? '' : `: ${content}`}`;
}

function refused(message: string, remedy: string): Failure {
  return new Failure('GUARD_REFUSED', message, remedy);
}
