import { window } from 'vscode';
import path from 'node:path';
import { verificationSentence } from '../present/words';
import { translate as t } from '../translate';
import type { Command } from './command';
import { readerOf } from './reader';
import { targetBackup } from './targetBackup';

export const verifyBackup: Command = {
  id: 'containerDatabases.verifyBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Verify which backup?'));
    if (target === undefined) return undefined;
    const { backup, project } = target;
    const { backups, inventory } = await context.app();
    const server = inventory.serverOf(readerOf(await context.inventory(), backup).service);
    const name = path.basename(backup.file);
    try {
      const { verified: level } = await context.encryption.reading(backup, project.name, (key) =>
        context.operation(t('Verifying {0}', name), (operation) => backups.verify(backup, { server, ...(key === undefined ? {} : { key }) }, operation)),
      );
      const message = t('{0} is good. {1}', name, verificationSentence(t, level));
      context.log.info(message);
      void window.showInformationMessage(message);
      return level;
    } finally {
      await context.shelf.refresh();
    }
  },
};
