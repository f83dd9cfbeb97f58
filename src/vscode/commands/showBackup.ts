import { translate as t } from '../translate';
import type { Command } from './command';
import { targetBackup } from './targetBackup';

export const showBackup: Command = {
  id: 'containerDatabases.showBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Show which backup?'));
    if (target !== undefined) await context.showBackup(target);
    return target?.backup.file;
  },
};
