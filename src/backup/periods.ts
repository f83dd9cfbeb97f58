/** What backups are counted by. */
export type Period = 'day' | 'week' | 'month';

/** The first day of the day, ISO week or month that a moment lies in, in local time: `2026-11-16`. */
export function startOf(period: Period, moment: Date): string {
  // Reckoned in UTC with the local date, where every day has 24 hours.
  const year = moment.getFullYear();
  const month = moment.getMonth();
  if (period === 'month') return isoDate(Date.UTC(year, month, 1));
  const sinceMonday = period === 'week' ? (moment.getDay() + 6) % 7 : 0;
  return isoDate(Date.UTC(year, month, moment.getDate() - sinceMonday));
}

/** The moment so many calendar days ago, at the same time of day on the local clock. Before all times when that cannot be told. */
export function cutoffOf(now: Date, days: number): Date {
  const cutoff = new Date(now);
  cutoff.setDate(cutoff.getDate() - days);
  return Number.isNaN(cutoff.getTime()) ? new Date(-8.64e15) : cutoff;
}

function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
