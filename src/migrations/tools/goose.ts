import { compareSets, refusesLate } from '../compare';
import type { MigrationTool, VersionRow } from '../model';
import { folderOf } from '../paths';
import { byNumericId, environmentFiles, hasColumns, numbered, readNames } from './byName';
import { withMark } from './dbmate';

export const goose: MigrationTool = {
  id: 'goose',
  label: 'goose',
  readsTexts: false,
  columns: ['id', 'version_id', 'is_applied'],
  isTable: (table) => hasColumns(table, ['version_id', 'is_applied']),
  detect: async (workspace) =>
    (await withMark(workspace, /^--\s*\+goose\s+Up\b/im)).map(([folder, files]) => {
      // Migrations in Go lie among those in SQL.
      const inGo = workspace.files.filter((file) => folderOf(file) === folder && /\/\d+_\w+\.go$/.test(`/${file}`));
      const root = folderOf(folder);
      return { tool: 'goose', root, locations: [folder], files: [...files, ...inGo].toSorted(), config: environmentFiles(root, workspace) };
    }),
  readFiles: async (folder) => readNames(folder, numbered(/^(\d+)_(.*)\.(?:sql|go)$/), byNumericId),
  compare: (files, rows) => compareSets(files, appliedBy(rows ?? []), { order: refusesLate }),
};

/** Every change is a new row, so that the newest of a version counts. Version 0 is the empty database. */
function appliedBy(rows: readonly VersionRow[]): readonly string[] {
  const newest = new Map<string, boolean>();
  for (const row of rows.toSorted((a, b) => Number(a['id']) - Number(b['id']))) newest.set(row['version_id'] ?? '', row['is_applied'] === 'true');
  return [...newest].filter(([version, isApplied]) => isApplied && version !== '0').map(([version]) => version);
}
