import path from 'node:path';
import type { FilesRead, MigrationFolder, MigrationStatus, ToolId, VersionRow, VersionTable, Workspace } from './model';
import { readTexts } from './scan';
import { tools } from './tools/all';
import { tableText } from './versionTables';

/** Migrations as their files are, before any database is asked. */
export interface ReadFolder {
  readonly folder: MigrationFolder;
  /** The folder that was searched, absolute. */
  readonly base: string;
  readonly files: FilesRead;
}

/** A version table with its rows. */
export interface ReadTable {
  readonly table: VersionTable;
  readonly rows: readonly VersionRow[];
}

/** Reads the files of migrations that were found. Runs nothing. */
export async function readFolder(workspace: Workspace, base: string, folder: MigrationFolder): Promise<ReadFolder> {
  const tool = tools[folder.tool];
  const texts = tool.readsTexts ? await readTexts(workspace, folder.files) : new Map<string, string>();
  return { folder, base, files: await tool.readFiles(folder, texts) };
}

/** The status of migrations in a database; of the files alone when there is none. Pure. */
export function statusOf({ folder, base, files }: ReadFolder, database?: { readonly found?: ReadTable }): MigrationStatus {
  const tool = tools[folder.tool];
  return {
    tool: folder.tool,
    folder: path.join(base, folder.locations[0] ?? folder.root),
    ...(database?.found === undefined ? {} : { table: tableText(database.found.table) }),
    compared: database !== undefined,
    revisions: files.revisions,
    ...tool.compare(files, database?.found?.rows),
  };
}

/** What can be said of a version table for which no files were found. */
export function tableStatus(tool: ToolId, { table, rows }: ReadTable): MigrationStatus {
  const compared = tools[tool].compare({ revisions: [], problems: [] }, rows);
  return {
    tool,
    table: tableText(table),
    compared: true,
    revisions: [],
    ...compared,
    problems: [
      {
        code: 'files-missing',
        message: `The migration files of ${tableText(table)} were not found.`,
        remedy: 'Open the folder that holds them.',
      },
    ],
  };
}
