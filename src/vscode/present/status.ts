import type { Backup } from '../../backup/catalogue';
import type { Inventory, Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { escapeMarkdown } from './markdown';
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
}

const icons: Readonly<Record<Rank, string>> = { fine: '$(database)', busy: '$(sync)', off: '$(circle-slash)', warning: '$(warning)', bad: '$(error)' };

/** The worst state of this workspace's databases; undefined when the workspace has none. */
export function statusView(t: Translate, inventory: Inventory, backups: ReadonlyMap<string, readonly Backup[]>, clock: Clock): StatusView | undefined {
  const places = inventory.projects.filter(({ inWorkspace }) => inWorkspace).flatMap((project) => project.services.map((service) => ({ project, service })));
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

/** How much a service's state deserves attention. */
export function rankOf({ project, service }: Place): Rank {
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

function conditionOf(t: Translate, { project, service }: Place): string {
  const missing = missingDatabase(project, service);
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
  const { project, service } = place;
  const icon = icons[rankOf(place)];
  const state = conditionOf(t, place);
  if (service.databases.length === 0) return [`${icon} ${escapeMarkdown(joinParts(`${project.name}/${service.name}`, state))}`];
  return service.databases.map((database) => {
    const last = backups.find(({ manifest }) => manifest?.service === service.name && manifest.database === database.name);
    const backup = last === undefined ? t('no backup') : t('backup {0}', ageText(t, last.finishedAt, clock));
    const name = `${project.name}/${service.name}/${database.name}`;
    return `${icon} ${escapeMarkdown(joinParts(name, state, service.postgres.version, formatBytes(database.sizeBytes), backup))}`;
  });
}
