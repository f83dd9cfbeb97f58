import type { Clock, Translate } from './translate';

const minute = 60_000;
const hour = 60 * minute;

/** How long ago something was, as long as that is easier to grasp than a date: `just now`, `5 min ago`, `yesterday, 03:00`, `5 Nov, 03:00`. */
export function ageText(t: Translate, then: Date, clock: Clock): string {
  const passed = clock.now.getTime() - then.getTime();
  if (passed < minute) return t('just now');
  if (passed < hour) return t('{0} min ago', Math.floor(passed / minute));
  if (passed < 12 * hour) return t('{0} h ago', Math.floor(passed / hour));
  return momentText(t, then, clock);
}

/** A moment with the day only where it is not today's: `14:03`, `tomorrow, 14:03`, `5 Nov, 14:03`, `5 Nov 2024, 14:03`. */
export function momentText(t: Translate, moment: Date, { now, language }: Clock): string {
  const time = moment.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
  switch (daysBetween(now, moment)) {
    case 0:
      return t('today, {0}', time);
    case 1:
      return t('tomorrow, {0}', time);
    case -1:
      return t('yesterday, {0}', time);
    default: {
      const year = moment.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
      return t('{0}, {1}', moment.toLocaleDateString(language, { day: 'numeric', month: 'short', ...year }), time);
    }
  }
}

/** A moment in full, for tooltips. */
export function fullMomentText(moment: Date, { language }: Clock): string {
  return moment.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Whole days of the calendar from one moment to the other. */
function daysBetween(from: Date, to: Date): number {
  const day = (moment: Date): number => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((day(to) - day(from)) / (24 * hour));
}
