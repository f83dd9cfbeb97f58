import type { Backup } from '../../backup/catalogue';
import type { ScheduleState } from '../../backup/schedule/schedules';
import type { Health, HealthReason } from '../../health/model';
import type { Inventory, Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import type { CommandId } from '../contributions';
import { graveReasons } from './healthText';
import { escapeMarkdown } from './markdown';
import { scheduleTrouble, serviceSchedules } from './scheduleNodes';
import { missingDatabase } from './subject';
import { ageText } from './time';
import type { Clock, Translate } from './translate';
import { conditionText, joinParts } from './words';

/** From best to worst. */
const ranks = ['fine', 'busy', 'off', 'warning', 'bad'] as const;
export type Rank = (typeof ranks)[number];

/** What the status bar shows. */
export interface StatusView {
  readonly rank: Rank;
  readonly text: string;
  /** Markdown, foreign text in it escaped. */
  readonly tooltip: string;
  readonly spoken: string;
}

interface Place {
  readonly project: Project;
  readonly service: Service;
  /** What is wrong with its scheduled backups, for each database. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Absent while it was not asked yet. */
  readonly health: Health | undefined;
}

const icons: Readonly<Record<Rank, string>> = { fine: '$(database)', busy: '$(sync)', off: '$(circle-slash)', warning: '$(warning)', bad: '$(error)' };

/** The worst state of this workspace's databases; undefined when the workspace has none. */
export function statusView(
  t: Translate,
  inventory: Inventory,
  backups: ReadonlyMap<string, readonly Backup[]>,
  clock: Clock,
  schedules: readonly ScheduleState[] = [],
  healths: ReadonlyMap<string, Health> = new Map(),
): StatusView | undefined {
  const places = inventory.projects
    .filter(({ inWorkspace }) => inWorkspace)
    .flatMap((project) => project.services.map((service) => placeOf(t, project, service, schedules, healths)));
  const worst = places.toSorted((a, b) => ranks.indexOf(rankOf(b)) - ranks.indexOf(rankOf(a)))[0];
  if (worst === undefined) return undefined;
  const rank = rankOf(worst);
  const words = rank === 'fine' ? countText(t, places) : t('{0}: {1}', shortName(worst, places), conditionOf(t, worst));
  const lines = places.flatMap((place) => [...placeLines(t, place, backups.get(place.project.id) ?? [], clock), ...reasonLines(place)]);
  return {
    rank,
    text: `${icons[rank]} ${words}`,
    tooltip: [`**${escapeMarkdown(t('Databases of this workspace'))}**`, lines.join('  \n'), links(t)].join('\n\n'),
    spoken: t('Container databases: {0}', words),
  };
}

function placeOf(t: Translate, project: Project, service: Service, schedules: readonly ScheduleState[], healths: ReadonlyMap<string, Health>): Place {
  const troubles = serviceSchedules(project, service, schedules).flatMap((state) => {
    const trouble = scheduleTrouble(t, state);
    return trouble === undefined ? [] : [[state.schedule.database, trouble] as const];
  });
  return { project, service, troubles: new Map(troubles), health: healths.get(service.id) };
}

/** How much a service deserves attention: for its state, for a scheduled backup that was not made, or for its health. */
function rankOf(place: Place): Rank {
  const found: readonly Rank[] = [stateRank(place), place.troubles.size > 0 ? 'warning' : 'fine', healthRank(place)];
  return found.toSorted((a, b) => ranks.indexOf(b) - ranks.indexOf(a))[0] ?? 'fine';
}

function healthRank(place: Place): Rank {
  const reason = graveReason(place);
  if (reason === undefined) return 'fine';
  return reason.severity === 'error' ? 'bad' : 'warning';
}

/** The gravest that fits the state that is known now: what was found may be older than that. Who stops a server knows that it does not run. */
function graveReason({ service, health }: Place): HealthReason | undefined {
  const isOfStopped = ({ code }: HealthReason): boolean => code === 'NOT_RUNNING' || code === 'CRASHED';
  return graveReasons(health).find((reason) => (service.state === 'running' ? !isOfStopped(reason) : service.state === 'stopped' && reason.code === 'CRASHED'));
}

function stateRank({ project, service }: Place): Rank {
  if (service.problem !== undefined) return 'warning';
  switch (service.state) {
    case 'starting':
    case 'restarting':
      return 'busy';
    case 'paused':
    case 'stopped':
    case 'not created':
      return 'off';
    case 'running':
      if (service.health === 'unhealthy') return 'bad';
      return missingDatabase(project, service) === undefined ? 'fine' : 'warning';
  }
}

function conditionOf(t: Translate, place: Place): string {
  const { project, service, troubles } = place;
  const missing = missingDatabase(project, service);
  const [trouble] = troubles.values();
  const reason = graveReason(place);
  if (reason !== undefined && stateRank(place) !== rankOf(place) && healthRank(place) === rankOf(place)) return reason.short;
  if (trouble !== undefined && stateRank(place) !== rankOf(place)) return trouble;
  return missing === undefined ? conditionText(t, service) : t('"{0}" is missing', missing.databaseName);
}

function countText(t: Translate, places: readonly Place[]): string {
  const count = places.reduce((sum, { service }) => sum + service.databases.length, 0);
  return count === 1 ? t('1 database') : t('{0} databases', count);
}

/** The project's name where that tells all, else with the service's. */
function shortName({ project, service }: Place, places: readonly Place[]): string {
  const siblings = places.filter((place) => place.project.id === project.id);
  return siblings.length > 1 ? `${project.name}/${service.name}` : project.name;
}

function placeLines(t: Translate, place: Place, backups: readonly Backup[], clock: Clock): readonly string[] {
  const { project, service, troubles } = place;
  const icon = icons[rankOf(place)];
  const state = conditionOf(t, place);
  if (service.databases.length === 0) return [`${icon} ${escapeMarkdown(joinParts(`${project.name}/${service.name}`, state))}`];
  return service.databases.map((database) => {
    const last = backups.find(({ manifest }) => manifest?.service === service.name && manifest.database === database.name);
    const backup = last === undefined ? t('no backup') : t('backup {0}', ageText(t, last.finishedAt, clock));
    const name = `${project.name}/${service.name}/${database.name}`;
    return `${icon} ${escapeMarkdown(joinParts(name, state, service.postgres.version, formatBytes(database.sizeBytes), backup, troubles.get(database.name)))}`;
  });
}

/** What is to be said of a server that runs, each with what to do. */
function reasonLines({ service, health }: Place): readonly string[] {
  if (service.state !== 'running') return [];
  return graveReasons(health)
    .slice(0, 5)
    .map(({ severity, message, remedy }) => `&emsp;$(${severity}) ${escapeMarkdown(`${message} ${remedy}`)}`);
}

/** The commands that the tooltip links to; it may run no others. */
export const statusLinks: readonly CommandId[] = ['containerDatabases.showDatabases', 'containerDatabases.backUp', 'containerDatabases.refresh'];

function links(t: Translate): string {
  const labels = [t('What can be done'), t('Back up'), t('Refresh')];
  return statusLinks.map((id, index) => `[${labels[index] ?? id}](command:${id})`).join(' · ');
}
