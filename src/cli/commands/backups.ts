import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { isOwnName } from '../../backup/recognise/names';
import type { Recognised } from '../../backup/recognise/recognised';
import { findService } from '../../inventory/target';
import { formatAge, formatBytes } from '../../protocol/format';
import { textOption, type CliCommand } from '../command';
import { columns } from '../terminal';

/** What lies in the backup folders. */
export const backupsCommand: CliCommand = {
  name: 'backups',
  summary: 'list backups, newest first',
  argument: ['[target]', 'a project, service or database; all of them when left out'],
  options: [],
  run: async ({ app, argument, options }) => {
    const inventory = app.inventory.current;
    const projects = argument === '' ? inventory.projects : [findService(inventory, argument).project];
    const listed = await Promise.all(projects.map((project) => app.backups.list(project, textOption(options, 'folder'))));
    const byFile = new Map(listed.flat().map((backup) => [backup.file, backup]));
    const backups = [...byFile.values()].toSorted((a, b) => b.finishedAt.getTime() - a.finishedAt.getTime());
    return { value: { backups: backups.map(backupListing) }, lines: linesOf(backups) };
  },
};

/** The shape that scripts rely on. */
export function backupListing({ file, sizeBytes, finishedAt, manifest, recognised, problem }: Backup): unknown {
  return {
    file,
    sizeBytes,
    finishedAt: finishedAt.toISOString(),
    verified: manifest?.verified ?? 'none',
    manifest: manifest ?? null,
    ...(recognised === undefined ? {} : { recognised }),
    ...(problem === undefined ? {} : { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
  };
}

function linesOf(backups: readonly Backup[]): readonly string[] {
  if (backups.length === 0) return ['There are no backups.'];
  const now = new Date();
  const rows = backups.map((backup) => [
    databaseText(backup),
    formatAge(backup.finishedAt, now),
    formatBytes(backup.sizeBytes),
    stateText(backup),
    backup.file,
  ]);
  return columns([['DATABASE', 'AGE', 'SIZE', 'VERIFIED', 'FILE'], ...rows]);
}

function databaseText({ manifest, recognised }: Backup): string {
  if (manifest !== undefined) return `${manifest.project}/${manifest.service}/${manifest.database}`;
  return recognised !== undefined && 'database' in recognised ? (recognised.database ?? '') : '';
}

/** How far it is verified, or else what the file is. */
function stateText({ file, manifest, recognised, problem }: Backup): string {
  if (manifest !== undefined) return manifest.verified;
  const what = recognised === undefined ? [] : contentWords(recognised);
  const why = problem?.message ?? (isOwnName(path.basename(file)) ? 'no manifest' : 'made by a script');
  return [...what, why].join(', ');
}

const kinds: Readonly<Record<Recognised['kind'], string>> = {
  custom: 'custom archive',
  directory: 'directory archive',
  tar: 'tar archive',
  plain: 'plain SQL',
  cluster: 'SQL of all databases',
  physical: 'copy of the data directory',
  encrypted: 'encrypted with age',
  empty: 'empty',
  unknown: 'unreadable content',
  other: 'no backup of Postgres',
};

function contentWords(recognised: Recognised): readonly string[] {
  const version = 'serverVersion' in recognised ? recognised.serverVersion : undefined;
  return [
    kinds[recognised.kind],
    ...compressionWords(recognised),
    ...(version === undefined ? [] : [`Postgres ${version}`]),
    ...('utf16' in recognised ? ['in UTF-16, which psql cannot read'] : []),
  ];
}

function compressionWords(recognised: Recognised): readonly string[] {
  const methods = [recognised.packed, 'compression' in recognised ? (recognised.compression ?? 'none') : 'none'];
  return [...new Set(methods)].filter((method) => method !== 'none');
}
