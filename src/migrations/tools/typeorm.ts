import { compareSets } from '../compare';
import { inLine } from '../graph';
import type { MigrationTool } from '../model';
import { hasColumns } from './byName';
import { detectScripts } from './javascript';

const migrationClass = /\bclass\s+([A-Za-z_$][\w$]*)(?:\s+implements\s+[^{]*\bMigrationInterface\b)?/;

/** The class names count; their last thirteen digits are the time of their making. */
export const typeorm: MigrationTool = {
  id: 'typeorm',
  label: 'TypeORM',
  readsTexts: true,
  columns: ['timestamp', 'name'],
  isTable: (table) => hasColumns(table, ['timestamp', 'name']) && table.columns.length <= 3 && /migrations/i.test(table.name),
  detect: (workspace) =>
    detectScripts(workspace, {
      id: 'typeorm',
      configs: ['ormconfig.json', 'ormconfig.js', 'ormconfig.ts'],
      packages: ['typeorm'],
      isMigration: (name) => /\.(?:ts|js)$/.test(name),
      mark: /\bclass\s+\w+\d{13}|MigrationInterface/,
    }),
  readFiles: async (folder, texts) => {
    const named = folder.files.flatMap((file) => {
      const text = texts.get(file) ?? '';
      const id = /^\s*name\s*(?::\s*string\s*)?=\s*["']([^"']+)["']/m.exec(text)?.[1] ?? migrationClass.exec(text)?.[1];
      const time = id === undefined ? '' : (/(\d{13})$/.exec(id)?.[1] ?? '');
      return id === undefined || time === ''
        ? []
        : [{ id, name: id.slice(0, -13), file, time, date: new Date(Number(time)).toISOString().slice(0, 19).replace('T', ' ') }];
    });
    const revisions = inLine(named.toSorted((a, b) => Number(a.time) - Number(b.time)).map(({ time: _time, ...each }) => each));
    return { revisions, problems: [] };
  },
  compare: (files, rows) =>
    compareSets(
      files,
      (rows ?? []).flatMap(({ name }) => name ?? []),
    ),
};
