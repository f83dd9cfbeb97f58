import { posix } from 'node:path';
import { compareSets } from '../compare';
import type { MigrationTool } from '../model';
import { ancestorsOf, folderOf, joinPath, stemOf } from '../paths';
import { dateOf, foldersOf, readNames } from './byName';

const migration = /^(\d{14})_(\w+)\.cs$/;

export const efCore: MigrationTool = {
  id: 'ef-core',
  label: 'EF Core',
  readsTexts: false,
  columns: ['MigrationId'],
  isTable: ({ columns }) => columns.includes('MigrationId'),
  detect: async (workspace) =>
    foldersOf(workspace, (file) => migration.test(posix.basename(file))).map(([folder, files]) => {
      const projects = new Set(workspace.files.filter((file) => file.endsWith('.csproj')).map(folderOf));
      const root = ancestorsOf(folder).find((each) => projects.has(each)) ?? folderOf(folder);
      const settings = ['appsettings.json', 'appsettings.Development.json'].map((name) => joinPath(root, name));
      return { tool: 'ef-core', root, locations: [folder], files, config: settings.filter((file) => workspace.files.includes(file)) };
    }),
  readFiles: async (folder) =>
    readNames(folder, (file) => {
      const [, digits, name = ''] = migration.exec(posix.basename(file)) ?? [];
      return digits === undefined ? undefined : { id: stemOf(file), name, ...dateOf(digits) };
    }),
  compare: (files, rows) =>
    compareSets(
      files,
      (rows ?? []).flatMap(({ MigrationId: id }) => id ?? []),
    ),
};
