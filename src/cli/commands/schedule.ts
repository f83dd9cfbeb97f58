import { homedir } from 'node:os';
import { recipientsKey } from '../../backup/encryption/keys';
import { parseLocation } from '../../backup/offsite/location';
import { isEmptyPolicy } from '../../backup/retention';
import { recordedFailure, type RunRecord } from '../../backup/schedule/records';
import { installations, scheduleFormats, scheduleTarget, type Installation, type Schedule } from '../../backup/schedule/schedule';
import type { ScheduleState } from '../../backup/schedule/schedules';
import { describeCron, parseWhen } from '../../backup/schedule/when';
import { findDatabase } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { formatAge, formatBytes, formatDuration } from '../../protocol/format';
import { folderOption, listOption, textOption, type CliCommand, type CliCommandGroup } from '../command';
import { columns } from '../terminal';
import { policyOf, policyOptions } from './prune';

type Options = Readonly<Record<string, unknown>>;

const when = ['--when <time>', 'such as "every day at 03:00", "every 6 hours", "weekdays at 22:00", or five fields of cron'] as const;
const install = ['--install <scheduler>', 'who runs it: crontab, systemd, or the open editor (the default)'] as const;
const id = ['<id>', 'the id of a schedule, as "schedule list" shows it'] as const;

const add: CliCommand = {
  name: 'add',
  summary: 'back a database up time and again',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [
    when,
    install,
    ['--format <format>', 'the format of the backups'],
    ['--encrypt-recipient <age1…>', 'encrypt for whoever holds the secret key of this public one; may be given several times', 'repeated'],
    ['--to <location>', 'copy them to another place as well: a folder, sftp://…, or s3://…'],
    ...policyOptions,
  ],
  run: async ({ app, argument, options }) => {
    const cron = cronOption(options);
    if (cron === undefined) throw new Failure('USAGE', 'It is not said when to back up.', 'Add --when, such as --when "every day at 03:00".');
    const wishes = { cron, installed: installationOption(options) ?? 'editor', options: await backupOptions(options) };
    const schedule = await app.schedules.add(findDatabase(app.inventory.current, argument), wishes);
    return { value: scheduleListing(await app.schedules.stateOf(schedule)), lines: [schedule.id, ...sentences(schedule)] };
  },
};

const list: CliCommand = {
  name: 'list',
  summary: 'list the schedules, and what their last runs came to',
  options: [],
  run: async ({ app, terminal }) => {
    const { states, problems } = await app.schedules.list();
    for (const { message, remedy } of problems) terminal.note(`${message} ${remedy}`);
    return {
      value: { schedules: states.map(scheduleListing), problems: problems.map(recordedFailure) },
      lines: linesOf(states, new Date()),
    };
  },
};

const change: CliCommand = {
  name: 'change',
  summary: 'give a schedule another time or another scheduler',
  argument: id,
  options: [when, install],
  run: async ({ app, argument, options }) => {
    const [cron, installed] = [cronOption(options), installationOption(options)];
    if (cron === undefined && installed === undefined) throw new Failure('USAGE', 'It is not said what to change.', 'Add --when or --install.');
    const wishes = { ...(cron === undefined ? {} : { cron }), ...(installed === undefined ? {} : { installed }) };
    const schedule = await app.schedules.change(argument, wishes);
    return { value: scheduleListing(await app.schedules.stateOf(schedule)), lines: sentences(schedule) };
  },
};

const remove: CliCommand = {
  name: 'remove',
  summary: 'remove a schedule, also from the crontab or systemd; its backups stay',
  argument: id,
  options: [],
  run: async ({ app, argument }) => {
    const schedule = await app.schedules.remove(argument);
    return { value: { removed: schedule.id }, lines: [`${scheduleTarget(schedule)} is no longer backed up ${describeCron(schedule.cron)}. Its backups stay.`] };
  },
};

const run: CliCommand = {
  name: 'run',
  summary: 'run a schedule now, as the crontab or systemd does',
  argument: id,
  options: [],
  run: async ({ app, terminal, signal, argument }) => {
    const start = performance.now();
    const { file, sizeBytes, manifest } = await app.schedules.run(argument, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { schedule: argument, file, sizeBytes, sha256: manifest?.sha256, verified: manifest?.verified, seconds: Math.round(milliseconds) / 1000 },
      lines: [file, `${formatBytes(sizeBytes)}, read whole, in ${formatDuration(milliseconds)}`],
    };
  },
};

