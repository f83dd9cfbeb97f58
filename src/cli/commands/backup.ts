import type { BackupWishes } from '../../backup/backups';
import type { Backup } from '../../backup/catalogue';
import { databasesAt, targetName, type DatabaseTarget } from '../../inventory/target';
import { formatBytes, formatDuration } from '../../protocol/format';
import { encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { choiceOption, folderOption, listOption, textOption, type CliCommand } from '../command';
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
    ['--format <format>', 'auto, custom, directory or plain; auto when left out'],
    ['--compression <program>', 'of a plain dump: auto, none, gzip or zstd'],
    ['--scope <scope>', 'full, schema or data; full when left out'],
    ['--table <name>', 'only this table, such as public.users; may be given several times', 'repeated'],
    ['--no-roles', 'without the roles of the server beside it'],
    ['--all', 'all databases of the service'],
    ...encryptionOptions,
    ['--to <location>', 'copy it to another place as well: a folder, sftp://…, or s3://…'],
    ...policyOptions,
  ],
  run: async ({ app, terminal, signal, argument, options }) => {
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
