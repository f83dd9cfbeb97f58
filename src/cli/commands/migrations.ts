import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findDatabase, targetName } from '../../inventory/target';
import type { MigrationAction } from '../../migrations/actions/action';
import { placeKinds } from '../../migrations/actions/place';
import type { ActionResult, ToolPlan } from '../../migrations/migrations';
import type { MigrationStatus } from '../../migrations/model';
import { describeStatus } from '../../migrations/statusText';
import type { DatabaseMigrations } from '../../migrations/survey';
import { tools } from '../../migrations/tools/all';
import { failureOfRehearsal } from '../../migrations/update/rehearse';
import { rehearsalReport } from '../../migrations/update/reportText';
import { Failure } from '../../protocol/failure';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import {
  choiceOption,
  confirmationMissing,
  folderOption,
  textOption,
  type CliCommand,
  type CliCommandGroup,
  type CommandContext,
  type CommandResult,
  type CommandOption,
} from '../command';
import { describePlan, distanceOf, choosing, liesIn, only, positionOf, running, searching } from '../migrationPlans';
import { columns } from '../terminal';

const target = ['<target>', 'project/service/database, or any shorter form'] as const;
const changing: readonly CommandOption[] = [
  ...running,
  ['--yes', 'do it without asking'],
  ['--no-backup', 'do not back the database up first'],
  ...encryptionOptions,
];

const status: CliCommand = {
  name: 'status',
  summary: 'compare migration files with what databases have; of a folder, its files alone where no database is found',
  argument: ['[target]', 'a database or a folder; everything that is found when left out'],
  options: choosing,
  run: async (context) => {
    const { app, argument, signal } = context;
    const folder = argument === '' ? undefined : await folderAt(argument);
    if (folder !== undefined || argument === '') {
      const place = folder ?? process.cwd();
      const survey = await app.migrations.survey({ ...searching(context), folders: [place], signal });
      const databases = survey.databases.filter(({ migrations, problem }) =>
        folder === undefined ? migrations.length > 0 || problem !== undefined : migrations.some((each) => liesIn(each, place)),
      );
      if (databases.length > 0) return surveyResult(databases);
      return filesResult(await app.migrations.readFolder(place));
    }
    return surveyResult([await app.migrations.of(findDatabase(app.inventory.current, argument), { ...searching(context), signal })]);
  },
};

const history: CliCommand = {
  name: 'history',
  summary: 'list all revisions, newest first, with what is applied',
  argument: target,
  options: choosing,
  run: async (context) => {
    const { found } = await only(context);
    const { revisions, applied, current } = found.status;
    const done = new Set(applied);
    const rows = revisions
      .toReversed()
      .map(({ id, name, labels, parents, date = '' }) => [
        current.includes(id) ? '→' : done.has(id) ? '✓' : ' ',
        id,
        [name, ...labels.map((label) => `(${label})`), ...(parents.length > 1 ? [`merges ${parents.join(', ')}`] : [])].join(' '),
        date,
      ]);
    return {
      value: found.status,
      lines: [...columns([['', 'REVISION', 'MESSAGE', 'DATE'], ...rows]), ...found.status.unknown.map((id) => `?  ${id}  no file for it`)],
    };
  },
};

const upgrade: CliCommand = {
  name: 'upgrade',
  summary: 'apply what is pending, through the tool itself; the database is backed up first',
  argument: target,
  options: [['--to <revision>', 'no further than this revision'], ['--steps <count>', 'so many revisions only'], ...changing],
  run: (context) => act(context, { kind: 'upgrade', to: distanceOf(context) ?? { kind: 'all' } }),
};

const downgrade: CliCommand = {
  name: 'downgrade',
  summary: 'undo revisions, through the tool itself; the database is backed up first',
  argument: target,
  options: [['--to <revision>', 'back to this revision'], ['--steps <count>', 'so many revisions'], ['--base', 'undo all of them'], ...changing],
  run: async (context) => {
    const to = context.options['base'] === true ? ({ kind: 'all' } as const) : distanceOf(context);
    if (to === undefined) throw new Failure('USAGE', 'It is not said how far to go back.', 'Add --steps 1, --to REVISION, or --base.');
    return act(context, { kind: 'downgrade', to });
  },
};

const mergeHeads: CliCommand = {
  name: 'merge-heads',
  summary: 'make a revision that joins several heads, through the tool itself; it changes no database',
  argument: target,
  options: [['--message <text>', 'what the revision is called; "merge heads" when left out'], ...running],
  run: (context) => act(context, { kind: 'merge', message: textOption(context.options, 'message') ?? 'merge heads' }),
};

