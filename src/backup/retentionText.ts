import type { Period } from './periods';
import type { RetentionDecision, RetentionReason } from './retention';

/** A decision as a sentence: `kept: the newest of the week of 16 November`, `goes: older than 30 days`. */
export function retentionSentence(decision: RetentionDecision, now: Date): string {
  return `${decision.keep ? 'kept' : 'goes'}: ${retentionReason(decision, now)}`;
}

/** Why a backup stays or goes, without saying which. */
export function retentionReason({ reasons }: RetentionDecision, now: Date): string {
  return reasons.map((reason) => reasonText(reason, now)).join(', ');
}

function reasonText(reason: RetentionReason, now: Date): string {
  switch (reason.kind) {
    case 'no rule':
      return 'there is no rule by which it could go';
    case 'foreign':
      return 'nothing is known of it, since it has no manifest';
    case 'unreadable manifest':
      return 'its manifest cannot be read';
    case 'not verified':
      return 'it is not verified, and does not count';
    case 'from the future':
      return 'its time is still to come, so a clock was wrong, and it does not count';
    case 'size differs':
      return 'its size is not what was written, and it does not count';
    case 'last good':
      return 'the last good one';
    case 'safety':
      return 'a safety backup';
    case 'among the last':
      return reason.count === 1 ? 'the newest' : `among the newest ${reason.count}`;
    case 'newest of':
      return `the newest of ${periodText(reason.period, reason.start, now)}`;
    case 'young enough':
      return `not older than ${daysText(reason.days)}`;
    case 'too old':
      return `older than ${daysText(reason.days)}`;
    case 'not needed':
      return 'no rule keeps it';
    case 'last good damaged':
      return `the last good one, ${reason.file}, is missing or not what was written`;
    case 'changed':
      return 'it was changed or removed meanwhile';
    case 'not chosen':
      return 'it was not among those that were shown';
    case 'restore running':
      return 'a restore is running';
    case 'not removed':
      return `it could not be removed: ${reason.message}`;
    case 'partly removed':
      return `what lies beside it could not be removed: ${reason.message}`;
  }
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

/** `18 November`, `the week of 16 November`, `November`; with the year where it is not the present one. */
function periodText(period: Period, start: string, now: Date): string {
  const first = new Date(`${start}T00:00:00Z`);
  const text = first.toLocaleDateString('en-GB', {
    timeZone: 'UTC',
    month: 'long',
    ...(period === 'month' ? {} : { day: 'numeric' }),
    ...(first.getUTCFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
  return period === 'week' ? `the week of ${text}` : text;
}
