import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { UndoDatabase } from '../../inventory/model';
import type { TableDifference } from '../../restore/part/runMerge';
import { backupOf, type RestorePlan } from '../../restore/plan';
import { ageText, momentText } from './time';
import type { Clock, Translate } from './translate';
import { contentText, joinParts, verificationWord } from './words';

/** A modal: what is asked, and exactly what would happen. */
export interface Question {
  readonly message: string;
  readonly detail: string;
  readonly button: string;
}

/** Asks for a restore, from the very steps that it would take; for chosen tables with what was found to be different. */
export function restoreQuestion(t: Translate, plan: RestorePlan, clock: Clock, differences: readonly TableDifference[] = []): Question {
  const { source, remarks } = plan;
  const steps = plan.steps.flatMap((step) => stepText(t, step, plan, clock));
  const about = source.kind === 'backup' ? [...backupLines(t, source.backup, clock), ''] : [];
  const lines = [...steps, ...differences.map((difference) => differenceText(t, difference, clock)), ...remarks];
  return {
    message: messageText(t, plan),
    detail: [...about, ...lines.map((line) => `• ${line}`)].join('\n'),
    button: source.kind === 'backup' ? t('Restore') : t('Copy'),
  };
}

function messageText(t: Translate, { database, project, service, undo, rows, source }: RestorePlan): string {
  const place = `${project}/${service}`;
  if (source.kind === 'database') {
    return undo === undefined
      ? t('Create "{0}" in {1} as a copy of "{2}"?', database, place, source.database)
      : t('Replace "{0}" in {1} by a copy of "{2}"?', database, place, source.database);
  }
  if (rows !== undefined) return t('Put rows of a backup into "{0}" in {1}?', database, place);
  return undo === undefined ? t('Create "{0}" in {1} from a backup?', database, place) : t('Replace "{0}" in {1} by a backup?', database, place);
}

/** How the rows of a table differ from those of the backup. */
function differenceText(t: Translate, { table, held, added, removed, changed }: TableDifference, { language }: Clock): string {
  const count = (rows: number): string => rows.toLocaleString(language);
  return t(
    '{0}: {1} rows in the backup; {2} are missing now, {3} are not in it, {4} are different.',
    table,
    count(held),
    count(added),
    count(removed),
    count(changed),
  );
}

/** Which backup it is. */
function backupLines(t: Translate, backup: Backup, clock: Clock): readonly string[] {
  const { manifest } = backup;
  const origin = manifest === undefined ? t('of unknown origin') : t('of {0}', `${manifest.project}/${manifest.service}/${manifest.database}`);
  return [
    t('Backup {0}, made {1}', origin, ageText(t, backup.finishedAt, clock)),
    joinParts(contentText(t, backup, clock.language), verificationWord(t, manifest?.verified)),
    path.basename(backup.file),
  ];
}

function stepText(t: Translate, step: RestorePlan['steps'][number], plan: RestorePlan, clock: Clock): readonly string[] {
  switch (step.kind) {
    case 'check file':
      return backupOf(plan)?.manifest === undefined ? [t('The file is read whole first.')] : [t('The file is checked against its checksum.')];
    case 'dump':
      return [t('{0} is dumped into a temporary file, which is read whole.', step.from)];
    case 'safety backup':
      return [t('"{0}" is backed up as it is now.', step.database)];
    case 'load':
      return [
        plan.source.kind === 'backup'
          ? t('The backup is loaded beside it; until that has succeeded, nothing changes.')
          : t('The copy is loaded beside it; until that has succeeded, nothing changes.'),
      ];
    case 'compare rows':
      return [t('The rows of {0} tables are compared with the backup.', Object.keys(step.rows).length)];
    case 'stop':
      return [t('Stopped for the exchange, and started again: {0}.', step.services.join(', '))];
    case 'swap':
      return step.undo === undefined
        ? []
        : [t('The present "{0}" is kept until {1}, for "Undo restore".', step.database, momentText(t, plan.expiresAt, clock))];
    case 'start':
      return [];
    case 'merge':
      return [mergeText(t, step), t('It is one transaction: all of it happens, or nothing.')];
  }
}

function mergeText(t: Translate, { tables, onConflict }: Extract<RestorePlan['steps'][number], { readonly kind: 'merge' }>): string {
  const names = tables.join(', ');
  switch (onConflict) {
    case 'replace':
      return t('The rows of {0} become those of the backup.', names);
    case 'append':
      return t('The rows of the backup are added to {0}; a key that is taken refuses all of it.', names);
    case 'skip':
      return t('The rows of the backup are added to {0}, but for those whose key is taken.', names);
  }
}

/** Asks for an undo. */
export function undoQuestion(t: Translate, undo: UndoDatabase, dependents: readonly string[], clock: Clock): Question {
  const lines = [
    t('"{0}" becomes again what it was before it was replaced {1}.', undo.of, ageText(t, new Date(undo.replacedAt), clock)),
    t('What it is now is kept for a day, so that this can be undone too.'),
    ...(dependents.length === 0 ? [] : [t('Stopped for the exchange, and started again, if they run: {0}.', dependents.join(', '))]),
  ];
  return { message: t('Undo the restore of "{0}"?', undo.of), detail: lines.map((line) => `• ${line}`).join('\n'), button: t('Undo restore') };
}

/** Asks for a deletion: what is lost, and what other copies there are. */
export function deleteQuestion(t: Translate, backup: Backup, all: readonly Backup[], clock: Clock): Question {
  const { manifest } = backup;
  const name = manifest?.database ?? path.basename(backup.file);
  const others = all.filter(
    (other) => other.file !== backup.file && other.manifest?.service === manifest?.service && other.manifest?.database === manifest?.database,
  );
  const [newest] = others;
  const copies =
    newest === undefined
      ? t('It is the only backup of "{0}".', name)
      : others.length === 1
        ? t('There is 1 other backup of "{0}", made {1}.', name, ageText(t, newest.finishedAt, clock))
        : t('There are {0} other backups of "{1}", the newest made {2}.', others.length, name, ageText(t, newest.finishedAt, clock));
  const lines = [...backupLines(t, backup, clock), '', copies, t('A deleted backup cannot be brought back.')];
  return { message: t('Delete the backup of "{0}"?', name), detail: lines.join('\n'), button: t('Delete backup') };
}
