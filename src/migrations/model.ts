/** The tools whose migrations are understood. */
export const toolIds = [
  'alembic',
  'django',
  'rails',
  'ecto',
  'ef-core',
  'flyway',
  'golang-migrate',
  'goose',
  'dbmate',
  'supabase',
  'prisma',
  'drizzle',
  'sequelize',
  'knex',
  'typeorm',
  'node-pg-migrate',
  'plain-sql',
] as const;
export type ToolId = (typeof toolIds)[number];

/** One migration as its file tells it. */
export interface Revision {
  /** What the version table calls it. */
  readonly id: string;
  /** Its message, or what its file's name says. */
  readonly name: string;
  /** Below the folder that was searched, with slashes; empty for a migration that is known by name only. */
  readonly file: string;
  /** The revisions that come right before it, those that it merges if there are several. */
  readonly parents: readonly string[];
  /** Revisions of other branches that must be applied before it. */
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  /** As written in the file or its name. */
  readonly date?: string;
}

/** Something about files or tables that a user must know. */
export interface StatusProblem {
  readonly code:
    | 'multiple-heads'
    | 'unknown-revision'
    | 'dirty'
    | 'failed'
    | 'checksum'
    | 'out-of-order'
    | 'skipped'
    | 'locked'
    | 'missing-parent'
    | 'duplicate-revision'
    | 'unreadable-file'
    | 'files-missing'
    | 'cycle';
  readonly message: string;
  readonly remedy: string;
}

/** Where the migrations of one tool lie. Paths are below the folder that was searched, with slashes. */
export interface MigrationFolder {
  readonly tool: ToolId;
  /** Where the tool is run; empty for the folder that was searched itself. */
  readonly root: string;
  /** The folders that hold the migrations. */
  readonly locations: readonly string[];
  /** The migration files, in the order of their names. */
  readonly files: readonly string[];
  /** Files that may say which database is meant. */
  readonly config: readonly string[];
}

/** What all files of a folder say. */
export interface FilesRead {
  /** From the first to the last, each after those that it needs. */
  readonly revisions: readonly Revision[];
  readonly problems: readonly StatusProblem[];
  /** By revision: what the tool would note of the file's content. */
  readonly checksums?: ReadonlyMap<string, string>;
}

/** A table in which some tool notes what it has done. */
export interface VersionTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** A row of a version table, every value as Postgres writes it as text. */
export type VersionRow = Readonly<Record<string, string | null>>;

/** What a version table says against the files. */
export interface Comparison {
  /** The last revisions of the files; several when branches have not been merged. */
  readonly heads: readonly string[];
  /** What the database is at. */
  readonly current: readonly string[];
  readonly applied: readonly string[];
  /** What an upgrade would apply, in its order. */
  readonly pending: readonly string[];
  /** What the database has, and the files do not. */
  readonly unknown: readonly string[];
  /** What was begun and not ended. */
  readonly dirty: readonly string[];
  readonly problems: readonly StatusProblem[];
}

export interface MigrationStatus extends Comparison {
  readonly tool: ToolId;
  /** The folder that holds the migrations, absolute; absent where only the table is known. */
  readonly folder?: string;
  /** Schema and name of the version table; absent while there is none, or where only files were read. */
  readonly table?: string;
  /** Whether a database was looked at. */
  readonly compared: boolean;
  readonly revisions: readonly Revision[];
}

/** Files below a folder, however they are read. */
export interface Workspace {
  /** Paths below it, with slashes. */
  readonly files: readonly string[];
  /** Undefined when it cannot be read. */
  readonly read: (file: string) => Promise<string | undefined>;
}

/** What is known of one tool. Nothing of the user's is ever run for it. */
export interface MigrationTool {
  readonly id: ToolId;
  readonly label: string;
  /** Finds its migrations. */
  readonly detect: (workspace: Workspace) => Promise<readonly MigrationFolder[]>;
  /** Whether the files' names do not say enough. */
  readonly readsTexts: boolean;
  /** Reads the files. `texts` are those that could be read, by path; empty when names are enough. */
  readonly readFiles: (folder: MigrationFolder, texts: ReadonlyMap<string, string>) => Promise<FilesRead>;
  /** Whether a table is, or may be, its version table. */
  readonly isTable: (table: VersionTable) => boolean;
  /** The columns of the version table that `compare` looks at. */
  readonly columns: readonly string[];
  /** Compares files and rows; `rows` is undefined while there is no table. */
  readonly compare: (files: FilesRead, rows: readonly VersionRow[] | undefined) => Comparison;
}
