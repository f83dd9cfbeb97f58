import { window } from 'vscode';
import path from 'node:path';
import { Failure } from '../../protocol/failure';
import type { Inventory } from '../../inventory/model';
import type { Backup } from '../../backup/catalogue';
import type { ServicePlace } from '../picks';
import { verificationSentence } from '../present/words';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetBackup } from './targetBackup';

export const verifyBackup: Command = {
  id: 'containerDatabases.verifyBackup',
  enabled: (subject) => subject === undefined || subject.kind === 'backup',
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Verify which backup?'));
    if (target === undefined) return undefined;
    const { backups, inventory } = await context.app();
    const { service } = readerOf(await context.inventory(), target.backup);
    const name = path.basename(target.backup.file);
    const { verified: level } = await context.operation(t('Verifying {0}', name), (operation) =>
      backups.verify(target.backup, { server: inventory.serverOf(service) }, operation),
    );
    await context.shelf.refresh();
    const message = t('{0} is good. {1}', name, verificationSentence(t, level));
    context.log.info(message);
    void window.showInformationMessage(message);
    return level;
  },
};

/** A running server whose programs can read the backup: its own, else the newest. Throws `SERVER_MISSING`. */
function readerOf(inventory: Inventory, { manifest }: Backup): ServicePlace {
  const running = inventory.projects.flatMap((project) =>
    project.services.filter(({ state, problem }) => state === 'running' && problem === undefined).map((service) => ({ project, service })),
  );
  const own = running.find(({ project, service }) => project.name === manifest?.project && service.name === manifest.service);
  const newest = running.toSorted((a, b) => (b.service.postgres.major ?? 0) - (a.service.postgres.major ?? 0))[0];
  const reader = own ?? newest;
  if (reader !== undefined) return reader;
  throw new Failure(
    'SERVER_MISSING',
    t('No Postgres is running that could read the backup.'),
    t('Start a service with Postgres, then try again: its own programs do the reading.'),
  );
}
