/** In the order in which they are made, where nothing else decides. */
export const objectKinds = [
  'schema',
  'extension',
  'enum',
  'domain',
  'composite type',
  'range type',
  'sequence',
  'function',
  'table',
  'column',
  'view',
  'materialized view',
  'constraint',
  'index',
  'statistics',
  'trigger',
  'rule',
  'policy',
  'event trigger',
  'privileges',
  'comment',
] as const;

export type ObjectKind = (typeof objectKinds)[number];

/** What an object is like, fact by fact; what does not apply is left out. */
export type Facts = Readonly<Record<string, string>>;

/** One object of a schema, whoever owns it. */
export interface SchemaObject {
  readonly kind: ObjectKind;
  /** Qualified and quoted, as SQL wants it; unique in its kind. */
  readonly name: string;
  /** The relation that it is a part of, by its name. */
  readonly table?: string;
  readonly facts: Facts;
  /** A statement that makes it, without a semicolon; of a column, its part of the table's statement. */
  readonly sql: string;
  /** The key of what privileges or a comment are of. */
  readonly of?: string;
}

/** All that a database holds but its rows. */
export interface Schema {
  /** By `keyOf`. */
  readonly objects: ReadonlyMap<string, SchemaObject>;
  /** What each object needs, both by key. */
  readonly needs: ReadonlyMap<string, ReadonlySet<string>>;
}

export function keyOf({ kind, name }: Pick<SchemaObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}
