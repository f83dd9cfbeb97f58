import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { BackupDetails, BackupFact, BackupLabels } from '../../protocol/backupDetails';
import { formatBytes, formatDuration } from '../../protocol/format';
import { databaseText, encryptionText, formatText, reasonText, scopeText } from './manifestText';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import { joinParts, recognisedText, rowsText, tablesText, verificationSentence, verificationWord } from './words';

/** What the details of a backup show. */
export function backupDetails(t: Translate, backup: Backup, clock: Clock): BackupDetails {
  const { manifest, problem } = backup;
  const level = manifest?.verified;
  const tables = manifest === undefined ? undefined : Object.entries(manifest.rows).map(([name, rows]) => ({ name, rows }));
  return {
    heading: manifest === undefined ? path.basename(backup.file) : databaseText(t, manifest),
    subheading: joinParts(manifest === undefined ? undefined : `${manifest.project}/${manifest.service}`, ageText(t, backup.finishedAt, clock)),
    verification:
      problem === undefined
        ? { good: level === 'read' || level === 'restored', word: verificationWord(t, level), sentence: verificationSentence(t, level) }
        : { good: false, word: t('manifest unusable'), sentence: `${problem.message} ${problem.remedy}` },
    facts: factsOf(t, backup, clock),
    ...(tables === undefined ? {} : { tables }),
    language: clock.language,
    labels: labels(t),
  };
}

function factsOf(t: Translate, backup: Backup, clock: Clock): readonly BackupFact[] {
  const { manifest, recognised } = backup;
  const facts: readonly (readonly [name: string, value: string | undefined, copy?: BackupFact['copy']])[] = [
    [t('Made'), madeText(t, backup, clock)],
    [t('Size'), sizeText(t, backup)],
    [t('Holds'), holdsText(t, backup, clock)],
    [t('Why'), manifest && reasonText(t, manifest.reason)],
    [t('Worth a look'), manifest?.remarks?.join(' ')],
    [t('Postgres'), manifest?.serverVersion ?? (recognised !== undefined && 'serverVersion' in recognised ? recognised.serverVersion : undefined)],
    [t('Image'), manifest?.image],
    [
      t('Format'),
      manifest === undefined
        ? recognised && recognisedText(t, recognised)
        : joinParts(formatText(t, manifest.format), manifest.compression, scopeText(t, manifest)),
    ],
    [t('Encrypted'), manifest && encryptionText(t, manifest)],
    [t('Copies'), manifest?.offsite?.map(({ location }) => location).join(', ')],
    [t('Migration'), manifest?.migrationRevision],
    [t('Git'), manifest?.git === undefined ? undefined : joinParts(manifest.git.branch, manifest.git.commit.slice(0, 10))],
    [t('Collation'), manifest === undefined ? undefined : joinParts(manifest.properties.collate, manifest.properties.collationVersion ?? undefined)],
    ['SHA-256', manifest?.sha256, 'checksum'],
    [t('File'), backup.file, 'path'],
  ];
  return facts.flatMap(([name, value, copy]) => (value === undefined || value === '' ? [] : [{ name, value, ...(copy === undefined ? {} : { copy }) }]));
}

function madeText(t: Translate, { manifest, finishedAt }: Backup, clock: Clock): string {
  const moment = fullMomentText(finishedAt, clock);
  return manifest === undefined ? moment : t('{0}, in {1}', moment, formatDuration(finishedAt.getTime() - new Date(manifest.startedAt).getTime()));
}

function sizeText(t: Translate, { manifest, sizeBytes }: Backup): string {
  return manifest === undefined ? formatBytes(sizeBytes) : t('{0}; the database had {1}', formatBytes(sizeBytes), formatBytes(manifest.databaseSizeBytes));
}

function holdsText(t: Translate, { manifest }: Backup, clock: Clock): string | undefined {
  if (manifest === undefined) return undefined;
  const counts = Object.values(manifest.rows);
  return joinParts(
    tablesText(t, counts.length),
    rowsText(
      t,
      counts.reduce((sum, count) => sum + count, 0),
      clock.language,
    ),
  );
}

function labels(t: Translate): BackupLabels {
  return {
    actions: {
      restore: t('Restore…'),
      verify: t('Verify'),
      reveal: t('Reveal'),
      copyPath: t('Copy path'),
      copyChecksum: t('Copy checksum'),
    },
    facts: t('What is known'),
    tables: t('Tables'),
    table: t('Table'),
    rows: t('Rows'),
    filter: t('Filter tables'),
    shown: t('{0} of {1} tables', '{0}', '{1}'),
    nothingFits: t('No table fits the filter.'),
  };
}
