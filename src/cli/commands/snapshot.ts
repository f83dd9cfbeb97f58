import type { SnapshotDatabase } from '../../inventory/model';
import { findDatabase, findPlace, type ServiceTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { formatAge, formatBytes, formatDuration } from '../../protocol/format';
import { findSnapshot } from '../../snapshot/labels';
import { describeSnapshot } from '../../snapshot/plan';
import { confirmationMissing, textOption, type CliCommand, type CliCommandGroup, type CommandContext } from '../command';
import { columns } from '../terminal';

const target = ['<target>', 'project/service/database, or any shorter form that fits only one'] as const;
const which = ['<snapshot>', 'its name, as "snapshot list" shows it'] as const;

const take: CliCommand = {
  name: 'snapshot',
  summary: 'copy a database inside its server, to go back to; its sessions are ended, new ones wait',
  argument: target,
  options: [
    ['--name <name>', 'what to call it; the branch or the time when left out'],
    ['--keep <number>', 'delete older snapshots of the database beyond so many; 0 keeps all'],
    ['--dry-run', 'print the steps and do nothing'],
  ],
  run: async ({ app, terminal, signal, argument, options }) => {
    const start = performance.now();
    const database = findDatabase(app.inventory.current, argument);
    const label = textOption(options, 'name');
    const plan = await app.snapshots.plan(database, { keep: keepOption(textOption(options, 'keep')), ...(label === undefined ? {} : { label }) }, signal);
    if (options['dryRun'] === true) return { value: { steps: describeSnapshot(plan) }, lines: describeSnapshot(plan) };
    const { snapshot, deleted } = await app.snapshots.take(plan, database, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { ...snapshotListing(snapshot), deleted: deleted.map(snapshotListing), seconds: Math.round(milliseconds) / 1000 },
      lines: [
        `"${snapshot.label}" holds ${snapshot.of} (${formatBytes(snapshot.sizeBytes)}), copied in ${formatDuration(milliseconds)}.`,
        ...deleted.map((each) => `Deleted "${each.label}" of ${each.takenAt}.`),
      ],
    };
  },
};

const list: CliCommand = {
  name: 'list',
  summary: 'list the snapshots of a database, or all',
  argument: ['[target]', target[1]],
  options: [],
  run: ({ app, argument }) => {
    const { projects } = app.inventory.current;
    const place = argument === '' ? undefined : findPlace(app.inventory.current, argument);
    const all = projects.flatMap((project) => project.services.flatMap((service) => service.snapshots.map((snapshot) => ({ project, service, snapshot }))));
    const found = all
      .filter(({ service, snapshot }) => place === undefined || (service.id === place.service.id && snapshot.of === place.databaseName))
      .toSorted((a, b) => b.snapshot.takenAt.localeCompare(a.snapshot.takenAt));
    const now = new Date();
    const rows = found.map(({ project, service, snapshot }) => [
      `${project.name}/${service.name}/${snapshot.of}`,
      snapshot.label,
      formatAge(new Date(snapshot.takenAt), now),
      formatBytes(snapshot.sizeBytes),
      snapshot.git?.branch ?? '',
      snapshot.migrationRevision ?? '',
    ]);
    const lines = rows.length === 0 ? ['There are no snapshots.'] : columns([['DATABASE', 'NAME', 'TAKEN', 'SIZE', 'BRANCH', 'REVISION'], ...rows]);
    const listings = found.map(({ project, service, snapshot }) => ({ project: project.name, service: service.name, ...snapshotListing(snapshot) }));
    return Promise.resolve({ value: { snapshots: listings }, lines });
  },
};

const rename: CliCommand = {
  name: 'rename',
  summary: 'call a snapshot something else',
  argument: target,
  secondArgument: which,
  options: [['--to <name>', 'what to call it']],
  run: async (context) => {
    const to = textOption(context.options, 'to');
    if (to === undefined) throw new Failure('USAGE', 'The new name is missing.', 'Add --to NAME.');
    const { place, snapshot } = snapshotAt(context);
    const renamed = await context.app.snapshots.rename(place, snapshot, to);
    return { value: snapshotListing(renamed), lines: [`"${snapshot.label}" is now called "${renamed.label}".`] };
  },
};

const remove: CliCommand = {
  name: 'delete',
  summary: 'delete a snapshot for good',
  argument: target,
  secondArgument: which,
  options: [['--yes', 'do it without asking']],
  run: async (context) => {
    const { place, snapshot } = snapshotAt(context);
    const what = `the snapshot "${snapshot.label}" of "${snapshot.of}", taken ${snapshot.takenAt}`;
    if (context.options['yes'] !== true) throw confirmationMissing(`This deletes ${what}, for good.`, 'Add --yes to do it.');
    await context.app.snapshots.delete(place, snapshot);
    return { value: { deleted: snapshotListing(snapshot) }, lines: [`Deleted ${what}.`] };
  },
};

/** Snapshots: one is taken by the word alone. */
export const snapshotCommands: CliCommandGroup = {
  name: 'snapshot',
  summary: 'copy a database inside its server, to go back to; list, rename and delete such copies',
  commands: [list, rename, remove],
  alone: take,
};

/** The snapshot that the two arguments name. */
export function snapshotAt({ app, argument, arguments: [, wanted = ''] = [] }: CommandContext): {
  readonly place: ServiceTarget;
  readonly snapshot: SnapshotDatabase;
} {
  const place = findPlace(app.inventory.current, argument);
  return { place, snapshot: findSnapshot(place.service.snapshots, place.databaseName, wanted) };
}

function keepOption(text: string | undefined): number {
  if (text === undefined) return 0;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new Failure('USAGE', `--keep cannot be "${text}".`, 'Give a whole number; 0 keeps all.');
}

/** The shape that scripts rely on. */
function snapshotListing({ name, of, label, takenAt, sizeBytes, migrationRevision, git }: SnapshotDatabase): object {
  return { database: of, name: label, storedAs: name, takenAt, sizeBytes, migrationRevision: migrationRevision ?? null, git: git ?? null };
}
