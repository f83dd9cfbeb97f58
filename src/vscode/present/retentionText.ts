import path from 'node:path';
import type { Period } from '../../backup/periods';
import { pruneResult, type PruneResult } from '../../backup/prune';
import type { RetentionDecision, RetentionReason } from '../../backup/retention';
import { formatBytes } from '../../protocol/format';
import type { Question } from './restoreText';
import { ageText } from './time';
import type { Clock, Translate } from './translate';
import { joinParts } from './words';

/** How many names a modal can show and still be read. */
const mostNames = 12;

/** Why a backup stays or goes. */
export function whyText(t: Translate, { reasons }: RetentionDecision, clock: Clock): string {
  return reasons.map((reason) => reasonText(t, reason, clock)).join(', ');
}

/** What was removed, in a sentence for the end of a notification; undefined when nothing was. */
export function removedText(t: Translate, { removed }: Pick<PruneResult, 'removed'>): string | undefined {
  if (removed.length === 0) return undefined;
  return removed.length === 1 ? t('1 older backup removed.') : t('{0} older backups removed.', removed.length);
}

/** Asks for the removal of all that goes: what is lost, and why. */
export function pruneQuestion(t: Translate, project: string, decisions: readonly RetentionDecision[], clock: Clock): Question {
  const { removed, kept, freedBytes } = pruneResult(decisions);
  const line = (decision: RetentionDecision): string => {
    const { manifest, file, finishedAt } = decision.backup;
    return `• ${joinParts(path.basename(file), manifest?.database, ageText(t, finishedAt, clock), whyText(t, decision, clock))}`;
  };
  const more = removed.length - mostNames;
  return {
    message: removed.length === 1 ? t('Remove 1 backup of {0}?', project) : t('Remove {0} backups of {1}?', removed.length, project),
    detail: [
      ...removed.slice(0, mostNames).map(line),
      ...(more > 0 ? [t('… and {0} more', more)] : []),
      '',
      t('{0} become free; {1} backups stay.', formatBytes(freedBytes), kept.length),
      t('A deleted backup cannot be brought back.'),
    ].join('\n'),
    button: removed.length === 1 ? t('Remove backup') : t('Remove backups'),
  };
}

function reasonText(t: Translate, reason: RetentionReason, clock: Clock): string {
  switch (reason.kind) {
    case 'no rule':
      return t('there is no rule by which it could go');
    case 'foreign':
      return t('nothing is known of it, since it has no manifest');
    case 'unreadable manifest':
      return t('its manifest cannot be read');
    case 'not verified':
      return t('it is not verified, and does not count');
    case 'from the future':
      return t('its time is still to come, so a clock was wrong, and it does not count');
    case 'size differs':
      return t('its size is not what was written, and it does not count');
    case 'last good':
      return t('the last good one');
    case 'safety':
      return t('a safety backup');
    case 'among the last':
      return reason.count === 1 ? t('the newest') : t('among the newest {0}', reason.count);
    case 'newest of':
      return newestText(t, reason.period, new Date(`${reason.start}T00:00:00Z`), clock);
    case 'young enough':
      return reason.days === 1 ? t('not older than 1 day') : t('not older than {0} days', reason.days);
    case 'too old':
      return reason.days === 1 ? t('older than 1 day') : t('older than {0} days', reason.days);
    case 'not needed':
      return t('no rule keeps it');
    case 'last good damaged':
      return t('the last good one, {0}, is missing or not what was written', path.basename(reason.file));
    case 'changed':
      return t('it was changed or removed meanwhile');
    case 'not chosen':
      return t('it was not among those that were shown');
    case 'restore running':
      return t('a restore is running');
    case 'not removed':
      return t('it could not be removed: {0}', reason.message);
    case 'partly removed':
      return t('what lies beside it could not be removed: {0}', reason.message);
  }
}

function newestText(t: Translate, period: Period, first: Date, { now, language }: Clock): string {
  const text = first.toLocaleDateString(language, {
    timeZone: 'UTC',
    month: 'long',
    ...(period === 'month' ? {} : { day: 'numeric' }),
    ...(first.getUTCFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
  return period === 'week' ? t('the newest of the week of {0}', text) : t('the newest of {0}', text);
}
