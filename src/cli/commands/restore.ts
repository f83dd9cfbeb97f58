import { homedir } from 'node:os';
import path from 'node:path';
import { readBackup, type Backup } from '../../backup/catalogue';
import { fetchBackup } from '../../backup/offsite/fetchBackup';
import { listOffsite } from '../../backup/offsite/listOffsite';
import { parseLocation } from '../../backup/offsite/location';
import { openStore } from '../../backup/offsite/store';
import type { Inventory } from '../../inventory/model';
import { findDatabase, findPlace, type ServiceTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { formatCount, formatDuration } from '../../protocol/format';
import { describePlan } from '../../restore/describePlan';
import type { TableDifference } from '../../restore/part/runMerge';
import type { RestorePlan } from '../../restore/plan';
import type { RestoreOptions } from '../../restore/restores';
import type { RestoreResult } from '../../restore/run';
import { decryptionKeyOf, decryptionOptions, encryptionKeyOf, encryptionOptions } from '../encryptionKeys';
import { confirmationMissing, folderOption, textOption, type CliCommand, type CommandContext, type CommandResult } from '../command';
import { restoreWishes, restoreWishOptions } from '../restoreWishes';
import { restoreWholeVolume, volumeBackupNamed } from './restoreVolume';

/** Restores a database from a backup or from another database, keeping what it replaces. */
export const restoreCommand: CliCommand = {
  name: 'restore',
  summary: 'restore a database; the present one is backed up, and kept for a day as undo',
  argument: ['<target>', 'project/service/database, or any shorter form; a database that does not exist is created'],
  options: [
    ['--file <path>', 'the backup to restore: any dump of pg_dump or pg_dumpall'],
    ['--latest', 'restore the newest full backup of this database'],
    ['--from <location>', 'fetch it from another place first; --file is its name there'],
    ['--from-database <source>', 'copy another database instead, of any project or service'],
    ['--into <name>', 'restore into another database: a name in the same service, or project/service/database'],
    ...restoreWishOptions,
    ['--preview', 'of chosen tables, load them aside, show how rows differ, and change nothing'],
    ['--yes', 'do it without asking'],
    ['--dry-run', 'print the steps and do nothing'],
    ...decryptionOptions,
    ...encryptionOptions,
  ],
  run: async (context) => {
    const { app, terminal, signal, options } = context;
    const start = performance.now();
    const volume = await volumeBackupNamed(context);
    if (volume !== undefined) return restoreWholeVolume(context, volume);
    const key = await decryptionKeyOf(options);
    const safetyKey = await encryptionKeyOf(options);
    const wishes: RestoreOptions = {
      ...restoreWishes(options),
      beside: textOption(options, 'into') !== undefined,
      ...folderOption(options),
      ...(key === undefined ? {} : { key }),
      ...(safetyKey === undefined ? {} : { safetyKey }),
    };
    const { target, plan } = await planOf(context, wishes);
    const steps = describePlan(plan);
    if (options['dryRun'] === true) return { value: { steps: plan.steps, remarks: plan.remarks }, lines: steps };
    if (options['preview'] === true) return previewResult(await app.restores.preview(plan, target, wishes, terminal.operation(signal)));
    if (options['yes'] !== true) {
      steps.forEach((step) => terminal.note(`- ${step}`));
      throw confirmationMissing(questionOf(plan));
    }
    const result = await app.restores.run(plan, target, wishes, terminal.operation(signal));
    return resultOf(result, performance.now() - start);
  },
};

async function planOf(context: CommandContext, wishes: RestoreOptions): Promise<{ readonly target: ServiceTarget; readonly plan: RestorePlan }> {
  const { app, signal, argument, options } = context;
  const named = findPlace(app.inventory.current, argument);
  const target = placeInto(app.inventory.current, named, textOption(options, 'into'));
  const other = textOption(options, 'fromDatabase');
  if (other !== undefined) {
    if (textOption(options, 'file') !== undefined || options['latest'] === true) {
      throw new Failure('USAGE', 'A backup was named, and another database as well.', 'Leave out --from-database, or --file and --latest.');
    }
    const { project, service, database } = findDatabase(app.inventory.current, other);
    return { target, plan: await app.restores.planCopy(target, { project, service, databaseName: database.name }, wishes, signal) };
  }
  const backup = await app.backups.read(await fileFor(context, named));
  return { target, plan: await app.restores.plan(target, backup, wishes, signal) };
}

/** Where `--into` leads: a bare name is one in the same service. */
function placeInto(inventory: Inventory, named: ServiceTarget, into: string | undefined): ServiceTarget {
  if (into === undefined) return named;
  return into.includes('/') ? findPlace(inventory, into) : { ...named, databaseName: into };
}

function questionOf({ database, project, service, undo, rows }: RestorePlan): string {
  const place = `the database "${database}" of ${project}/${service}`;
  if (rows !== undefined) return `This changes rows in ${rows.tables.length === 1 ? 'a table' : `${rows.tables.length} tables`} of ${place}.`;
  return undo === undefined ? `This creates ${place}.` : `This replaces ${place}.`;
}

function previewResult(differences: readonly TableDifference[]): CommandResult {
  return { value: { tables: differences }, lines: differences.map(differenceText) };
}

function differenceText({ table, held, present, added, removed, changed }: TableDifference): string {
  const [inBackup, now, missing, newer, different] = [held, present, added, removed, changed].map((count) => formatCount(count));
  return `${table}: ${inBackup} rows in the backup, ${now} now; ${missing} are missing now, ${newer} are not in the backup, ${different} are different.`;
}

function resultOf(result: RestoreResult, milliseconds: number): CommandResult {
  const { database, tables, rows, undo, safetyBackup, differences = [] } = result;
  return {
    value: { ...result, undo: undo ?? null, safetyBackup: safetyBackup ?? null, seconds: Math.round(milliseconds) / 1000 },
    lines: [
      `${database}: ${formatCount(tables)} tables and ${formatCount(rows)} rows restored in ${formatDuration(milliseconds)}.`,
      ...differences.map((difference) => `Before: ${differenceText(difference)}`),
      ...(undo === undefined ? [] : ['What it replaced is kept for a day; "undo" brings it back.']),
      ...(safetyBackup === undefined ? [] : [`Safety backup: ${safetyBackup}`]),
    ],
  };
}

async function fileFor(context: CommandContext, target: ServiceTarget): Promise<string> {
  const { app, options } = context;
  const file = textOption(options, 'file');
  const place = textOption(options, 'from');
  if (file === undefined && options['latest'] !== true)
    throw new Failure('USAGE', 'It is not said what to restore.', 'Add --file PATH, --latest, or --from-database NAME.');
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
