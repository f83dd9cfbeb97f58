import { posix } from 'node:path';
import { compareSets } from '../compare';
import type { MigrationTool, Workspace } from '../model';
import { folderOf } from '../paths';
import { byNumericId, environmentFiles, foldersOf, hasColumns, numbered, numbersIn, readNames } from './byName';

const migration = /^(\d+)_?(.*)\.sql$/;

export const dbmate: MigrationTool = {
  id: 'dbmate',
  label: 'dbmate',
  readsTexts: false,
  columns: ['version'],
  isTable: (table) => table.name === 'schema_migrations' && table.columns.length === 1 && hasColumns(table, ['version']),
  detect: async (workspace) => {
    const found = await withMark(workspace, /^--\s*migrate:up\b/m);
    return found.map(([folder, files]) => {
      const usual = /(?:^|\/)db\/migrations$/;
      const root = usual.test(folder) ? folder.replace(usual, '') : folderOf(folder);
      return { tool: 'dbmate', root, locations: [folder], files, config: environmentFiles(root, workspace) };
    });
  },
  readFiles: async (folder) => readNames(folder, numbered(migration), byNumericId),
  compare: (files, rows) => compareSets(files, numbersIn(rows, 'version')),
};

/** Folders of numbered SQL files of which the first bears the mark of a tool. */
export async function withMark(workspace: Workspace, mark: RegExp): Promise<readonly (readonly [folder: string, files: readonly string[]])[]> {
  const folders = foldersOf(workspace, (file) => migration.test(posix.basename(file)) && !/\.(?:up|down)\.sql$/.test(file));
  const marked = await Promise.all(folders.map(async ([, files]) => mark.test((await workspace.read(files[0] ?? '')) ?? '')));
  return folders.filter((_, index) => marked[index] === true);
}
