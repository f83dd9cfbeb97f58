import { window } from 'vscode';
import path from 'node:path';
import { provenText } from '../present/proof';
import { clock, translate as t } from '../translate';
import type { Command } from './command';
import { readerOf } from './reader';
import { targetBackup } from './targetBackup';

export const testRestore: Command = {
  id: 'containerDatabases.testRestore',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Test which backup?'));
    if (target === undefined) return undefined;
    const { backup, project } = target;
    const { restores, inventory } = await context.app();
    const server = inventory.serverOf(readerOf(await context.inventory(), backup).service);
    const name = path.basename(backup.file);
    try {
      const proof = await context.encryption.reading(backup, project.name, (key) =>
        context.operation(t('Restoring {0} into a scratch database', name), (operation) =>
          restores.test(backup, { server, ...(key === undefined ? {} : { key }) }, operation),
        ),
      );
      const message = provenText(t, backup, proof, clock().language);
      context.log.info(message);
      void window.showInformationMessage(message);
      return proof;
    } finally {
      await context.shelf.refresh();
    }
  },
};
