import type { Backup } from '../../backup/catalogue';
import type { ScheduleState } from '../../backup/schedule/schedules';
import type { Inventory, Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
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
}

const icons: Readonly<Record<Rank, string>> = { fine: '$(database)', busy: '$(sync)', off: '$(circle-slash)', warning: '$(warning)', bad: '$(error)' };

/** The worst state of this workspace's databases; undefined when the workspace has none. */
export function statusView(
  t: Translate,
  inventory: Inventory,
  backups: ReadonlyMap<string, readonly Backup[]>,
  clock: Clock,
  schedules: readonly ScheduleState[] = [],
): StatusView | undefined {
  const places = inventory.projects
    .filter(({ inWorkspace }) => inWorkspace)
    .flatMap((project) => project.services.map((service) => placeOf(t, project, service, schedules)));
  const worst = places.toSorted((a, b) => ranks.indexOf(rankOf(b)) - ranks.indexOf(rankOf(a)))[0];
  if (worst === undefined) return undefined;
  const rank = rankOf(worst);
  const words = rank === 'fine' ? countText(t, places) : t('{0}: {1}', shortName(worst, places), conditionOf(t, worst));
  const lines = places.flatMap((place) => placeLines(t, place, backups.get(place.project.id) ?? [], clock));
  return {
    rank,
    text: `${icons[rank]} ${words}`,
    tooltip: [`**${escapeMarkdown(t('Databases of this workspace'))}**`, lines.join('  \n')].join('\n\n'),
    spoken: t('Container databases: {0}', words),
  };
}

function placeOf(t: Translate, project: Project, service: Service, schedules: readonly ScheduleState[]): Place {
  const troubles = serviceSchedules(project, service, schedules).flatMap((state) => {
    const trouble = scheduleTrouble(t, state);
    return trouble === undefined ? [] : [[state.schedule.database, trouble] as const];
  });
  return { project, service, troubles: new Map(troubles) };
}

/** How much a service deserves attention: for its state, or for a scheduled backup that was not made. */
function rankOf(place: Place): Rank {
  const rank = stateRank(place);
  return place.troubles.size > 0 && ranks.indexOf(rank) < ranks.indexOf('warning') ? 'warning' : rank;
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
