import { homedir } from 'node:os';
import path from 'node:path';
import { readBackup, type Backup } from '../../backup/catalogue';
import { fetchBackup } from '../../backup/offsite/fetchBackup';
import { listOffsite } from '../../backup/offsite/listOffsite';
import { parseLocation } from '../../backup/offsite/location';
import { openStore } from '../../backup/offsite/store';
import { findPlace, type ServiceTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { formatCount, formatDuration } from '../../protocol/format';
import { describePlan } from '../../restore/plan';
import { decryptionKeyOf, decryptionOptions, encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { restoreWholeVolume, volumeBackupNamed } from './restoreVolume';
import { confirmationMissing, folderOption, textOption, type CliCommand, type CommandContext } from '../command';

/** Restores a database from a backup, keeping what it replaces. */
export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'restore a database; the present one is backed up, and kept for a day as undo',
  argument: ['<target>', 'project/service/database, or any shorter form; a database that does not exist is created'],
  options: [
    ['--file <path>', 'the backup to restore'],
    ['--latest', 'restore the newest full backup of this database'],
    ['--from <location>', 'fetch it from another place first; --file is its name there'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print the steps and do nothing'],
    ['--skip-safety-backup', 'for a database that can no longer be dumped; it is kept as undo all the same'],
    ...decryptionOptions,
    ...encryptionOptions,
  ],
  run: async (context) => {
    const { app, terminal, signal, argument, options } = context;
    const start = performance.now();
    const volume = await volumeBackupNamed(context);
    if (volume !== undefined) return restoreWholeVolume(context, volume);
    const target = findPlace(app.inventory.current, argument);
    const backup = await app.backups.read(await fileFor(context, target));
    const key = await decryptionKeyOf(options);
    const safetyKey = await encryptionKeyOf(options);
    const wishes = {
      skipSafetyBackup: options['skipSafetyBackup'] === true,
      ...folderOption(options),
      ...(key === undefined ? {} : { key }),
      ...(safetyKey === undefined ? {} : { safetyKey }),
    };
    const plan = await app.restores.plan(target, backup, wishes, signal);
    const steps = describePlan(plan);
    if (options['dryRun'] === true) return { value: { steps: plan.steps }, lines: steps };
    if (options['yes'] !== true) {
      steps.forEach((step) => terminal.note(`- ${step}`));
      throw confirmationMissing(`This replaces the database "${target.databaseName}" of ${target.project.name}/${target.service.name}.`);
    }
    const result = await app.restores.run(plan, target, wishes, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { ...result, undo: result.undo ?? null, safetyBackup: result.safetyBackup ?? null, seconds: Math.round(milliseconds) / 1000 },
      lines: [
        `${result.database}: ${formatCount(result.tables)} tables and ${formatCount(result.rows)} rows restored in ${formatDuration(milliseconds)}.`,
        ...(result.undo === undefined ? [] : ['What it replaced is kept for a day; "undo" brings it back.']),
        ...(result.safetyBackup === undefined ? [] : [`Safety backup: ${result.safetyBackup}`]),
      ],
    };
  },
};

async function fileFor(context: CommandContext, target: ServiceTarget): Promise<string> {
  const { app, options } = context;
  const file = textOption(options, 'file');
  const place = textOption(options, 'from');
  if (file === undefined && options['latest'] !== true) throw new Failure('USAGE', 'It is not said what to restore.', 'Add --file PATH, or --latest.');
  if (file !== undefined && options['latest'] === true)
    throw new Failure('USAGE', 'A file was named, and the newest asked for.', 'Leave out --file or --latest.');
  if (place !== undefined) return fetchFrom(context, target, place, file);
  if (file !== undefined) return file;
  return newestOf(await app.backups.list(target.project, textOption(options, 'folder')), target);
}

/** Fetches a copy into the folder of the backups, unless the very same lies there already. */
async function fetchFrom({ app, options, terminal, signal }: CommandContext, target: ServiceTarget, place: string, name: string | undefined): Promise<string> {
  const store = await openStore(parseLocation(place, homedir()));
  const copies = await listOffsite(store, signal);
  const wanted = name ?? newestOf(copies, target);
  const folder = app.backups.folderOf(target.project, textOption(options, 'folder'));
  const here = await readBackup(path.join(folder, wanted));
  const copy = copies.find(({ file }) => file === wanted);
  // What it says that it is, is compared with what it is before anything is restored from it.
  if (here?.manifest !== undefined && here.manifest.sha256 === copy?.manifest?.sha256) return here.file;
  return (await fetchBackup(store, wanted, folder, terminal.operation(signal))).file;
}

function newestOf(backups: readonly Backup[], { databaseName, service }: ServiceTarget): string {
  const newest = backups.find(
    ({ manifest }) => manifest?.database === databaseName && manifest.service === service.name && manifest.scope === 'full' && manifest.format !== 'volume',
  );
  if (newest !== undefined) return newest.file;
  throw new Failure('BACKUP_MISSING', `There is no backup of "${databaseName}".`, 'Name a file with --file PATH.');
}
