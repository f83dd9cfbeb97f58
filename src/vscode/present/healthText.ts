import type { Health, HealthAction, HealthReason } from '../../health/model';
import type { CommandId } from '../contributions';
import type { Translate } from './translate';

/** What deserves attention, gravest first; nothing of what is only worth knowing. */
export function graveReasons(health: Health | undefined): readonly HealthReason[] {
  return health?.reasons.filter(({ severity }) => severity !== 'info') ?? [];
}

/** The command that helps, and what a button for it says; undefined where the product has none. */
export function healthCommand(t: Translate, action: HealthAction | undefined): { readonly id: CommandId; readonly label: string } | undefined {
  switch (action) {
    case 'back up':
      return { id: 'containerDatabases.backUp', label: t('Back up now') };
    case 'schedule':
      return { id: 'containerDatabases.scheduleBackups', label: t('Schedule backups…') };
    case 'start':
      return { id: 'containerDatabases.start', label: t('Start') };
    case 'show logs':
      return { id: 'containerDatabases.showLogs', label: t('Show logs') };
    case 'vacuum':
    case 'show activity':
    case 'show statistics':
    case 'open doctor':
    case undefined:
      return undefined;
  }
}
