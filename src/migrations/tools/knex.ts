import { posix } from 'node:path';
import { compareSets, listed } from '../compare';
import type { MigrationTool } from '../model';
import { stemOf } from '../paths';
import { dateOf, hasColumns, readNames } from './byName';
import { detectScripts } from './javascript';

export const knex: MigrationTool = {
  id: 'knex',
  label: 'Knex',
  readsTexts: false,
  columns: ['name', 'batch', 'is_locked'],
  isTable: (table) => table.name === 'knex_migrations' && hasColumns(table, ['name', 'batch']),
  detect: (workspace) =>
    detectScripts(workspace, {
      id: 'knex',
      configs: ['knexfile.js', 'knexfile.ts', 'knexfile.cjs', 'knexfile.mjs'],
      packages: ['knex'],
      isMigration: (name) => /\.(?:js|cjs|mjs|ts)$/.test(name),
      mark: /\bup\b/,
    }),
  readFiles: async (folder) =>
    readNames(folder, (file) => {
      const [, digits = '', name = stemOf(file)] = /^(\d+)_(.*)$/.exec(stemOf(file)) ?? [];
      return { id: posix.basename(file), name: name.replaceAll('_', ' '), ...dateOf(digits) };
    }),
  compare: (files, rows = []) => {
    const names = rows.flatMap(({ name }) => name ?? []);
    const compared = compareSets(files, names);
    const corrupt = compared.unknown.length > 0;
    return {
      ...compared,
      problems: [
        ...compared.problems.map((problem) =>
          corrupt && problem.code === 'unknown-revision'
            ? { ...problem, message: `${problem.message} Knex takes the folder for corrupt, and does nothing while ${listed(compared.unknown)} is missing.` }
            : problem,
        ),
        ...(rows.some((row) => row['is_locked'] === '1')
          ? [
              {
                code: 'locked' as const,
                message: 'The lock of the migrations is held.',
                remedy: 'If no migration runs at the moment, one was interrupted: look at what it left, then run "knex migrate:unlock".',
              },
            ]
          : []),
      ],
    };
  },
};
