import { askFirst } from '../askFirst';
import { deleteQuestion } from '../present/restoreText';
import { clock, translate as t } from '../translate';
import type { Command } from './command';
import { targetBackup } from './targetBackup';

export const deleteBackup: Command = {
  id: 'containerDatabases.deleteBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Delete which backup?'));
    if (target === undefined) return undefined;
    const { backups } = await context.app();
    const all = await backups.list(target.project);
    if (!(await askFirst(deleteQuestion(t, target.backup, all, clock())))) return undefined;
    await backups.delete(target.backup);
    context.log.info(`Deleted ${target.backup.file}`);
    await context.shelf.refresh();
    return target.backup.file;
  },
};
