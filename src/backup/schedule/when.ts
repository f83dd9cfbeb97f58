import { cronFields, invalidSchedule, normalCron } from './cron';

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** What cron itself calls these, with and without `@`. */
const nicknames: Readonly<Record<string, string>> = {
  hourly: '0 * * * *',
  daily: '0 0 * * *',
  weekly: '0 0 * * 0',
  monthly: '0 0 1 * *',
  yearly: '0 0 1 1 *',
};

/** When to run, from words or from five fields of cron, as cron in the normal spelling. Throws `SCHEDULE_INVALID`. */
export function parseWhen(text: string): string {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (words === '') throw invalidSchedule('It is not said when to run.');
  const nickname = nicknames[words.replace(/^@/, '')];
  if (nickname !== undefined) return nickname;
  const cron = intervalOf(words) ?? daysAndTimes(words);
  if (cron !== undefined) return normalCron(cron);
  if (/^[\d*]/.test(words)) return normalCron(text);
  throw invalidSchedule(`"${text.trim()}" names no time that is understood.`);
}

function intervalOf(words: string): string | undefined {
  const [, count = '1', unit] = /^every (?:(\d{1,2}) )?(minute|hour)s?$/.exec(words) ?? [];
  const [, minute] = /^(?:every hour|hourly) at (?::|minute )(\d{1,2})$/.exec(words) ?? [];
  if (minute !== undefined) return `${Number(minute)} * * * *`;
  if (unit === undefined) return undefined;
  const every = Number(count);
  const whole = unit === 'hour' ? 24 : 60;
  if (every < 1 || whole % every !== 0) throw invalidSchedule(`Every ${count} ${unit}s does not go into ${unit === 'hour' ? 'a day' : 'an hour'} evenly.`);
  const field = every === 1 ? '*' : every === whole ? '0' : `*/${every}`;
  return unit === 'hour' ? `0 ${field} * * *` : `${field} * * * *`;
}

function daysAndTimes(words: string): string | undefined {
  const [, daysText = '', timesText = '00:00'] = /^(.+?)(?: at (.+))?$/.exec(words) ?? [];
  const days = daysOf(daysText);
  if (days === undefined) return undefined;
  const times = timesText.split(/, ?(?:and )?| and /).map((text) => timeOf(text));
  const [first] = times;
  if (first === undefined || times.some((time) => time === undefined)) throw invalidSchedule(`"${timesText}" is no time of the day.`);
  if (times.some((time) => time?.minute !== first.minute)) throw invalidSchedule('Times of one schedule have to share their minute, as 03:00 and 15:00 do.');
  return `${first.minute} ${times.map((time) => time?.hour).join(',')} ${days}`;
}

/** The last three fields. */
function daysOf(text: string): string | undefined {
  if (/^(?:every day|each day|daily|nightly|every night)$/.test(text)) return '* * *';
  if (/^(?:every |on )?(?:weekdays?|workdays?|working days?)$/.test(text)) return '* * 1-5';
  if (/^(?:every |on )?weekends?$/.test(text)) return '* * 0,6';
  const [, date] = /^(?:every month|monthly)(?: on the (\d{1,2})(?:st|nd|rd|th)?)?$/.exec(text) ?? [];
  if (/^(?:every month|monthly)/.test(text)) return date === undefined && text.includes(' on ') ? undefined : `${date ?? '1'} * *`;
  const names = text.replace(/^(?:every week on |weekly on |every |on )/, '').split(/, ?(?:and )?| and /);
  const numbers = names.map((name) => dayNames.findIndex((day) => isDay(name, day.toLowerCase())));
  return numbers.includes(-1) ? undefined : `* * ${numbers.join(',')}`;
}

function isDay(text: string, day: string): boolean {
  return text === day || text === `${day}s` || text === day.slice(0, 3);
}

function timeOf(text: string): { readonly hour: number; readonly minute: number } | undefined {
  if (text === 'midnight') return { hour: 0, minute: 0 };
  if (text === 'noon') return { hour: 12, minute: 0 };
  const [, hourText, minuteText = '0', half] = /^(\d{1,2})(?::(\d{2}))? ?([ap]m)?$/.exec(text) ?? [];
  if (hourText === undefined) return undefined;
  const hour = half === undefined ? Number(hourText) : (Number(hourText) % 12) + (half === 'pm' ? 12 : 0);
  const isReal = hour < 24 && Number(minuteText) < 60 && (half === undefined || (Number(hourText) >= 1 && Number(hourText) <= 12));
  return isReal ? { hour, minute: Number(minuteText) } : undefined;
}

/** A schedule in the words that `parseWhen` understands; where there are none, the fields of cron as they are. */
export function describeCron(cron: string): string {
  const { minutes, hours, days, months, weekdays } = cronFields(cron);
  const [minuteText = '', hourText = ''] = cron.split(' ');
  const anyDay = days === undefined && months === undefined && weekdays === undefined;
  if (anyDay && hours === undefined) return describeHourly(minuteText, minutes) ?? cron;
  if (anyDay && minuteText === '0' && hourText.startsWith('*/')) return evenly(hourText, 24, 'hours') ?? cron;
  const [minute, ...otherMinutes] = minutes ?? [];
  if (minute === undefined || otherMinutes.length > 0 || hours === undefined || hourText.startsWith('*') || hours.length > 4 || months !== undefined)
    return cron;
  const when = describeDays(days, weekdays);
  return when === undefined ? cron : `${when} at ${listed(hours.map((hour) => `${twoDigits(hour)}:${twoDigits(minute)}`))}`;
}

function describeHourly(text: string, minutes: readonly number[] | undefined): string | undefined {
  if (minutes === undefined) return 'every minute';
  if (text.startsWith('*/')) return evenly(text, 60, 'minutes');
  const [minute, ...others] = minutes;
  if (others.length > 0) return undefined;
  return minute === 0 ? 'every hour' : `every hour at :${twoDigits(minute ?? 0)}`;
}

/** Only steps that fit evenly are that far apart all the time. */
function evenly(step: string, whole: number, unit: string): string | undefined {
  const every = Number(step.slice(2));
  return every < whole && whole % every === 0 ? `every ${every} ${unit}` : undefined;
}

function describeDays(days: readonly number[] | undefined, weekdays: readonly number[] | undefined): string | undefined {
  if (days === undefined && weekdays === undefined) return 'every day';
  if (weekdays === undefined) return days?.length === 1 ? `every month on the ${ordinal(days[0] ?? 1)}` : undefined;
  if (days !== undefined) return undefined;
  if (weekdays.join() === '1,2,3,4,5') return 'weekdays';
  if (weekdays.join() === '0,6') return 'weekends';
  return `every ${listed(weekdays.map((day) => dayNames[day] ?? ''))}`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

function ordinal(day: number): string {
  const ending = day > 10 && day < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${ending}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
