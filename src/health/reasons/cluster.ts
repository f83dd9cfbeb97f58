import { formatBytes } from '../../protocol/format';
import type { HealthFacts } from '../facts';
import type { HealthReason } from '../model';
import type { Thresholds } from '../thresholds';

/** Bytes free below which a database may stop at any moment, however large the disk. */
const almostNothing = 256 * 1024 * 1024;

/** The disk under the cluster, and whether it is a copy of another one. */
export function clusterReasons({ cluster }: HealthFacts, { diskFreePercent }: Thresholds): readonly HealthReason[] {
  if (cluster === undefined) return [];
  const reasons: HealthReason[] = [];
  const { disk, inRecovery } = cluster;
  if (disk !== undefined && diskFreePercent > 0 && disk.totalBytes > 0) {
    const percent = (disk.freeBytes / disk.totalBytes) * 100;
    const isUrgent = disk.freeBytes < almostNothing || percent < diskFreePercent / 4;
    if (isUrgent || percent < diskFreePercent) {
      reasons.push({
        code: 'DISK_LOW',
        severity: isUrgent ? 'error' : 'warning',
        short: `${formatBytes(disk.freeBytes)} of disk free`,
        message: `Only ${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} are free on the disk that holds the data. Postgres stops when it is full.`,
        remedy: "Remove what is not needed from the engine's disk, such as old images and build caches, or make it larger.",
      });
    }
  }
  if (inRecovery) {
    reasons.push({
      code: 'IN_RECOVERY',
      severity: 'info',
      short: 'in recovery',
      message: 'The server is a standby, or recovers from a crash: it takes no writes.',
      remedy: 'Wait, or work on the primary.',
    });
  }
  return reasons;
}
