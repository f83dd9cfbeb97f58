import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Recognised } from '../../backup/recognise/recognised';
import type { Project } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { databaseText, encryptionText, formatText, reasonText, scopeText, unusualText } from './manifestText';
import { tooltip, type Fact } from './markdown';
import { proofIcon, proofWord } from './proof';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import type { TreeNode } from './treeNode';
import { contentText, joinParts, originText, recognisedText, verificationSentence } from './words';

/** How a row names its backup. */
export interface BackupRow {
  readonly label: string;
  /** What stands before all else behind the label. */
  readonly first: string | undefined;
  /** Whether the proof is said in words too, and not by the icon alone. */
  readonly sayProof: boolean;
}

/** A backup as a row. */
export function backupNode(t: Translate, project: Project, backup: Backup, row: BackupRow, clock: Clock): TreeNode {
  const { manifest, problem } = backup;
  const age = ageText(t, backup.finishedAt, clock);
  const proof = proofWord(t, backup);
  const foreign = foreignParts(t, backup);
  const unusual = manifest === undefined ? undefined : unusualText(t, manifest);
  const reason = manifest?.reason === 'safety' ? t('safety') : undefined;
  return {
    id: `backup:${backup.file}`,
    label: row.label,
    description: joinParts(row.first, formatBytes(backup.sizeBytes), ...foreign, unusual, reason, row.sayProof || problem !== undefined ? proof : undefined),
    tooltip: tooltip(
      path.basename(backup.file),
      facts(t, backup, foreign, clock),
      problem === undefined ? [verificationSentence(t, manifest?.verified), ...(manifest?.remarks ?? [])] : [problem.message, problem.remedy],
    ),
    icon: proofIcon(backup),
    context: manifest === undefined ? 'backup bare' : manifest.format === 'volume' ? 'backup volume' : 'backup',
    spoken: [
      t('Backup of {0}', manifest === undefined ? path.basename(backup.file) : databaseText(t, manifest)),
      age,
      formatBytes(backup.sizeBytes),
      ...foreign,
      unusual,
      proof,
      reason,
    ]
      .filter((part) => part !== undefined && part !== '')
      .join(', '),
    open: false,
    children: [],
    subject: { kind: 'backup', project, backup },
    command: 'containerDatabases.showBackup',
  };
}

function facts(t: Translate, backup: Backup, foreign: readonly string[], clock: Clock): readonly Fact[] {
  const { manifest, recognised, finishedAt } = backup;
  const offsite = manifest?.offsite ?? [];
  return [
    [t('Database'), manifest === undefined ? databaseOf(recognised) : `${manifest.project}/${manifest.service}/${databaseText(t, manifest)}`],
    [t('Why'), manifest === undefined || manifest.reason === 'manual' ? undefined : reasonText(t, manifest.reason)],
    [t('Made'), fullMomentText(finishedAt, clock)],
    [t('Holds'), contentText(t, backup, clock.language)],
    [t('Format'), manifest === undefined ? undefined : joinParts(formatText(t, manifest.format), scopeText(t, manifest))],
    [t('Encrypted'), manifest === undefined ? undefined : encryptionText(t, manifest)],
    [t('Copies'), offsite.map(({ location }) => location).join(', ')],
    [t('File'), foreign.length === 0 ? undefined : foreign.join(', ')],
    [t('Postgres'), manifest?.serverVersion],
  ];
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
