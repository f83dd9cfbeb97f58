import { Failure } from '../../protocol/failure';
import { cronFields } from './cron';
import { launchWords, plainName } from './launch';
import type { Launch, Schedule } from './schedule';

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The two units of a schedule. */
export interface Units {
  readonly service: string;
  readonly timer: string;
}

/** The name of a schedule's units, without `.service` or `.timer`. */
export function unitName(id: string): string {
  return `container-databases-${id}`;
}

/** What a schedule's units hold. Throws `SCHEDULE_PATH` where a path cannot be written into them. */
export function systemdUnits(schedule: Schedule, launch: Launch): Units {
  const description = `Description=Back up ${plainName(schedule)} (Container Databases)`;
  const variables = Object.entries(launch.environment).map(([name, value]) => `Environment=${unitWord(`${name}=${value}`)}`);
  // The first word of a command is read by other rules than the rest; `env` leaves ours to the rest.
  const command = launchWords(launch, schedule.id).map((word) => unitWord(word).replaceAll('$', '$$$$'));
  const service = ['[Unit]', description, '', '[Service]', 'Type=oneshot', ...variables, `ExecStart=/usr/bin/env -- ${command.join(' ')}`, ''];
  const moments = calendarOf(schedule.cron).map((moment) => `OnCalendar=${moment}`);
  const timer = ['[Unit]', description, '', '[Timer]', ...moments, 'Persistent=true', '', '[Install]', 'WantedBy=timers.target', ''];
  return { service: service.join('\n'), timer: timer.join('\n') };
}

/** A word in a unit: quoted in the manner of C, with the `%` of specifiers doubled. */
function unitWord(word: string): string {
  if (/\p{Cc}/u.test(word)) throw new Failure('SCHEDULE_PATH', `${JSON.stringify(word)} cannot be written into a unit of systemd.`, 'Move it to another path.');
  return `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

/** Moments of systemd for fields of cron. It wants both the date and the day of the week, cron either: hence two. */
export function calendarOf(cron: string): readonly string[] {
  const { minutes, hours, days, months, weekdays } = cronFields(cron);
  const list = (values: readonly number[] | undefined): string =>
    values === undefined ? '*' : values.map((value) => String(value).padStart(2, '0')).join(',');
  const time = `${list(hours)}:${list(minutes)}:00`;
  const onDays = `*-${list(months)}-${list(days)} ${time}`;
  if (weekdays === undefined) return [onDays];
  const onWeekdays = `${weekdays.map((day) => dayNames[day]).join(',')} *-${list(months)}-* ${time}`;
  return days === undefined ? [onWeekdays] : [onDays, onWeekdays];
}
