import { posix } from 'node:path';
import { compareSets, numberText } from '../compare';
import type { FilesRead, MigrationTool, VersionRow } from '../model';
import { folderOf, stemOf } from '../paths';
import { byNumericId, environmentFiles, foldersOf, hasColumns, numbered, readNames } from './byName';

const migration = /^(\d+)[_.-](.+)\.sql$/;

/** Numbered SQL files and a table of the project's own making; which of a row's forms the project writes shows by the files. */
export const plainSql: MigrationTool = {
  id: 'plain-sql',
  label: 'SQL files',
  readsTexts: false,
  columns: ['version'],
  isTable: (table) => table.name === 'schema_migrations' && hasColumns(table, ['version'], ['dirty', 'inserted_at', 'statements']),
  detect: async (workspace) =>
    foldersOf(workspace, (file) => migration.test(posix.basename(file)) && !/\.(?:up|down)\.sql$/.test(file)).map(([folder, files]) => {
      const root = folderOf(folder);
      return { tool: 'plain-sql', root, locations: [folder], files, config: environmentFiles(root, workspace) };
    }),
  readFiles: async (folder) => readNames(folder, numbered(migration), byNumericId),
  compare: (files, rows) => compareSets(files, idsOf(files, rows ?? [])),
};

/** `001`, `1`, `001_users` and `001_users.sql` all mean the same file. */
export function idsOf({ revisions }: FilesRead, rows: readonly VersionRow[]): readonly string[] {
  const byForm = new Map(revisions.flatMap(({ id, file }) => [posix.basename(file), stemOf(file), id].map((form) => [form, id] as const)));
  return rows.flatMap(({ version }) => (version === null || version === undefined ? [] : [byForm.get(version) ?? byForm.get(numberText(version)) ?? version]));
}
