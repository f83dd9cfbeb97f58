import type { BackupWishes } from '../../backup/backups';
import type { Backup } from '../../backup/catalogue';
import { databasesAt, findService, targetName, type DatabaseTarget } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { choiceOption, confirmationMissing, folderOption, listOption, textOption, type CliCommand, type CommandContext, type CommandResult } from '../command';
import { policyOf, policyOptions } from './prune';

interface Made {
  readonly target: DatabaseTarget;
  readonly backup: Backup;
  readonly milliseconds: number;
}

/** Backs a database up, or all databases of a service. */
export const backupCommand: CliCommand = {
  name: 'backup',
  summary: 'back a database up, verified by reading it whole',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [
    ['--format <format>', 'auto, custom, directory, plain or volume (all databases of a service as files); auto when left out'],
    ['--stop', 'of a volume: stop the service and what uses it for the copy, cleanly, and start them again (needs --yes)'],
    ['--yes', 'stop without asking'],
    ['--compression <program>', 'of a plain dump: auto, none, gzip or zstd'],
    ['--scope <scope>', 'full, schema or data; full when left out'],
    ['--table <name>', 'only this table, such as public.users; may be given several times', 'repeated'],
    ['--no-roles', 'without the roles of the server beside it'],
    ['--all', 'all databases of the service'],
    ...encryptionOptions,
    ['--to <location>', 'copy it to another place as well: a folder, sftp://…, or s3://…'],
    ...policyOptions,
  ],
  run: async (context) => {
    const { app, terminal, signal, argument, options } = context;
    if (options['format'] === 'volume') return backUpVolume(context);
    const targets = databasesAt(app.inventory.current, argument, options['all'] === true);
    const key = await encryptionKeyOf(options);
    const wishes = { ...readWishes(options), ...(key === undefined ? {} : { key }) };
    const following = { to: textOption(options, 'to') ?? '', keep: policyOf(options) };
    const made: Made[] = [];
    for (const target of targets) {
      const start = performance.now();
      const operation = terminal.operation(signal);
      const { backup } = await app.backups.follow(await app.backups.backUp(target, wishes, operation), operation, following);
      made.push({ target, backup, milliseconds: performance.now() - start });
    }
    return {
      value: options['all'] === true ? { backups: made.map(listing) } : listing(made[0]),
      lines: made.flatMap(({ backup, milliseconds }) => [
        backup.file,
        `${formatBytes(backup.sizeBytes)}, read whole, in ${formatDuration(milliseconds)}`,
        ...(backup.manifest?.remarks ?? []),
      ]),
    };
  },
};

async function backUpVolume({ app, terminal, signal, argument, options }: CommandContext): Promise<CommandResult> {
  const start = performance.now();
  const place = findService(app.inventory.current, argument);
  const operation = terminal.operation(signal);
  const mode = options['stop'] === true ? 'stopped' : 'auto';
  const { interrupts } = await app.backups.planVolume(place, mode, operation);
  if (interrupts && options['yes'] !== true) {
    throw confirmationMissing(`${place.project.name}/${place.service.name} and what uses it are stopped while the volume is copied.`);
  }
  const key = await encryptionKeyOf(options);
  const made = await app.backups.backUpVolume(place, { mode, reason: 'manual', ...folderOption(options), ...(key === undefined ? {} : { key }) }, operation);
  const { backup } = await app.backups.follow(made, operation, { to: textOption(options, 'to') ?? '', keep: policyOf(options) });
  const milliseconds = performance.now() - start;
  const { file, sizeBytes, manifest } = backup;
  return {
    value: {
      file,
      sizeBytes,
      sha256: manifest?.sha256,
      verified: manifest?.verified,
      seconds: Math.round(milliseconds) / 1000,
      format: 'volume',
      remarks: manifest?.remarks ?? [],
    },
    lines: [
      file,
      `${formatBytes(sizeBytes)}, ${manifest?.verified === 'restored' ? 'booted and counted' : 'hashed'}, in ${formatDuration(milliseconds)}`,
      ...(manifest?.remarks ?? []),
    ],
  };
}

function readWishes(options: Readonly<Record<string, unknown>>): BackupWishes {
  const tables = listOption(options, 'table');
  return {
    reason: 'manual',
    format: choiceOption(options, 'format', ['auto', 'custom', 'directory', 'plain']) ?? 'auto',
    compression: choiceOption(options, 'compression', ['auto', 'none', 'gzip', 'zstd']) ?? 'auto',
    scope: tables.length > 0 ? 'tables' : (choiceOption(options, 'scope', ['full', 'schema', 'data']) ?? 'full'),
    tables,
    roles: options['roles'] !== false,
    ...folderOption(options),
  };
}

/** The shape that scripts rely on. */
function listing(made: Made | undefined): unknown {
  if (made === undefined) return {};
  const { target, backup, milliseconds } = made;
  const { manifest, file, sizeBytes } = backup;
  return {
    file,
    sizeBytes,
    sha256: manifest?.sha256,
    verified: manifest?.verified,
    seconds: Math.round(milliseconds) / 1000,
    database: targetName(target),
    format: manifest?.format,
    scope: manifest?.scope,
    encryption: manifest?.encryption,
    offsite: manifest?.offsite ?? [],
    remarks: manifest?.remarks ?? [],
  };
}
