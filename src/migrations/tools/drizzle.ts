import * as z from 'zod';
import { compareSets, listed } from '../compare';
import { inLine } from '../graph';
import type { FilesRead, MigrationFolder, MigrationTool } from '../model';
import { folderOf, joinPath, nearestWith } from '../paths';
import { environmentFiles, hasColumns } from './byName';

const configs = ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json'];
const journalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });

/** It notes times, and applies what is newer than the newest of them. */
export const drizzle: MigrationTool = {
  id: 'drizzle',
  label: 'Drizzle',
  readsTexts: true,
  columns: ['hash', 'created_at'],
  isTable: (table) => table.name === '__drizzle_migrations' && hasColumns(table, ['hash', 'created_at']),
  detect: async (workspace) =>
    workspace.files
      .filter((file) => /(?:^|\/)meta\/_journal\.json$/.test(file))
      .map((journal): MigrationFolder => {
        const folder = folderOf(folderOf(journal));
        const root = nearestWith(configs, folder, new Set(workspace.files)) ?? folderOf(folder);
        const own = configs.map((name) => joinPath(root, name)).filter((file) => workspace.files.includes(file));
        return { tool: 'drizzle', root, locations: [folder], files: [journal], config: [...own, ...environmentFiles(root, workspace)] };
      }),
  readFiles: async ({ files: [journal = ''], locations: [folder = ''] }, texts) => readJournal(texts.get(journal) ?? '', folder, journal),
  compare: (files, rows = []) => {
    const times = rows.map((row) => Number(row['created_at']));
    const newest = Math.max(0, ...times);
    const skipped = files.revisions.filter(({ id }) => timeOf(files, id) <= newest && !times.includes(timeOf(files, id)));
    const done = files.revisions.filter((revision) => timeOf(files, revision.id) <= newest && !skipped.includes(revision)).map(({ id }) => id);
    const known = new Set(files.revisions.map(({ id }) => timeOf(files, id)));
    const unknown = times.filter((time) => !known.has(time)).map(String);
    const compared = compareSets(files, [...done, ...unknown]);
    return {
      ...compared,
      pending: compared.pending.filter((id) => timeOf(files, id) > newest),
      problems: [
        ...compared.problems,
        ...(skipped.length === 0
          ? []
          : [
              {
                code: 'skipped' as const,
                message: `Drizzle will skip ${listed(skipped.map(({ id }) => id))} without a word: older than what was applied last.`,
                remedy: 'Generate it anew, so that it gets a newer time.',
              },
            ]),
      ],
    };
  },
};

function timeOf({ checksums }: FilesRead, id: string): number {
  return Number(checksums?.get(id) ?? 0);
}

function readJournal(text: string, folder: string, journal: string): FilesRead {
  const parsed = journalSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    const message = `${journal} cannot be read.`;
    return { revisions: [], problems: [{ code: 'unreadable-file', message, remedy: 'Bring it back from version control.' }] };
  }
  const entries = parsed.data.entries.toSorted((a, b) => a.when - b.when);
  const revisions = inLine(
    entries.map(({ tag, when }) => ({
      id: tag,
      name: tag.replace(/^\d+_/, '').replaceAll('_', ' '),
      file: joinPath(folder, `${tag}.sql`),
      date: new Date(when).toISOString().slice(0, 19).replace('T', ' '),
    })),
  );
  return { revisions, problems: [], checksums: new Map(entries.map(({ tag, when }) => [tag, String(when)])) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // then it is not what is looked for
  }
}
