import { compareSets, refusesLate } from '../compare';
import type { MigrationTool } from '../model';
import { stemOf } from '../paths';
import { dateOf, readNames, type NamedMigration } from './byName';
import { detectScripts } from './javascript';

export const nodePgMigrate: MigrationTool = {
  id: 'node-pg-migrate',
  label: 'node-pg-migrate',
  readsTexts: false,
  columns: ['name', 'run_on'],
  isTable: ({ name }) => name === 'pgmigrations',
  detect: (workspace) =>
    detectScripts(workspace, {
      id: 'node-pg-migrate',
      configs: [],
      packages: ['node-pg-migrate'],
      isMigration: (name) => /^\d+[_-].*\.(?:js|cjs|mjs|ts|sql)$/.test(name),
    }),
  readFiles: async (folder) =>
    readNames(
      folder,
      (file) => {
        const id = stemOf(file);
        const [, digits = '', name = id] = /^(\d+)[_-](.*)$/.exec(id) ?? [];
        const made = digits.length === 13 ? { date: new Date(Number(digits)).toISOString().slice(0, 19).replace('T', ' ') } : dateOf(digits.slice(0, 14));
        return { id, name: name.replaceAll(/[-_]/g, ' '), ...made };
      },
      byPrefix,
    ),
  compare: (files, rows) =>
    compareSets(
      files,
      (rows ?? []).flatMap(({ name }) => name ?? []),
      { order: refusesLate },
    ),
};

/** By the time before the name, then by the name. */
function byPrefix(a: NamedMigration, b: NamedMigration): number {
  const [first, second] = [a, b].map(({ id }) => Number(/^\d+/.exec(id)?.[0] ?? 0));
  return (first ?? 0) - (second ?? 0) || (a.id < b.id ? -1 : 1);
}
