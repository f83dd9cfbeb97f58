import { window } from 'vscode';
import path from 'node:path';
import { isOwnName } from '../../backup/recognise/names';
import { Failure } from '../../protocol/failure';
import { pickService, type ServicePlace } from '../picks';
import { presentService, type Subject } from '../present/subject';
import { rowsText, tablesText } from '../present/words';
import { clock, translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import { targetBackup } from './targetBackup';

export const rebuildManifest: Command = {
  id: 'containerDatabases.rebuildManifest',
  enabled: (subject) => subject === undefined || (subject.kind === 'backup' && subject.backup.manifest === undefined),
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Rebuild the manifest of which backup?'), ({ manifest }) => manifest === undefined);
    const place = target === undefined ? undefined : await placeOf(context, target);
    if (target === undefined || place === undefined) return undefined;
    const { backups } = await context.app();
    const name = path.basename(target.backup.file);
    try {
      const manifest = await context.operation(t('Reading {0}', name), (operation) =>
        backups.rebuildManifest(target.backup, place.service, undefined, operation),
      );
      const rows = Object.values(manifest.rows);
      const content = `${tablesText(t, rows.length)}, ${rowsText(
        t,
        rows.reduce((sum, count) => sum + count, 0),
        clock().language,
      )}`;
      const message = t('{0} was read whole and has a manifest again, as a backup of "{1}": {2}.', name, manifest.database, content);
      context.log.info(message);
      void window.showInformationMessage(message);
      return manifest;
    } finally {
      await context.shelf.refresh();
    }
  },
};

/** The service whose backup it is taken for: the only one of the project that runs, or the one that the user picks. */
async function placeOf(context: CommandContext, { project, backup }: Subject & { readonly kind: 'backup' }): Promise<ServicePlace | undefined> {
  const inventory = await context.inventory();
  const runs = (service: ServicePlace['service']): boolean => service.state === 'running' && service.problem === undefined;
  const own = project.services.flatMap((service) => presentService(inventory, service) ?? []).filter(({ service }) => runs(service));
  const [only, ...others] = own;
  // What others have made may be of any database.
  if (only !== undefined && others.length === 0 && isOwnName(path.basename(backup.file))) return only;
  const wanted = new Set(own.map(({ service }) => service.id));
  const place = await pickService(inventory, (service) => (wanted.size === 0 ? runs(service) : wanted.has(service.id)), t('It is a backup of which service?'));
  if (place !== undefined && place.service.state !== 'running')
    throw new Failure('SERVICE_NOT_RUNNING', t('The service is not running.'), t('Start it, then try again.'));
  return place;
}
