/** A stretch of the file, as UTF-16 offsets; `to` is the first that does not belong to it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A table as the migration names it. */
export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

/** A type in Postgres' words, such as `varchar(50)`; undefined where the file does not tell. */
export type TypeName = string | undefined;

/** A default that the database knows, as SQL where that can be told. */
export interface Default {
  readonly sql?: string;
  /** Whether each row gets a value of its own, so that the table is rewritten. */
  readonly volatile: boolean;
  /** The functions for which it is taken to be so. */
  readonly calls?: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly type: TypeName;
  readonly nullable: boolean;
  readonly default?: Default;
  /** A default that only the program knows which wrote the migration, such as SQLAlchemy's `default=`. */
  readonly defaultInProgram?: true;
  readonly generated?: 'stored' | 'identity';
  readonly primaryKey?: true;
  readonly unique?: true;
  /** The table that the column refers to. */
  readonly references?: TableName;
  readonly span: Span;
}

/** What an unknown part of the statement is: the rules must not guess. */
export type Unknown = undefined;

interface Place {
  /** The whole statement. */
  readonly span: Span;
  /** What a warning underlines: the part of the statement that matters. */
  readonly focus: Span;
  /** Whether the statement runs in a transaction that the tool, or the file, has opened. */
  readonly inTransaction: boolean;
}

/** What a statement does to the database, without a word of how it was written. */
export type Effect =
  | { readonly kind: 'createTable'; readonly table: TableName | Unknown; readonly columns: readonly Column[]; readonly ifNotExists: boolean }
  | { readonly kind: 'dropTable'; readonly table: TableName | Unknown; readonly cascade: boolean }
  | { readonly kind: 'renameTable'; readonly table: TableName | Unknown; readonly to: string | Unknown }
  | { readonly kind: 'addColumn'; readonly table: TableName | Unknown; readonly column: Column }
  | { readonly kind: 'dropColumn'; readonly table: TableName | Unknown; readonly column: string | Unknown }
  | { readonly kind: 'renameColumn'; readonly table: TableName | Unknown; readonly column: string | Unknown; readonly to: string | Unknown }
  | { readonly kind: 'setNotNull'; readonly table: TableName | Unknown; readonly column: string | Unknown }
  | { readonly kind: 'dropNotNull'; readonly table: TableName | Unknown; readonly column: string | Unknown }
  | {
      readonly kind: 'setType';
      readonly table: TableName | Unknown;
      readonly column: string | Unknown;
      readonly type: TypeName;
      readonly existingType: TypeName;
      readonly using?: string;
    }
  | {
      readonly kind: 'addForeignKey';
      readonly table: TableName | Unknown;
      readonly columns: readonly string[];
      readonly target: TableName | Unknown;
      readonly targetColumns: readonly string[];
      readonly name?: string;
      readonly notValid: boolean;
    }
  | { readonly kind: 'addCheck'; readonly table: TableName | Unknown; readonly expression?: string; readonly name?: string; readonly notValid: boolean }
  | {
      readonly kind: 'addUnique';
      readonly table: TableName | Unknown;
      readonly columns: readonly string[];
      readonly name?: string;
      /** Made of an index that is there already, which costs nothing. */
      readonly usingIndex: boolean;
    }
  | {
      readonly kind: 'addPrimaryKey';
      readonly table: TableName | Unknown;
      readonly columns: readonly string[];
      readonly name?: string;
      readonly usingIndex: boolean;
    }
  | { readonly kind: 'validateConstraint'; readonly table: TableName | Unknown; readonly name?: string }
  | { readonly kind: 'dropConstraint'; readonly table: TableName | Unknown; readonly name?: string }
  | {
      readonly kind: 'createIndex';
      readonly table: TableName | Unknown;
      readonly columns: readonly string[];
      readonly name?: string;
      readonly unique: boolean;
      readonly partial: boolean;
      readonly concurrently: boolean;
      readonly ifNotExists: boolean;
    }
  | {
      readonly kind: 'dropIndex';
      readonly table: TableName | Unknown;
      readonly name?: string;
      readonly schema?: string;
      readonly concurrently: boolean;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'concurrent'; readonly what: 'reindex' | 'refresh' | 'detach'; readonly table: TableName | Unknown; readonly concurrently: boolean }
  | { readonly kind: 'changeRows'; readonly what: 'update' | 'delete'; readonly table: TableName | Unknown; readonly where?: string; readonly limited: boolean }
  | { readonly kind: 'insertRows'; readonly table: TableName | Unknown }
  | { readonly kind: 'truncate'; readonly tables: readonly TableName[]; readonly cascade: boolean }
  | { readonly kind: 'dropDatabase'; readonly name: string }
  /** Something else than a table that is dropped with whatever needs it; `what` in the words of SQL, in small letters. */
  | { readonly kind: 'dropCascade'; readonly what: string; readonly names: readonly string[] }
  | { readonly kind: 'disableTriggers'; readonly table: TableName | Unknown; readonly checksToo: boolean }
  | { readonly kind: 'constrainDomain'; readonly name: string }
  | { readonly kind: 'setTimeout'; readonly setting: string }
  | { readonly kind: 'transaction'; readonly action: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'opaque'; readonly why: string }
  | { readonly kind: 'other'; readonly locks?: TableName };

export type Statement = Place & Effect;
export type StatementOf<Kind extends Effect['kind']> = Place & Extract<Effect, { readonly kind: Kind }>;

/** The statements of one direction, in the order in which they run. */
export interface Section {
  readonly direction: 'up' | 'down';
  /** What names the section in the file, for warnings about the section as a whole. */
  readonly heading: Span;
  readonly statements: readonly Statement[];
  /** Whether somebody wrote that it does nothing, or that it refuses. */
  readonly body: 'statements' | 'empty' | 'refuses';
}

/** Who the migration is, for tools whose files say so. */
export interface Revision {
  readonly id: string;
  readonly parents: readonly string[];
  readonly labels: readonly string[];
  readonly dependsOn: readonly string[];
  readonly span: Span;
}

export type Tool = 'alembic' | 'sql' | 'knex' | 'sequelize' | 'typeorm' | 'node-pg-migrate';

/** What a file holds, in whatever language it is written. */
export interface Migration {
  readonly tool: Tool;
  readonly sections: readonly Section[];
  /** Whether the tool expects a way back in the file. */
  readonly wantsDown: boolean;
  readonly revision?: Revision;
  /** The first place that cannot be read: half typed, or wrong. */
  readonly broken?: Span & { readonly why: string };
  readonly comments: readonly (Span & { readonly text: string })[];
}

/** A table's name as people write it. */
export function tableText({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

export function isSameTable(a: TableName | Unknown, b: TableName | Unknown): boolean {
  return a !== undefined && b !== undefined && a.name === b.name && (a.schema ?? 'public') === (b.schema ?? 'public');
}