const runs: CliCommand = {
  name: 'runs',
  summary: 'list the runs of a schedule, newest first',
  argument: id,
  options: [],
  run: async ({ app, argument }) => {
    const records = (await app.schedules.runs((await app.schedules.find(argument)).id)).toReversed();
    const rows = records.map((record) => [record.startedAt, record.result, formatDuration(record.milliseconds), sizeText(record), outcomeText(record)]);
    const lines = rows.length === 0 ? ['It has not run yet.'] : columns([['STARTED', 'RESULT', 'TOOK', 'SIZE', 'FILE OR REASON'], ...rows]);
    return { value: { runs: records }, lines };
  },
};

/** Schedules of backups. */
export const scheduleCommands: CliCommandGroup = {
  name: 'schedule',
  summary: 'back databases up time and again',
  commands: [add, list, change, remove, run, runs],
};

function cronOption(options: Options): string | undefined {
  const text = textOption(options, 'when');
  return text === undefined ? undefined : parseWhen(text);
}

async function backupOptions(options: Options): Promise<Schedule['options']> {
  const recipients = listOption(options, 'encryptRecipient');
  if (recipients.length > 0) await recipientsKey(recipients); // refused now rather than at night
  const to = textOption(options, 'to');
  if (to !== undefined) parseLocation(to, homedir());
  const keep = policyOf(options);
  return {
    ...formatOption(options),
    ...folderOption(options),
    ...(recipients.length === 0 ? {} : { recipients: [...recipients] }),
    ...(to === undefined ? {} : { to }),
    ...(isEmptyPolicy(keep) ? {} : { keep }),
  };
}

function installationOption(options: Options): Installation | undefined {
  const text = textOption(options, 'install');
  const found = installations.find((each) => each === text);
  if (text === undefined || found !== undefined) return found;
  throw new Failure('USAGE', `There is no scheduler "${text}".`, `Choose one of ${installations.join(', ')}.`);
}

function formatOption(options: Options): Pick<Schedule['options'], 'format'> {
  const text = textOption(options, 'format');
  const format = scheduleFormats.find((each) => each === text);
  if (text === undefined) return {};
  if (format !== undefined) return { format };
  throw new Failure('USAGE', `There is no format "${text}".`, `Choose one of ${scheduleFormats.join(', ')}.`);
}

function sentences({ installed, cron, options }: Schedule): readonly string[] {
  const places: Readonly<Record<Installation, string>> = {
    editor: 'while the editor is open; what it missed is made up for, once',
    crontab: 'by your crontab',
    systemd: 'by a systemd timer, while you are logged in ("loginctl enable-linger" makes it run always)',
  };
  return [`${describeCron(cron)}, ${places[installed]}`, `into ${options.folder ?? 'the folder of the project'}`];
}

/** The shape that scripts rely on. */
function scheduleListing({ schedule, when, next, last, overdueSince }: ScheduleState): unknown {
  const { schemaVersion: _schema, launch: _launch, changedAt: _changed, ...rest } = schedule;
  return {
    ...rest,
    when,
    next: next?.toISOString() ?? null,
    overdueSince: overdueSince?.toISOString() ?? null,
    last: last ?? null,
  };
}

function linesOf(states: readonly ScheduleState[], now: Date): readonly string[] {
  if (states.length === 0) return ['There are no schedules. "schedule add" makes one.'];
  const rows = states.map(({ schedule, when, last, overdueSince }) => [
    schedule.id,
    scheduleTarget(schedule),
    when,
    schedule.installed,
    overdueSince === undefined ? '' : 'overdue',
    last === undefined ? 'not run yet' : `${last.result} ${formatAge(new Date(last.startedAt), now)} ${sizeText(last)}`.trim(),
    last?.failure?.message ?? '',
  ]);
  return columns([['ID', 'DATABASE', 'WHEN', 'BY', '', 'LAST', ''], ...rows]);
}

function sizeText({ sizeBytes }: RunRecord): string {
  return sizeBytes === undefined ? '' : formatBytes(sizeBytes);
}

function outcomeText({ file, failure }: RunRecord): string {
  return file ?? failure?.message ?? '';
}
