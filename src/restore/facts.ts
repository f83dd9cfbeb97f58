import type { Backup } from '../backup/catalogue';
import type { Manifest } from '../backup/manifest';
import type { TableSummary } from '../backup/tables';
import type { DependentService } from '../operations/dependents';
import type { DatabaseProperties } from '../postgres/catalogue';
import type { DumpForm, DumpOrigin } from './dump/form';
import type { TableName } from './dump/sqlFilter';
import type { DumpSegment } from './dump/summary';

/** A table of another database whose rows are wanted: its columns, and the tables that hold its rows. */
export interface SourceTable extends TableSummary {
  /** Quoted, without generated ones. */
  readonly columns: readonly string[];
  /** Itself, or its partitions, by plain names. */
  readonly holders: readonly TableName[];
}

/** What the source says of a database from outside. */
export type KnownSurroundings = NonNullable<Manifest['surroundings']>;

/** Where a restore takes its data from. */
export type RestoreSource =
  | { readonly kind: 'backup'; readonly backup: Backup }
  /** Another database, dumped for the purpose. */
  | {
      readonly kind: 'database';
      readonly serviceId: string;
      readonly project: string;
      readonly service: string;
      readonly database: string;
      readonly sizeBytes: number;
      readonly properties: DatabaseProperties;
      readonly surroundings: KnownSurroundings;
      /** Read only where rows are wished. */
      readonly tables?: readonly SourceTable[];
    };

export type RestoreScope = 'all' | 'schema' | 'data' | 'tables';
export const restoreScopes: readonly RestoreScope[] = ['all', 'schema', 'data', 'tables'];

/** What becomes of rows that are in a table already: they go, they stay and must not be in the way, or they win. */
export type OnConflict = 'replace' | 'append' | 'skip';
export const conflictChoices: readonly OnConflict[] = ['replace', 'append', 'skip'];

/**
 * What becomes of a row of another database whose primary key is taken: it stays out, its values win, or it gets a new key, which
 * what refers to it follows.
 */
export type MergeConflict = 'skip' | 'update' | 'renumber';
export const mergeChoices: readonly MergeConflict[] = ['skip', 'update', 'renumber'];

/** What may be wished of a restore; what is left out is as the backup has it. */
export interface RestoreWishes {
  readonly scope?: RestoreScope;
  /** Of the scope `tables`: as people write them. */
  readonly tables?: readonly string[];
  readonly onConflict?: OnConflict;
  /** For rows of another database that join those that are there, instead of `onConflict`. */
  readonly merging?: MergeConflict;
  /** Whether objects belong to the database's owner and privileges are left out, where the server lacks roles. */
  readonly withoutOwners?: boolean;
  /** Whether commands of psql in a script are run, in the container. */
  readonly allowMetaCommands?: boolean;
  /** For a database that can no longer be dumped; it is kept as undo all the same. */
  readonly skipSafetyBackup?: boolean;
  /** Of a dump of several databases, the one that is meant. */
  readonly fromName?: string;
  /** Whether it goes beside what services use: into a database that is new, for which nobody has to be stopped. */
  readonly beside?: boolean;
}

/** What is known of a dump before it is loaded. */
export interface DumpKnowledge {
  readonly form: DumpForm;
  readonly origin: DumpOrigin;
  /** Absent where it may not be looked into, for want of a key, or where there is no dump yet. */
  readonly segments?: readonly DumpSegment[];
  /** Whether psql of the server keeps its own commands out of scripts. */
  readonly restricts: boolean;
}

/** What a restore depends on, gathered before anything is decided. */
export interface RestoreFacts {
  readonly id: string;
  readonly now: Date;
  readonly source: RestoreSource;
  readonly dump: DumpKnowledge;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  /** Absent when the database does not exist. */
  readonly present?: {
    readonly properties: DatabaseProperties;
    readonly sizeBytes: number;
    readonly comment: string | null;
    /** Read only where tables are wished. */
    readonly tables?: readonly TableSummary[];
  };
  readonly serverMajor: number;
  readonly serverUser: string;
  readonly roles: readonly string[];
  /** Extensions that the server could create. */
  readonly extensions: readonly string[];
  readonly processors: number;
  /** Bytes free where the cluster lies; undefined where that cannot be told. */
  readonly freeBytes: number | undefined;
  readonly dependents: readonly DependentService[];
  readonly wishes: RestoreWishes;
}
