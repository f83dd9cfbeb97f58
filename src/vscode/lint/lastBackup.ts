import type { App } from '../../app';
import { isBackupOf } from '../../backup/catalogue';
import type { DatabaseTarget } from '../../inventory/target';

/** When the newest backup of a database was made that was verified; null when there is none. */
export async function lastVerifiedBackup({ backups }: App, { project, service, database }: DatabaseTarget): Promise<Date | null> {
  const all = await backups.list(project);
  const verified = all.filter(
    (backup) => isBackupOf(backup, project.name, service.name, database.name) && backup.manifest !== undefined && backup.manifest.verified !== 'none',
  );
  return verified.reduce<Date | null>((newest, { finishedAt }) => (newest === null || finishedAt > newest ? finishedAt : newest), null);
}
