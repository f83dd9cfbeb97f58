import { Failure } from '../../protocol/failure';
import { formatBytes, formatCount } from '../../protocol/format';
import { describeGuard, type GuardPlan } from '../../persistence/volumes/guardPlan';
import { userNames, type VolumeView } from '../../persistence/volumes/view';
import { confirmationMissing, folderOption, textOption, type CliCommand, type CliCommandGroup, type CommandContext, type CommandResult } from '../command';
import { decryptionKeyOf, decryptionOptions } from '../encryptionKeys';
import { columns } from '../terminal';

const volumeArgument = ['<volume>', 'its name, or project/service for the one that its data lie in'] as const;
const imageOption = ['--image <name>', 'to look into a volume with that no service has'] as const;

const list: CliCommand = {
  name: 'ls',
  summary: 'list volumes, and folders with databases: whose they are, and who uses them',
  options: [['--all', 'also those that nothing of Postgres is known of']],
  run: async ({ app, options }) => {
    const all = await app.volumes.list();
    const shown =
      options['all'] === true ? all : all.filter(({ service, undo, project }) => service !== undefined || undo !== undefined || project !== undefined);
    const rows = shown.map((view) => [view.name, view.kind, ownerText(view), userNames(view) || '-']);
    return { value: { volumes: shown }, lines: shown.length === 0 ? ['There is none.'] : columns([['VOLUME', 'KIND', 'OF', 'USED BY'], ...rows]) };
  },
};

function ownerText({ project, service, undo }: VolumeView): string {
  if (undo !== undefined) return `undo of ${undo.project}/${undo.service}, until ${undo.expiresAt}`;
  return [project, service].filter((part) => part !== undefined).join('/') || '-';
}

const size: CliCommand = {
  name: 'size',
  summary: 'measure a volume',
  argument: volumeArgument,
  options: [imageOption],
  run: async (context) => {
    const { view, content } = await look(context);
    return { value: { name: view.name, sizeBytes: content.sizeBytes }, lines: [`${view.name}: ${formatBytes(content.sizeBytes)}`] };
  },
};

const inspect: CliCommand = {
  name: 'inspect',
  summary: 'show what is known of a volume: size, labels, the clusters in it, who uses it',
  argument: volumeArgument,
  options: [imageOption],
  run: async (context) => {
    const { view, content } = await look(context);
    const clusters = content.clusters.map(
      ({ folder, major, owner, mode }) => `Postgres ${major} in ${folder === '' ? 'the volume itself' : folder}, owner ${owner}, mode ${mode}`,
    );
    const facts: readonly (readonly [string, string])[] = [
      ['Kind', view.kind],
      ['Of', ownerText(view)],
      ['Size', formatBytes(content.sizeBytes)],
      ['Holds', clusters.join('; ') || 'no cluster'],
      ['Used by', userNames(view) || 'nobody'],
      ['Driver', view.driver ?? '-'],
      ['Created', view.createdAt ?? '-'],
      [
        'Labels',
        Object.entries(view.labels)
          .map(([name, text]) => `${name}=${text}`)
          .join(', ') || 'none',
      ],
    ];
    return { value: { ...view, ...content }, lines: [view.name, ...columns(facts.map(([name, text]) => [`  ${name}`, text]))] };
  },
};

async function look({ app, argument, options, terminal, signal }: CommandContext) {
  const view = await app.volumes.find(argument);
  return { view, content: await app.volumes.content(view, imageWish(options), terminal.operation(signal)) };
}

const exportIt: CliCommand = {
  name: 'export',
  summary: 'back a volume up, proven by booting the copy',
  argument: volumeArgument,
  options: [['--to <folder>', 'where the backup goes; as --folder'], imageOption],
  run: async ({ app, argument, options, terminal, signal }) => {
    const view = await app.volumes.find(argument);
    const backup = await app.volumes.export(view, { ...folderWish(options), ...imageWish(options) }, terminal.operation(signal));
    return {
      value: { volume: view.name, file: backup.file, sizeBytes: backup.sizeBytes, verified: backup.manifest?.verified ?? 'none' },
      lines: [`${view.name}: ${formatBytes(backup.sizeBytes)} in ${backup.file}`],
    };
  },
};

const importIt: CliCommand = {
  name: 'import',
  summary: 'put a volume backup into a new volume',
  argument: ['<file>', 'the volume backup'],
  options: [['--into <name>', 'the new volume; by default the name of the one that was copied'], imageOption, ...decryptionOptions],
  run: async ({ app, argument, options, terminal, signal }) => {
    const key = await decryptionKeyOf(options);
    const name = textOption(options, 'into');
    const wishes = { ...(name === undefined ? {} : { name }), ...imageWish(options), ...(key === undefined ? {} : { key }) };
    const imported = await app.volumes.import(await app.backups.read(argument), wishes, terminal.operation(signal));
    return { value: imported, lines: [`${imported.name}: ${imported.databases.join(', ')}, ${formatCount(imported.rows)} rows`] };
  },
};

