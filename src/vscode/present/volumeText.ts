import path from 'node:path';
import type { OwnerFix } from '../../persistence/volumes/fixOwner';
import { userNames, type VolumeContent, type VolumeView } from '../../persistence/volumes/view';
import { formatBytes } from '../../protocol/format';
import type { VolumeRestorePlan, VolumeRestoreStep } from '../../restore/volume/plan';
import type { VolumeUndo } from '../../restore/volume/volumeRestores';
import type { Question } from './restoreText';
import { ageText, momentText } from './time';
import type { Clock, Translate } from './translate';
import { contentText, joinParts, verificationWord } from './words';

/** Asks for a restore of a whole volume, from the very steps that it would take. */
export function volumeRestoreQuestion(t: Translate, plan: VolumeRestorePlan, clock: Clock): Question {
  const { source, project, service } = plan;
  const place = `${project}/${service}`;
  const steps = plan.steps.flatMap((step) => stepText(t, step, plan, clock)).map((step) => `• ${step}`);
  if (source.kind === 'undo') {
    const what = t('All its databases become again what they were before they were replaced {0}.', ageText(t, new Date(source.replacedAt), clock));
    return { message: t('Undo the restore of the volume of {0}?', place), detail: [`• ${what}`, ...steps].join('\n'), button: t('Undo restore') };
  }
  const { backup } = source;
  const lines = [
    t('Backup {0}, made {1}', t('of {0}', `${backup.manifest.project}/${backup.manifest.service}`), ageText(t, backup.finishedAt, clock)),
    joinParts(contentText(t, backup, clock.language), verificationWord(t, backup.manifest.verified)),
    path.basename(backup.file),
  ];
  return { message: t('Replace all databases of {0} by a backup?', place), detail: [...lines, '', ...steps].join('\n'), button: t('Restore') };
}

function stepText(t: Translate, step: VolumeRestoreStep, plan: VolumeRestorePlan, clock: Clock): readonly string[] {
  switch (step.kind) {
    case 'prove':
      return [t('It is unpacked into a new volume, booted there, and every row is counted.')];
    case 'safety backup':
      return [t('The volume is backed up as it is now.')];
    case 'lay beside':
      return [t('The new data are laid beside the present ones; until that has succeeded, nothing changes.')];
    case 'stop':
      return [t('Stopped for the exchange, and started again: {0}.', step.containers.join(', '))];
    case 'exchange':
      return [t('{0} keeps its name and labels; if the server does not start on the new data, the old ones are put back.', step.place)];
    case 'start':
      return [];
    case 'keep':
      return [t('The present data ({0}) are kept until {1}, for "Undo restore of volume".', formatBytes(step.sizeBytes), momentText(t, plan.expiresAt, clock))];
  }
}

/** What is known of a volume, line by line. */
export function volumeDetails(t: Translate, view: VolumeView, content: VolumeContent, undos: readonly VolumeUndo[], clock: Clock): string {
  const clusters = content.clusters.map(({ major, folder, owner, mode }) =>
    t('Postgres {0} in {1}, owner {2}, mode {3}', major, folder === '' ? t('the volume itself') : folder, owner, mode),
  );
  return [
    t('Size: {0}', formatBytes(content.sizeBytes)),
    t('Holds: {0}', clusters.join('; ') || t('no cluster')),
    t('Used by: {0}', userNames(view) || t('nobody')),
    ...(view.driver === undefined ? [] : [t('Driver: {0}', view.driver)]),
    ...undos.map(({ volume, expiresAt }) => t('Undo, until {0}: {1}', momentText(t, new Date(expiresAt), clock), volume)),
  ].join('\n');
}

/** Asks for the files of a volume to get their right owner. */
export function ownerQuestion(t: Translate, view: VolumeView, { owner, strangers, mode }: OwnerFix): Question {
  const lines = [
    t('{0} files and folders belong to somebody else; they get the owner {1}, as the server of the image has it.', strangers, owner),
    ...(mode === undefined ? [] : [t('The data directory has the mode {0}, which the server refuses; it gets 700.', mode)]),
    t('Nothing in the files changes.'),
  ];
  return { message: t('Fix the ownership of {0}?', view.name), detail: lines.map((line) => `• ${line}`).join('\n'), button: t('Fix ownership') };
}
