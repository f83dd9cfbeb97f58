import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { backupNode } from './backupNode';
import { databaseText } from './manifestText';
import { tooltip } from './markdown';
import { ageText } from './time';
import type { Clock, Translate } from './translate';
import type { TreeNode } from './treeNode';
import { joinParts } from './words';

/** The backups of a service, newest first; without a service those of the project that belong to none. */
export function backupsNode(t: Translate, project: Project, service: Service | undefined, backups: readonly Backup[], clock: Clock): TreeNode {
  const label = service === undefined ? t('Other backups') : t('Backups');
  const databases = new Set(backups.map(({ manifest }) => manifest?.database ?? ''));
  const nameDatabase = databases.size > 1 || service === undefined;
  const total = backups.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    id: `backups:${project.name}/${service?.name ?? ''}@${project.endpointId ?? ''}`,
    label,
    description: backups.length === 0 ? t('none yet') : joinParts(String(backups.length), formatBytes(total)),
    tooltip: tooltip(label, [], [backups.length === 0 ? t('"Back up database" makes one.') : t('Newest first. A click shows what is known of a backup.')]),
    icon: { id: 'archive' },
    context: 'backups',
    spoken: backups.length === 0 ? t('{0}, none yet', label) : t('{0}, {1} in all', label, backups.length),
    open: false,
    children: backups.map((backup) => {
      const { manifest } = backup;
      const first = manifest === undefined ? path.basename(backup.file) : nameDatabase ? databaseText(t, manifest) : undefined;
      return backupNode(t, project, backup, { label: ageText(t, backup.finishedAt, clock), first, sayProof: true }, clock);
    }),
    subject: { kind: 'backups', project },
  };
}