const clone: CliCommand = {
  name: 'clone',
  summary: 'copy a volume into a new one, also while its server runs',
  argument: volumeArgument,
  options: [['--into <name>', 'the new volume']],
  run: async ({ app, argument, options, terminal, signal }) => {
    const name = textOption(options, 'into');
    if (name === undefined) throw new Failure('USAGE', 'The new volume has no name.', 'Add --into NAME.');
    const view = await app.volumes.find(argument);
    await app.volumes.clone(view, name, terminal.operation(signal));
    return { value: { volume: view.name, clone: name }, lines: [`${name} is a copy of ${view.name}.`] };
  },
};

const fixOwner: CliCommand = {
  name: 'fix-owner',
  summary: "give the files of a data directory to the user that the image's server runs as",
  argument: volumeArgument,
  options: [imageOption, ['--yes', 'do it without asking'], ['--dry-run', 'only count the files that belong to somebody else']],
  run: async ({ app, argument, options, terminal, signal }) => {
    const view = await app.volumes.find(argument);
    const operation = terminal.operation(signal);
    const look = async (dryRun: boolean) => app.volumes.fixOwner(view, { dryRun, ...imageWish(options) }, operation);
    const found = await look(true);
    const what = `${formatCount(found.strangers)} files of ${view.name} belong to somebody else than ${found.owner}`;
    if (options['dryRun'] === true) return { value: { volume: view.name, ...found, fixed: false }, lines: [`${what}.`] };
    if (options['yes'] !== true) throw confirmationMissing(`${what}; they would get that owner.`);
    return { value: { volume: view.name, ...(await look(false)), fixed: true }, lines: [`${what}; now they are its own.`] };
  },
};

const remove: CliCommand = {
  name: 'rm',
  summary: 'remove a volume, backed up and proven before; with the containers of the service that has it',
  argument: volumeArgument,
  options: [
    imageOption,
    ['--yes', 'do it without asking'],
    ['--confirm <name>', 'what production wants beside --yes: the name of the project'],
    ['--dry-run', 'print the steps and do nothing'],
  ],
  run: async (context) => {
    const { app, argument, options, terminal, signal } = context;
    const view = await app.volumes.find(argument);
    const target = app.volumes.guardTarget(view);
    if (target !== undefined) {
      const plan = await app.volumes.guards.plan(target);
      return removeGuarded(context, view, plan, async () => {
        const typed = textOption(options, 'confirm');
        const result = await app.volumes.guards.run(
          plan,
          target,
          { ...folderOption(options), ...(typed === undefined ? {} : { typed }) },
          terminal.operation(signal),
        );
        return result.backups;
      });
    }
    return removeGuarded(context, view, undefined, async () => {
      const backup = await app.volumes.removeUnused(view, { ...folderOption(options), ...imageWish(options) }, terminal.operation(signal));
      return backup === undefined ? [] : [backup.file];
    });
  },
};

async function removeGuarded(
  { options, terminal }: CommandContext,
  view: VolumeView,
  plan: GuardPlan | undefined,
  work: () => Promise<readonly string[]>,
): Promise<CommandResult> {
  const steps = plan === undefined ? [...(view.undo === undefined ? ['back it up, verified'] : []), `remove ${view.name}`] : describeGuard(plan);
  if (options['dryRun'] === true) return { value: { volume: view.name, plan: plan ?? null, steps }, lines: steps };
  if (options['yes'] !== true) {
    steps.forEach((step) => terminal.note(`- ${step}`));
    throw confirmationMissing(`This removes ${view.name}.`);
  }
  const backups = await work();
  return { value: { volume: view.name, removed: true, backups }, lines: [`${view.name} is removed.`, ...backups.map((file) => `Its backup: ${file}`)] };
}

function imageWish(options: CommandContext['options']): { readonly image?: string } {
  const image = textOption(options, 'image');
  return image === undefined ? {} : { image };
}

function folderWish(options: CommandContext['options']): { readonly folder?: string } {
  const folder = textOption(options, 'to');
  return folder === undefined ? folderOption(options) : { folder };
}

/** `volume ls|size|inspect|export|import|clone|fix-owner|rm`. */
export const volumeCommands: CliCommandGroup = {
  name: 'volume',
  summary: 'look at volumes, copy them, mend them, and remove them with a backup',
  commands: [list, size, inspect, exportIt, importIt, clone, fixOwner, remove],
};
