import { Failure } from '../../protocol/failure';
import { launchWords, plainName } from './launch';
import type { Launch, Schedule } from './schedule';

// A crontab is bytes that may be of any encoding. Here it is a text with a character for each byte (latin1), so that
// what is not ours comes out as it went in.

const ours = 'container-databases';

function firstLine(id: string): string {
  return `# BEGIN ${ours} ${id}`;
}

function lastLine(id: string): string {
  return `# END ${ours} ${id}`;
}

/**
 * The lines of a schedule. What it prints on success is nobody's business; what it says of a failure cron mails.
 * Throws `SCHEDULE_PATH` where a path cannot be written into a crontab.
 */
export function crontabBlock(schedule: Schedule, launch: Launch): string {
  const variables = Object.entries(launch.environment).map(([name, value]) => `${name}=${cronWord(value)}`);
  const command = [...variables, ...launchWords(launch, schedule.id).map(cronWord), '>/dev/null'].join(' ');
  const text = [`${firstLine(schedule.id)} ${plainName(schedule)}`, `${schedule.cron} ${command}`, lastLine(schedule.id), ''].join('\n');
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * A word as the shell has to see it, as cron hands it on. Cron ends the command at a bare `%`, and takes the backslash
 * off `\%`; what it makes of other backslashes differs from one cron to the next, so that there are none.
 */
function cronWord(word: string): string {
  if (/[\\\p{Cc}]/u.test(word)) {
    const remedy = 'Move it to another path, or use a systemd timer.';
    throw new Failure('SCHEDULE_PATH', `${JSON.stringify(word)} cannot be written into a crontab.`, remedy);
  }
  return `'${word.replaceAll("'", `'"'"'`)}'`.replaceAll('%', '\\%');
}

/**
 * A crontab with a schedule's lines in it: where they were, else at the top, where no variable that the user has set
 * for lines of their own (`SHELL`, `CRON_TZ`) changes what ours mean.
 */
export function withBlock(crontab: string, id: string, block: string): string {
  const place = blockPlace(crontab, id);
  return place === undefined ? block + crontab : crontab.slice(0, place.start) + block + crontab.slice(place.end);
}

/** A crontab without a schedule's lines; all else is left as it is. */
export function withoutBlock(crontab: string, id: string): string {
  const place = blockPlace(crontab, id);
  return place === undefined ? crontab : crontab.slice(0, place.start) + crontab.slice(place.end);
}

export function hasBlock(crontab: string, id: string): boolean {
  return blockPlace(crontab, id) !== undefined;
}

/** Where a block lies. Throws `CRONTAB_DAMAGED` when its end is missing: what would be cut off may be the user's. */
function blockPlace(crontab: string, id: string): { readonly start: number; readonly end: number } | undefined {
  const start = new RegExp(`^${firstLine(id)}(?: .*)?$`, 'm').exec(crontab)?.index;
  if (start === undefined) return undefined;
  const rest = crontab.slice(start);
  const last = new RegExp(`^${lastLine(id)}(?:\\n|$)`, 'm').exec(rest);
  if (last !== null && !rest.slice(1, last.index).includes('# BEGIN ')) return { start, end: start + last.index + last[0].length };
  const message = `The crontab has the line "${firstLine(id)}", but not the "${lastLine(id)}" that belongs to it.`;
  throw new Failure('CRONTAB_DAMAGED', message, 'Remove these lines with "crontab -e", then try again.');
}
