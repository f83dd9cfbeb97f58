import type { Health, HealthAction, HealthReason } from '../../health/model';
import type { Inventory } from '../../inventory/model';
import type { CommandId } from '../contributions';
import { missingDatabase, type Subject } from './subject';
import type { Translate } from './translate';
import { joinParts } from './words';

/** What deserves attention, gravest first; nothing of what is only worth knowing. */
export function graveReasons(health: Health | undefined): readonly HealthReason[] {
  return health?.reasons.filter(({ severity }) => severity !== 'info') ?? [];
}

/** The command that helps, and what a button for it says; undefined where the product has none. */
export function healthCommand(t: Translate, action: HealthAction | undefined): { readonly id: CommandId; readonly label: string } | undefined {
  switch (action) {
    case 'back up':
      return { id: 'containerDatabases.backUp', label: t('Back up now') };
    case 'restore':
      return { id: 'containerDatabases.restore', label: t('Restore…') };
    case 'start':
      return { id: 'containerDatabases.start', label: t('Start') };
    case 'show logs':
      return { id: 'containerDatabases.showLogs', label: t('Show logs') };
    case 'show activity':
      return { id: 'containerDatabases.showActivity', label: t('Show activity') };
    case 'vacuum':
    case 'show statistics':
      return { id: 'containerDatabases.showStatistics', label: t('Show tables') };
    case 'check corruption':
      return { id: 'containerDatabases.checkCorruption', label: t('Check for corruption') };
    case undefined:
      return undefined;
  }
}

/** What the command that helps is called on: the database of the reason, else the service; undefined when that is gone. */
export function reasonSubject({ projects }: Inventory, serviceId: string, { database: name, action }: HealthReason): Subject | undefined {
  const project = projects.find(({ services }) => services.some(({ id }) => id === serviceId));
  const service = project?.services.find(({ id }) => id === serviceId);
  if (project === undefined || service === undefined) return undefined;
  const database = service.databases.find((each) => each.name === name);
  if (database !== undefined && action !== 'check corruption') return { kind: 'database', project, service, database };
  const missing = missingDatabase(project, service);
  return name !== undefined && missing?.databaseName === name ? { kind: 'missing database', ...missing } : { kind: 'service', project, service };
}

/** Something that was found, as a choice that leads to what helps. */
export interface FoundChoice {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly icon: string;
  readonly subject: Subject;
  /** Undefined where nothing of ours helps. */
  readonly command: CommandId | undefined;
}

/** What deserves attention in this workspace, gravest first. */
export function foundChoices(t: Translate, inventory: Inventory, healths: ReadonlyMap<string, Health>): readonly FoundChoice[] {
  const all = [...healths].flatMap(([id, health]) => graveReasons(health).map((reason) => ({ reason, subject: reasonSubject(inventory, id, reason) })));
  return all
    .toSorted((a, b) => Number(a.reason.severity !== 'error') - Number(b.reason.severity !== 'error'))
    .flatMap(({ reason, subject }) => {
      if (subject === undefined || !('service' in subject)) return [];
      const command = healthCommand(t, reason.action);
      const place = `${subject.project.name}/${subject.service.name}${reason.database === undefined ? '' : `/${reason.database}`}`;
      return [
        {
          label: reason.short,
          description: joinParts(place, command?.label),
          detail: `${reason.message} ${reason.remedy}`,
          icon: reason.severity,
          subject,
          command: command?.id,
        },
      ];
    });
}
