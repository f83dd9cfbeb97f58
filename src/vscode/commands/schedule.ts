import { ThemeIcon, window } from 'vscode';
import type { Installation, Schedule } from '../../backup/schedule/schedule';
import { Failure, messageOf } from '../../protocol/failure';
import { askFirst } from '../askFirst';
import { pickOne } from '../picks';
import { installationText } from '../present/scheduleNodes';
import { translate as t } from '../translate';
import type { Command, CommandContext } from './command';
import type { Subject } from '../present/subject';
import { targetDatabase } from './targets';

/** Times that many want; any other can be typed. */
const presets = ['every day at 03:00', 'every 6 hours', 'every hour', 'weekdays at 22:00', 'every Monday at 04:30', 'every month on the 1st at 02:00'];

export const scheduleBackups: Command = {
  id: 'containerDatabases.scheduleBackups',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || (subject.kind === 'service' && subject.service.databases.length > 0),
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Schedule backups of which database?'));
    const wishes = target === undefined ? undefined : await askWishes(context, t('Back up "{0}"', target.database.name));
    if (target === undefined || wishes === undefined) return undefined;
    const { schedules } = await context.app();
    // A scheduler of the host knows no settings, but may be told recipients: those are no secret.
    const recipients = context.encryption.mode === 'recipients' ? [...context.encryption.recipients] : undefined;
    const told = recipients !== undefined && wishes.installed !== 'editor';
    if (told) await context.encryption.forRecipients(recipients);
    const schedule = await schedules.add(target, { ...wishes, ...(told ? { options: { recipients } } : {}) });
    await tell(context, schedule);
    return schedule;
  },
};

export const changeSchedule: Command = {
  id: 'containerDatabases.changeSchedule',
  enabled: (subject) => subject === undefined || subject.kind === 'schedule',
  async run(context, subject) {
    const schedule = await targetSchedule(context, subject, t('Change which schedule?'));
    const wishes = schedule === undefined ? undefined : await askWishes(context, t('Back up "{0}"', schedule.database));
    if (schedule === undefined || wishes === undefined) return undefined;
    const { schedules } = await context.app();
    const changed = await schedules.change(schedule.id, wishes);
    await tell(context, changed);
    return changed;
  },
};

export const removeSchedule: Command = {
  id: 'containerDatabases.removeSchedule',
  enabled: (subject) => subject === undefined || subject.kind === 'schedule',
  async run(context, subject) {
    const schedule = await targetSchedule(context, subject, t('Remove which schedule?'));
    if (schedule === undefined) return undefined;
    const message = t('Stop backing "{0}" up on a schedule?', schedule.database);
    if (!(await askFirst({ message, detail: t('The backups that were made stay where they are.'), button: t('Remove schedule') }))) return undefined;
    const { schedules } = await context.app();
    await schedules.remove(schedule.id);
    await context.schedules.refresh();
    return schedule.id;
  },
};

async function askWishes(context: CommandContext, title: string): Promise<{ readonly cron: string; readonly installed: Installation } | undefined> {
  const cron = await askWhen(title);
  if (cron === undefined) return undefined;
  const { schedules } = await context.app();
  const places: readonly Installation[] = ['editor', ...(await schedules.available())];
  const hasPassphrase = context.encryption.mode === 'passphrase';
  const detail = (place: Installation): string => (hasPassphrase && place !== 'editor' ? `${explanation(place)} ${t('Not encrypted.')}` : explanation(place));
  const choices = places.map((value) => ({ label: installationText(t, value), detail: detail(value), value }));
  const installed = await pickOne(choices, t('{0}: run by whom?', title));
  return installed === undefined ? undefined : { cron, installed };
}

async function askWhen(title: string): Promise<string | undefined> {
  const { parseWhen } = await import('../../backup/schedule/when');
  const other = { label: t('Another time…'), iconPath: new ThemeIcon('edit'), value: '' };
  const chosen = await pickOne([...presets.map((value) => ({ label: value, value })), other], t('{0}: when?', title));
  if (chosen !== '') return chosen === undefined ? undefined : parseWhen(chosen);
  const problemOf = (text: string): string | undefined => {
    try {
      parseWhen(text);
      return undefined;
    } catch (error) {
      return error instanceof Failure ? `${error.message} ${error.remedy}` : messageOf(error);
    }
  };
  const typed = await window.showInputBox({ title: t('{0}: when?', title), value: 'every day at 03:00', validateInput: problemOf });
  return typed === undefined ? undefined : parseWhen(typed);
}

function explanation(installed: Installation): string {
  const texts: Readonly<Record<Installation, string>> = {
    editor: t('What was missed while it was closed, or the computer slept, is made up for once.'),
    crontab: t('Also while VS Code is closed. What falls into sleep is missed.'),
    systemd: t('Also while VS Code is closed, as long as you are logged in. What was missed is made up for.'),
  };
  return texts[installed];
}

/** The schedule that a command is about: the row's, or the one that the user picks. Throws `SCHEDULE_MISSING`. */
async function targetSchedule(context: CommandContext, subject: Subject | undefined, title: string): Promise<Schedule | undefined> {
  const { schedules } = await context.app();
  if (subject?.kind === 'schedule') return schedules.find(subject.schedule.id);
  const { states } = await schedules.list();
  if (states.length === 0) throw new Failure('SCHEDULE_MISSING', t('There is no schedule yet.'), t('Make one with "Schedule backups…".'));
  const choices = states.map(({ schedule, when }) => ({
    label: `${schedule.project}/${schedule.service}/${schedule.database}`,
    description: when,
    detail: installationText(t, schedule.installed),
    value: schedule,
  }));
  return pickOne(choices, title);
}

async function tell(context: CommandContext, schedule: Schedule): Promise<void> {
  await context.schedules.refresh();
  const when = context.schedules.all.find((state) => state.schedule.id === schedule.id)?.when ?? schedule.cron;
  const message = t('"{0}" is backed up {1}, {2}.', schedule.database, when, installationText(t, schedule.installed));
  context.log.info(message);
  void window.showInformationMessage(message);
}
