import { Failure } from '../../protocol/failure';
import { showComparison } from '../comparisonDocuments';
import { backupChoice, pickOne } from '../picks';
import { isKnown, type KnownBackup } from '../present/comparisonText';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetBackup } from './targetBackup';

export const compareBackups: Command = {
  id: 'containerDatabases.compareBackups',
  enabled: (subject) => subject === undefined || (subject.kind === 'backup' && isKnown(subject.backup)),
  async run(context, subject) {
    const target = await targetBackup(context, subject, t('Compare which backup?'), isKnown);
    if (target === undefined || !isKnown(target.backup)) return undefined;
    const { backup, project } = target;
    const others = context.shelf.of(project).filter((other) => isKnown(other) && isOfSame(backup, other));
    if (others.length === 0) {
      throw new Failure('BACKUP_MISSING', t('There is no other backup of "{0}".', backup.manifest.database), t('Make one with "Back up database".'));
    }
    const other = await pickOne(others.map(backupChoice), t('Compare with which backup of "{0}"?', backup.manifest.database));
    if (other === undefined || !isKnown(other)) return undefined;
    await showComparison(backup, other);
    return [backup.file, other.file];
  },
};

/** Whether another backup is of the same database. */
function isOfSame({ file, manifest }: KnownBackup, other: KnownBackup): boolean {
  const { project, service, database } = other.manifest;
  return other.file !== file && project === manifest.project && service === manifest.service && database === manifest.database;
}
