import { posix } from 'node:path';
import { byNumber, compareSets, numberText } from '../compare';
import type { MigrationTool } from '../model';
import { environmentFiles, foldersOf, hasColumns, numbered, numbersIn, readNames, byNumericId } from './byName';
import { folderOf } from '../paths';

const migration = /^(\d+)_(.*)\.up\.[^.]+$/;

/** It notes one number only, and whether that one was ended. */
export const golangMigrate: MigrationTool = {
  id: 'golang-migrate',
  label: 'golang-migrate',
  readsTexts: false,
  columns: ['version', 'dirty'],
  isTable: (table) => hasColumns(table, ['version', 'dirty'], ['statements']),
  detect: async (workspace) =>
    foldersOf(workspace, (file) => migration.test(posix.basename(file)) && /\.(?:sql|json)$/.test(file)).map(([folder, files]) => {
      const root = folderOf(folder);
      return { tool: 'golang-migrate', root, locations: [folder], files, config: environmentFiles(root, workspace) };
    }),
  readFiles: async (folder) => readNames(folder, numbered(migration), byNumericId),
  compare: (files, rows) => {
    const [version] = numbersIn(rows, 'version');
    const isDirty = rows?.[0]?.['dirty'] === 'true';
    const before = version === undefined ? [] : files.revisions.map(({ id }) => id).filter((id) => byNumber(numberText(id), version) <= 0);
    const known = version === undefined || before.includes(version) ? before : [...before, version];
    // What was begun and not ended is not applied, and is not pending either: the tool does nothing until it is told how that stands.
    const compared = compareSets(files, known);
    if (!isDirty || version === undefined) return compared;
    return {
      ...compared,
      applied: compared.applied.filter((id) => id !== version),
      dirty: [version],
      problems: [
        {
          code: 'dirty',
          message: `Migration ${version} failed half way, and the database is marked as dirty.`,
          remedy: 'Put right by hand what it left, then force the version that the database is really at; or restore the last backup.',
        },
        ...compared.problems,
      ],
    };
  },
};
