import { env } from 'vscode';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetBackup } from './targetBackup';

export const copyPath: Command = {
  id: 'containerDatabases.copyPath',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Copy the path of which backup?'));
    if (target !== undefined) await env.clipboard.writeText(target.backup.file);
    return target?.backup.file;
  },
};
