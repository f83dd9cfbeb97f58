import type { BackupFacts, HealthFacts } from '../facts';
import type { HealthReason } from '../model';
import type { Thresholds } from '../thresholds';

const day = 24 * 60 * 60 * 1000;

/** How old the last good backup of each database is, and whether its schedule works. */
export function backupReasons({ backups }: HealthFacts, { backupAgeDays }: Thresholds, now: Date): readonly HealthReason[] {
  return backups.flatMap((facts) => [...schedule(facts), ...age(facts, backupAgeDays, now)]);
}

function schedule({ database, trouble }: BackupFacts): readonly HealthReason[] {
  if (trouble === undefined) return [];
  const failed = trouble === 'failed';
  return [
    {
      code: failed ? 'BACKUP_FAILED' : 'BACKUP_OVERDUE',
      severity: 'warning',
      database,
      short: failed ? 'backup failed' : 'backup overdue',
      message: failed ? `The last scheduled backup of "${database}" failed.` : `A scheduled backup of "${database}" was not made.`,
      remedy: failed ? 'Look at its record, and back up now.' : 'Back up now, and look at who runs the schedule.',
      action: 'back up',
    },
  ];
}

function age({ database, newestVerified }: BackupFacts, days: number, now: Date): readonly HealthReason[] {
  if (days === 0) return [];
  if (newestVerified === undefined) {
    return [
      {
        code: 'BACKUP_MISSING',
        severity: 'info', // of a database that was made a moment ago, too
        database,
        short: 'no backup',
        message: `There is no verified backup of "${database}".`,
        remedy: 'Back it up; better still, on a schedule.',
        action: 'back up',
      },
    ];
  }
  const old = Math.floor((now.getTime() - newestVerified.getTime()) / day);
  if (old < days) return [];
  return [
    {
      code: 'BACKUP_OLD',
      severity: 'warning',
      database,
      short: `backup ${old} ${old === 1 ? 'day' : 'days'} old`,
      message: `The last verified backup of "${database}" is ${old} ${old === 1 ? 'day' : 'days'} old.`,
      remedy: 'Back it up now; better still, on a schedule.',
      action: 'back up',
    },
  ];
}