const rehearsing: CliCommand = {
  name: 'rehearse',
  summary: 'run what is pending on a copy that is made for it, and tell what it does; ends with 1 where it fails there. The database is only read',
  argument: target,
  options: [
    ['--to <revision>', 'no further than this revision'],
    ['--steps <count>', 'so many revisions only'],
    ...choosing,
    ['--where <place>', 'service, one-off or host; where the tool is found when left out'],
  ],
  run: async (context) => {
    const { app, terminal, options, signal } = context;
    const { place, found } = await only(context);
    if (found.status.pending.length === 0) return { value: { state: 'nothing to do' }, lines: ['Every migration is applied.'] };
    const where = choiceOption(options, 'where', placeKinds);
    const request = { target: place, found, to: distanceOf(context) ?? ({ kind: 'all' } as const), ...(where === undefined ? {} : { where }) };
    const rehearsal = await app.rehearsals.run(request, terminal.operation(signal));
    const failure = failureOfRehearsal(rehearsal);
    const told = failure === undefined ? {} : { failure: { code: failure.code, message: failure.message, remedy: failure.remedy } };
    return {
      value: { target: targetName(place), state: failure === undefined ? 'runs through' : 'fails', ...rehearsal, ...told },
      lines: rehearsalReport(targetName(place), rehearsal),
      incomplete: failure !== undefined,
    };
  },
};

export const migrationCommands: CliCommandGroup = {
  name: 'migrations',
  summary: 'status, history, rehearsal, upgrade, downgrade and merging of migrations',
  commands: [status, history, rehearsing, upgrade, downgrade, mergeHeads],
};

async function act(context: CommandContext, action: MigrationAction): Promise<CommandResult> {
  const { app, terminal, options, signal } = context;
  const { place, found } = await only(context);
  const operation = terminal.operation(signal);
  const plan = await app.migrations.plan(place, found, action, operation, choiceOption(options, 'where', placeKinds));
  const steps = describePlan(plan, options['backup'] !== false);
  if (options['dryRun'] === true) return { value: { command: plan.text, place: plan.place.kind, steps }, lines: steps };
  if (action.kind !== 'merge' && options['yes'] !== true) {
    steps.forEach((step) => terminal.note(`- ${step}`));
    throw confirmationMissing(`This migrates ${targetName(place)}.`, 'Add --yes to do it, or --dry-run to see what would be run.');
  }
  const key = await encryptionKeyOf(options);
  const wishes = { backup: options['backup'] !== false, ...folderOption(options), ...(key === undefined ? {} : { key }) };
  return actionResult(plan, await app.migrations.run(plan, { ...wishes, onOutput: (text) => terminal.logger().info(text.trimEnd()) }, operation));
}

function actionResult({ text, place }: ToolPlan, { before, after, log, backup, output }: ActionResult): CommandResult {
  return {
    value: { command: text, place: place.kind, backup: backup ?? null, log, before: positionOf(before), after: positionOf(after), output },
    lines: [
      `${before.current.join(', ') || 'base'} → ${after.current.join(', ') || 'base'}: ${describeStatus(after)}`,
      ...(backup === undefined ? [] : [`Backup made before: ${backup}`]),
      `Output: ${log}`,
    ],
  };
}

function surveyResult(databases: readonly DatabaseMigrations[]): CommandResult {
  return {
    value: {
      databases: databases.map(({ target: database, migrations, problem }) => ({
        target: targetName(database),
        migrations: migrations.map((each) => each.status),
        ...(problem === undefined ? {} : { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
      })),
    },
    lines: databases.flatMap(({ target: database, migrations, problem }) => [
      targetName(database),
      ...(problem === undefined ? [] : [`  ${problem.message} ${problem.remedy}`]),
      ...migrations.flatMap((each) => statusLines(each.status)),
    ]),
    ...(databases.some(({ problem }) => problem !== undefined) ? { incomplete: true } : {}),
  };
}

function filesResult(statuses: readonly MigrationStatus[]): CommandResult {
  return { value: { folders: statuses }, lines: statuses.flatMap(statusLines) };
}

function statusLines(each: MigrationStatus): readonly string[] {
  return [
    `  ${tools[each.tool].label}: ${describeStatus(each)}`,
    ...(each.folder === undefined ? [] : [`    ${each.folder}`]),
    ...each.problems.map(({ message, remedy }) => `    ${message} ${remedy}`),
  ];
}

/** The folder that an argument names; a target may look like one, but is rarely one. */
async function folderAt(argument: string): Promise<string | undefined> {
  const folder = path.resolve(argument);
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true ? folder : undefined;
}
