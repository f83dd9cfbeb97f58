import type { DatabaseTarget } from '../../inventory/target';
import type { CommandId } from '../contributions';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetDatabase } from './targets';

export const showOverview = viewCommand('containerDatabases.showOverview', () => t('Show which database?'), async (context, target) => {
  const panel = await import('../overview/panel');
  panel.showOverview(context, target);
}); // prettier-ignore

export const showActivity = viewCommand('containerDatabases.showActivity', () => t('Show the activity of which database?'), async (context, target) => {
  const panel = await import('../activity/panel');
  panel.showActivity(context, target);
}); // prettier-ignore

export const showStatistics: Command = {
  id: 'containerDatabases.showStatistics',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || subject.kind === 'tables' || subject.kind === 'table',
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Show the tables of which database?'));
    if (target === undefined) return undefined;
    const panel = await import('../statistics/panel');
    panel.showStatistics(context, target, subject?.kind === 'table' ? subject.table.oid : undefined);
    return target.database.name;
  },
};

function viewCommand(id: CommandId, question: () => string, show: (context: CommandContext, target: DatabaseTarget) => Promise<void>): Command {
  return {
    id,
    enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
    async run(context, subject) {
      const target = await targetDatabase(context, subject, question());
      if (target === undefined) return undefined;
      await show(context, target);
      return target.database.name;
    },
  };
}
