import { Cron } from 'croner';
import { Failure } from '../../protocol/failure';

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** Names for the values, from the first on. */
  readonly words?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minute: Field = { name: 'minute', first: 0, last: 59 };
const hour: Field = { name: 'hour', first: 0, last: 23 };
const day: Field = { name: 'day of the month', first: 1, last: 31 };
const month: Field = { name: 'month', first: 1, last: 12, words: months };
/** Sunday is 0, and 7 too. */
const weekday: Field = { name: 'day of the week', first: 0, last: 7, words: weekdays };

/** The five fields: the values of each, none where it is `*`. */
export interface CronFields {
  readonly minutes?: readonly number[];
  readonly hours?: readonly number[];
  readonly days?: readonly number[];
  readonly months?: readonly number[];
  readonly weekdays?: readonly number[];
}

/** The failure of a text that names no time to run at. */
export function invalidSchedule(message: string): Failure {
  return new Failure(
    'SCHEDULE_INVALID',
    message,
    'Write for instance "every day at 03:00", "every 6 hours", "weekdays at 22:00", "every Monday at 4:30", ' +
      '"every month on the 1st at 02:00", or five fields of cron such as "0 3 * * 1-5".',
  );
}

/**
 * Five fields of cron in one spelling, with numbers for names. Only what every scheduler understands in the same way is
 * taken: no seconds, no `L`, `W`, `#` or `?`. Throws `SCHEDULE_INVALID`.
 */
export function normalCron(text: string): string {
  const words = text.trim().split(/\s+/);
  if (words.length !== 5) throw invalidSchedule(`"${text}" has ${words.length} fields, and cron takes five: minute, hour, day, month, day of the week.`);
  const [minutes, hours, days, monthsOf, weekdaysOf] = [minute, hour, day, month, weekday].map((field, index) => normalField(words[index] ?? '', field));
  const cron = [minutes, hours, ...normalDays(days ?? '*', weekdaysOf ?? '*', monthsOf ?? '*')].join(' ');
  if (nextRun(cron, new Date()) === undefined) throw invalidSchedule(`"${text}" never comes.`);
  return cron;
}

/** With both day fields given, cron runs on days that fit either; but for steps, on which its makers do not agree. */
function normalDays(days: string, weekdaysOf: string, monthsOf: string): readonly string[] {
  if (days === '*' || weekdaysOf === '*') {
    return [days === allOf(day) ? '*' : days, monthsOf, weekdaysOf === '0-6' ? '*' : weekdaysOf];
  }
  if (days.startsWith('*') || weekdaysOf.startsWith('*')) {
    throw invalidSchedule('A step such as */2 in one of the fields for days, beside the other one, means different things to different schedulers.');
  }
  return days === allOf(day) || weekdaysOf === '0-6' ? ['*', monthsOf, '*'] : [days, monthsOf, weekdaysOf];
}

function normalField(text: string, field: Field): string {
  if (text === '*' || text === '*/1') return '*';
  const values = valuesOf(text, field);
  if (text.startsWith('*/')) return `*/${Number(text.slice(2))}`;
  const written = ranges(values);
  return written === allOf(field) && field !== day && field !== weekday ? '*' : written;
}

function allOf({ first, last }: Field): string {
  return `${first}-${last}`;
}

/** Sorted values as cron writes them shortest: `0,6,12`, `1-5`. */
function ranges(values: readonly number[]): string {
  const groups: number[][] = [];
  for (const value of values) {
    const group = groups.at(-1);
    if (group !== undefined && group.at(-1) === value - 1) group.push(value);
    else groups.push([value]);
  }
  return groups.map((group) => (group.length > 2 ? `${group[0]}-${group.at(-1)}` : group.join(','))).join(',');
}

function valuesOf(text: string, field: Field): readonly number[] {
  const values = text.split(',').flatMap((part) => partValues(part, field, text));
  const own = field === weekday ? values.map((value) => value % 7) : values;
  return [...new Set(own)].toSorted((a, b) => a - b);
}

function partValues(part: string, field: Field, whole: string): readonly number[] {
  const wrong = (): Failure => invalidSchedule(`"${whole}" is no ${field.name}: ${field.first} to ${field.last} are.`);
  const [, range = '', step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const last = field === weekday && range === '*' ? 6 : field.last;
  const [from = '', to = from, ...more] = range === '*' ? [String(field.first), String(last)] : range.split('-');
  const [start, end, every] = [valueOf(from, field), valueOf(to, field), step === undefined ? 1 : Number(step)];
  if (start === undefined || end === undefined || more.length > 0 || start > end || every < 1) throw wrong();
  if (step !== undefined && from === to) throw wrong(); // "5/10" is understood by some only
  return Array.from({ length: Math.floor((end - start) / every) + 1 }, (_, index) => start + index * every);
}

function valueOf(text: string, { first, last, words = [] }: Field): number | undefined {
  const named = words.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + first : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= first && value <= last ? value : undefined;
}

/** The values of each field of a cron text in the normal spelling. */
export function cronFields(cron: string): CronFields {
  const [minutes = '*', hours = '*', days = '*', monthsOf = '*', weekdaysOf = '*'] = cron.split(' ');
  const given = (text: string, field: Field): readonly number[] | undefined => (text === '*' ? undefined : valuesOf(text, field));
  const parts = {
    minutes: given(minutes, minute),
    hours: given(hours, hour),
    days: given(days, day),
    months: given(monthsOf, month),
    weekdays: given(weekdaysOf, weekday),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, values]) => values !== undefined)) as CronFields;
}

/**
 * The first moment after another at which a schedule is to run, in local time; undefined when none ever comes. Where
 * the clocks are put forward, what lies in the gap comes right after it; where they are put back, a time of the day
 * comes once.
 */
export function nextRun(cron: string, after: Date): Date | undefined {
  return new Cron(cron, { mode: '5-part', paused: true }).nextRun(after) ?? undefined;
}
