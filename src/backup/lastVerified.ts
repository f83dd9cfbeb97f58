import type { DatabaseTarget } from '../inventory/target';
import type { Backups } from './backups';
import { isBackupOf } from './catalogue';

/** When the newest backup of a database was made that was verified; null when there is none. */
export async function lastVerifiedBackup(backups: Backups, { project, service, database }: DatabaseTarget): Promise<Date | null> {
  const all = await backups.list(project);
  const verified = all.filter(
    (backup) => isBackupOf(backup, project.name, service.name, database.name) && backup.manifest !== undefined && backup.manifest.verified !== 'none',
  );
  return verified.reduce<Date | null>((newest, { finishedAt }) => (newest === null || finishedAt > newest ? finishedAt : newest), null);
}
