import { posix } from 'node:path';
import { compareSets } from '../compare';
import type { MigrationTool } from '../model';
import { stemOf } from '../paths';
import { dateOf, readNames } from './byName';
import { detectScripts } from './javascript';

export const sequelize: MigrationTool = {
  id: 'sequelize',
  label: 'Sequelize',
  readsTexts: false,
  columns: ['name'],
  isTable: ({ name }) => name === 'SequelizeMeta',
  detect: (workspace) =>
    detectScripts(workspace, {
      id: 'sequelize',
      configs: ['.sequelizerc'],
      packages: ['sequelize-cli', 'sequelize'],
      isMigration: (name) => /\.(?:js|cjs|mjs|ts)$/.test(name),
      mark: /\bup\b/,
    }),
  readFiles: async (folder) =>
    readNames(folder, (file) => {
      const [, digits = '', name = stemOf(file)] = /^(\d+)[-_.](.*)$/.exec(stemOf(file)) ?? [];
      return { id: posix.basename(file), name: name.replaceAll(/[-_]/g, ' '), ...dateOf(digits) };
    }),
  compare: (files, rows) => {
    // A project in TypeScript runs what was made of it.
    const asWritten = new Map(files.revisions.map(({ id }) => [id.replace(/\.ts$/, '.js'), id]));
    const known = new Set(files.revisions.map(({ id }) => id));
    return compareSets(
      files,
      (rows ?? []).flatMap(({ name }) => (name === null || name === undefined ? [] : [known.has(name) ? name : (asWritten.get(name) ?? name)])),
    );
  },
};
