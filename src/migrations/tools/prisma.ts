import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { checksumProblem, compareSets, failedProblem } from '../compare';
import type { MigrationFolder, MigrationTool, VersionRow } from '../model';
import { folderOf, joinPath } from '../paths';
import { dateOf, environmentFiles, hasColumns, readNames } from './byName';

const migration = /(?:^|\/)migrations\/[^/]+\/migration\.sql$/;

export const prisma: MigrationTool = {
  id: 'prisma',
  label: 'Prisma',
  readsTexts: true,
  columns: ['migration_name', 'checksum', 'finished_at', 'rolled_back_at', 'started_at'],
  isTable: (table) => hasColumns(table, ['migration_name', 'finished_at', 'rolled_back_at']),
  detect: async ({ files }) => {
    const own = files.filter((file) => migration.test(file));
    return [...new Set(own.map((file) => folderOf(folderOf(file))))].map((folder): MigrationFolder => {
      const schema = folderOf(folder);
      const root = posix.basename(schema) === 'prisma' ? folderOf(schema) : schema;
      const config = [...environmentFiles(root, { files }), ...environmentFiles(schema, { files }), joinPath(schema, 'schema.prisma')];
      return {
        tool: 'prisma',
        root,
        locations: [folder],
        files: own.filter((file) => folderOf(folderOf(file)) === folder).toSorted(),
        config: [...new Set(config)].filter((file) => files.includes(file)),
      };
    });
  },
  readFiles: async (folder, texts) => ({
    ...readNames(folder, (file) => {
      const id = posix.basename(folderOf(file));
      const [, digits = '', name = id] = /^(\d+)_(.*)$/.exec(id) ?? [];
      return { id, name: name.replaceAll('_', ' '), ...dateOf(digits) };
    }),
    checksums: new Map(
      folder.files.flatMap((file) => {
        const text = texts.get(file);
        return text === undefined ? [] : [[posix.basename(folderOf(file)), createHash('sha256').update(text).digest('hex')] as const];
      }),
    ),
  }),
  compare: (files, rows = []) => {
    const newest = newestByName(rows);
    const standing = [...newest].filter(([, row]) => row['rolled_back_at'] === null);
    const failed = standing.filter(([, row]) => row['finished_at'] === null).map(([name]) => name);
    const changed = standing
      .filter(([name, row]) => row['finished_at'] !== null && files.checksums?.has(name) === true && files.checksums.get(name) !== row['checksum'])
      .map(([name]) => name);
    const compared = compareSets(
      files,
      standing.map(([name]) => name),
    );
    return {
      ...compared,
      applied: compared.applied.filter((id) => !failed.includes(id)),
      current: compared.current.filter((id) => !failed.includes(id)),
      dirty: failed,
      problems: [...failedProblem(failed, 'tell Prisma with "prisma migrate resolve"'), ...compared.problems, ...checksumProblem(changed)],
    };
  },
};

/** A migration that was tried several times has several rows. */
function newestByName(rows: readonly VersionRow[]): ReadonlyMap<string, VersionRow> {
  return new Map(rows.toSorted((a, b) => ((a['started_at'] ?? '') < (b['started_at'] ?? '') ? -1 : 1)).map((row) => [row['migration_name'] ?? '', row]));
}
