import { homedir } from 'node:os';
import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { copyBackup } from '../../backup/offsite/copyBackup';
import { fetchBackup } from '../../backup/offsite/fetchBackup';
import { listOffsite } from '../../backup/offsite/listOffsite';
import { parseLocation } from '../../backup/offsite/location';
import { removeOffsite } from '../../backup/offsite/removeOffsite';
import { openStore, type OffsiteStore } from '../../backup/offsite/store';
import { Failure } from '../../protocol/failure';
import { formatAge, formatBytes, formatDuration } from '../../protocol/format';
import { confirmationMissing, textOption, type CliCommand, type CliCommandGroup } from '../command';
import { columns } from '../terminal';
import { backupListing } from './backups';

const place = 'a folder, sftp://user@host/path, or s3://bucket/prefix?endpoint=https://host&region=name';

const list: CliCommand = {
  name: 'list',
  summary: 'list the backups in a place for copies, newest first',
  argument: ['<location>', place],
  options: [],
  run: async ({ argument, signal }) => {
    const store = await storeAt(argument);
    const backups = await listOffsite(store, signal);
    return { value: { location: store.describe(), backups: backups.map(backupListing) }, lines: linesOf(backups) };
  },
};

const put: CliCommand = {
  name: 'put',
  summary: 'copy a backup to another place, and compare what lies there',
  argument: ['<file>', 'a backup with its manifest'],
  options: [['--to <location>', place]],
  run: async ({ app, terminal, signal, argument, options }) => {
    const start = performance.now();
    const store = await storeAt(needed(options, 'to'));
    const { file, sizeBytes, manifest } = await copyBackup(await app.backups.read(argument), store, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    const name = path.basename(file);
    return {
      value: { location: store.describe(), name, sizeBytes, sha256: manifest?.sha256, seconds: Math.round(milliseconds) / 1000 },
      lines: [`${name} is in ${store.describe()}`, `${formatBytes(sizeBytes)}, compared, in ${formatDuration(milliseconds)}`],
    };
  },
};

const get: CliCommand = {
  name: 'get',
  summary: 'fetch a backup from a place for copies into --folder, or into the current folder',
  argument: ['<location>', place],
  options: [['--name <file>', 'the backup, as "offsite list" names it']],
  run: async ({ terminal, signal, argument, options }) => {
    const start = performance.now();
    const folder = path.resolve(textOption(options, 'folder') ?? '.');
    const { file, sizeBytes, manifest } = await fetchBackup(await storeAt(argument), needed(options, 'name'), folder, terminal.operation(signal));
    const milliseconds = performance.now() - start;
    return {
      value: { file, sizeBytes, sha256: manifest?.sha256, seconds: Math.round(milliseconds) / 1000 },
      lines: [file, `${formatBytes(sizeBytes)}, compared, in ${formatDuration(milliseconds)}`],
    };
  },
};

const remove: CliCommand = {
  name: 'remove',
  summary: 'delete a backup in a place for copies; backups here stay',
  argument: ['<location>', place],
  options: [
    ['--name <file>', 'the backup, as "offsite list" names it'],
    ['--yes', 'do it without asking'],
  ],
  run: async ({ argument, options }) => {
    const store = await storeAt(argument);
    const name = needed(options, 'name');
    if (options['yes'] !== true) throw confirmationMissing(`${name} would be deleted from ${store.describe()}.`, 'Add --yes to do it.');
    await removeOffsite(store, name);
    return { value: { location: store.describe(), removed: name }, lines: [`${name} is no longer in ${store.describe()}.`] };
  },
};

/** Copies of backups in other places. */
export const offsiteCommands: CliCommandGroup = { name: 'offsite', summary: 'copies of backups in other places', commands: [list, put, get, remove] };

async function storeAt(location: string): Promise<OffsiteStore> {
  return openStore(parseLocation(location, homedir()));
}

function needed(options: Readonly<Record<string, unknown>>, name: string): string {
  const value = textOption(options, name);
  if (value === undefined) throw new Failure('USAGE', `--${name} is missing.`, `Add --${name} with a value.`);
  return value;
}

function linesOf(backups: readonly Backup[]): readonly string[] {
  if (backups.length === 0) return ['There are no backups.'];
  const now = new Date();
  const rows = backups.map(({ file, sizeBytes, finishedAt, manifest, problem }) => [
    manifest === undefined ? '' : `${manifest.project}/${manifest.service}/${manifest.database}`,
    manifest === undefined ? '' : formatAge(finishedAt, now),
    formatBytes(sizeBytes),
    manifest?.verified ?? problem?.message ?? '',
    file,
  ]);
  return columns([['DATABASE', 'AGE', 'SIZE', 'VERIFIED', 'NAME'], ...rows]);
}
