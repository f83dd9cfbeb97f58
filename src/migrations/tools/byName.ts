import { posix } from 'node:path';
import { compareSets, numberText } from '../compare';
import { inLine } from '../graph';
import type { FilesRead, MigrationFolder, MigrationTool, ToolId, VersionRow, Workspace } from '../model';
import { byFolder } from '../paths';

/** What the name of a migration file says. */
export interface NamedMigration {
  readonly id: string;
  readonly name: string;
  readonly date?: string;
}

/** The folders in which files of a kind lie, with those files. */
export function foldersOf(workspace: Workspace, isMigration: (file: string) => boolean): readonly (readonly [folder: string, files: readonly string[]])[] {
  return [...byFolder(workspace.files.filter(isMigration))].map(([folder, files]) => [folder, files.toSorted()] as const);
}

/** Reads the names of the files, and puts them in order. */
export function readNames(
  folder: MigrationFolder,
  read: (file: string) => NamedMigration | undefined,
  compare: (a: NamedMigration, b: NamedMigration) => number = byId,
): FilesRead {
  const named = folder.files.flatMap((file) => {
    const migration = read(file);
    return migration === undefined ? [] : [{ ...migration, file }];
  });
  const unique = new Map(named.toReversed().map((each) => [each.id, each]));
  const revisions = inLine([...unique.values()].toSorted(compare));
  const twice = named.filter((each) => unique.get(each.id) !== each);
  return {
    revisions,
    problems: twice.map(({ id, file }) => ({
      code: 'duplicate-revision',
      message: `${file} has the number ${id}, which another file has as well.`,
      remedy: 'Give the newer one a number of its own.',
    })),
  };
}

function byId(a: NamedMigration, b: NamedMigration): number {
  return Number(a.id > b.id) - Number(a.id < b.id);
}

/** Numbers by their size, as most tools count. */
export function byNumericId(a: NamedMigration, b: NamedMigration): number {
  return a.id.length - b.id.length || byId(a, b);
}

/** `20240131094500` as a moment, where a number is one. */
export function dateOf(digits: string): { readonly date?: string } {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(digits);
  if (match === null) return {};
  const [, year, month, day, hour, minute, second] = match;
  return { date: hour === undefined ? `${year}-${month}-${day}` : `${year}-${month}-${day} ${hour}:${minute}:${second}` };
}

/** `0042_add_users.up.sql` by a pattern whose first group is the number and whose second is the name. */
export function numbered(pattern: RegExp): (file: string) => NamedMigration | undefined {
  return (file) => {
    const [, digits, name = ''] = pattern.exec(posix.basename(file)) ?? [];
    return digits === undefined ? undefined : { id: numberText(digits), name: name.replaceAll('_', ' ').replaceAll('-', ' ').trim(), ...dateOf(digits) };
  };
}

/** The values of a column, as numbers are compared. */
export function numbersIn(rows: readonly VersionRow[] | undefined, column: string): readonly string[] {
  return (rows ?? []).flatMap((row) => (row[column] === null || row[column] === undefined ? [] : [numberText(row[column])]));
}

interface NumberedTool {
  readonly id: ToolId;
  readonly label: string;
  readonly pattern: RegExp;
  readonly isMigration: (file: string) => boolean;
  /** Where it is run, for a folder with migrations. */
  readonly root: (folder: string, workspace: Workspace) => string;
  readonly config?: (root: string, workspace: Workspace) => readonly string[];
  readonly isTable: MigrationTool['isTable'];
  readonly column: string;
}

/** A tool that counts its migrations, and notes each that it has applied. */
export function numberedTool({ id, label, pattern, isMigration, root, config, isTable, column }: NumberedTool): MigrationTool {
  return {
    id,
    label,
    readsTexts: false,
    columns: [column],
    isTable,
    detect: async (workspace) =>
      foldersOf(workspace, isMigration).map(([folder, files]) => {
        const place = root(folder, workspace);
        return { tool: id, root: place, locations: [folder], files, config: [...environmentFiles(place, workspace), ...(config?.(place, workspace) ?? [])] };
      }),
    readFiles: async (folder) => readNames(folder, numbered(pattern), byNumericId),
    compare: (files, rows) => compareSets(files, numbersIn(rows, column)),
  };
}

/** The files beside a tool in which variables such as DATABASE_URL are set. */
export function environmentFiles(root: string, { files }: Pick<Workspace, 'files'>): readonly string[] {
  const wanted = ['.env', '.env.local', '.env.development'].map((name) => (root === '' ? name : `${root}/${name}`));
  return wanted.filter((file) => files.includes(file));
}

/** Whether a table has these columns and none of those. */
export function hasColumns({ columns }: { readonly columns: readonly string[] }, wanted: readonly string[], unwanted: readonly string[] = []): boolean {
  return wanted.every((name) => columns.includes(name)) && !unwanted.some((name) => columns.includes(name));
}
