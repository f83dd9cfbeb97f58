import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Recognised } from '../../backup/recognise/recognised';
import type { Project, Service } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { tooltip } from './markdown';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { colors, type Icon, type TreeNode } from './treeNode';
import { contentText, joinParts, originText, recognisedText, verificationSentence, verificationWord } from './words';

/** The backups of a service, newest first; without a service those of the project that belong to none. */
export function backupsNode(t: Translate, project: Project, service: Service | undefined, backups: readonly Backup[], clock: Clock): TreeNode {
  const label = service === undefined ? t('Other backups') : t('Backups');
  const databases = new Set(backups.map(({ manifest }) => manifest?.database ?? ''));
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
    children: backups.map((backup) => backupNode(t, project, backup, databases.size > 1 || service === undefined, clock)),
    subject: { kind: 'backups', project },
  };
}

/** What is known of a file without a manifest, for a row: `plain SQL, gzip`, `Postgres 15.4`, `made by a script`. */
function foreignParts(t: Translate, { file, recognised }: Backup): readonly string[] {
  if (recognised === undefined) return [];
  const version = 'serverVersion' in recognised ? recognised.serverVersion : undefined;
  return [recognisedText(t, recognised), ...(version === undefined ? [] : [t('Postgres {0}', version)]), originText(t, file)];
}

function databaseOf(recognised: Recognised | undefined): string | undefined {
  return recognised !== undefined && 'database' in recognised ? recognised.database : undefined;
}

function backupNode(t: Translate, project: Project, backup: Backup, nameDatabase: boolean, clock: Clock): TreeNode {
  const { manifest, recognised, problem } = backup;
  const age = ageText(t, backup.finishedAt, clock);
  const unusable = problem?.code.startsWith('MANIFEST') === true ? t('manifest unusable') : t('cannot be read');
  const proof = problem === undefined ? verificationWord(t, manifest?.verified) : unusable;
  const database = manifest === undefined ? path.basename(backup.file) : nameDatabase ? manifest.database : undefined;
  const foreign = foreignParts(t, backup);
  const reason = manifest?.reason === 'safety' ? t('safety') : undefined;
  return {
    id: `backup:${backup.file}`,
    label: age,
    description: joinParts(database, formatBytes(backup.sizeBytes), ...foreign, reason, proof),
    tooltip: tooltip(
      path.basename(backup.file),
      [
        [t('Database'), manifest === undefined ? databaseOf(recognised) : `${manifest.project}/${manifest.service}/${manifest.database}`],
        [t('Why'), manifest?.reason === 'safety' ? t('Safety backup, before a restore') : undefined],
        [t('Made'), fullMomentText(backup.finishedAt, clock)],
        [t('Holds'), contentText(t, backup, clock.language)],
        [t('File'), foreign.length === 0 ? undefined : foreign.join(', ')],
        [t('Postgres'), manifest?.serverVersion],
      ],
      problem === undefined ? [verificationSentence(t, manifest?.verified)] : [problem.message, problem.remedy],
    ),
    icon: backupIcon(backup),
    context: 'backup',
    spoken: [t('Backup of {0}', manifest?.database ?? path.basename(backup.file)), age, formatBytes(backup.sizeBytes), ...foreign, proof, reason ?? '']
      .filter((part) => part !== '')
      .join(', '),
    open: false,
    children: [],
    subject: { kind: 'backup', project, backup },
    command: 'containerDatabases.showBackup',
  };
}

function backupIcon({ manifest, recognised, problem }: Backup): Icon {
  if (problem !== undefined || recognised?.kind === 'empty') return { id: 'warning', color: colors.warning };
  if (manifest?.verified === 'read' || manifest?.verified === 'restored')
    return { id: manifest.reason === 'safety' ? 'shield' : 'verified', color: colors.good };
  return { id: 'unverified', color: colors.quiet };
}
