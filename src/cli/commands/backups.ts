import type { Backup } from '../../backup/catalogue';
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
export function backupListing({ file, sizeBytes, finishedAt, manifest, problem }: Backup): unknown {
  return {
    file,
    sizeBytes,
    finishedAt: finishedAt.toISOString(),
    verified: manifest?.verified ?? 'none',
    manifest: manifest ?? null,
    ...(problem === undefined ? {} : { problem: { code: problem.code, message: problem.message, remedy: problem.remedy } }),
  };
}

function linesOf(backups: readonly Backup[]): readonly string[] {
  if (backups.length === 0) return ['There are no backups.'];
  const now = new Date();
  const rows = backups.map(({ file, sizeBytes, finishedAt, manifest, problem }) => [
    manifest === undefined ? '' : `${manifest.project}/${manifest.service}/${manifest.database}`,
    formatAge(finishedAt, now),
    formatBytes(sizeBytes),
    manifest?.verified ?? (problem === undefined ? 'no manifest' : problem.message),
    file,
  ]);
  return columns([['DATABASE', 'AGE', 'SIZE', 'VERIFIED', 'FILE'], ...rows]);
}
