import type { Session } from '../../postgres/session';
import { literal } from '../../postgres/quote';
import { keyOf, type Facts, type Schema, type SchemaObject } from './model';
import { commentsQuery, dependenciesQuery, objectQueries, privilegesQuery, type ObjectRow } from './queries';

interface Address {
  readonly class: string;
  readonly oid: number;
  readonly sub: number;
}

interface PrivilegeRow extends Address {
  readonly type: string;
  readonly name: string;
  /** Empty for the owner. */
  readonly grantee: string;
  readonly privileges: string;
  readonly grantable: boolean;
}

interface CommentRow extends Address {
  readonly type: string;
  readonly identity: string;
  readonly description: string;
}

interface DependencyRow extends Address {
  readonly refclass: string;
  readonly refoid: number;
  readonly refsub: number;
}

/**
 * Reads all objects of a database but its rows, from the catalogues, as one moment has them. Owners are not read: they are
 * other roles on another server. Throws what a session throws.
 */
export async function readSchema(session: Session): Promise<Schema> {
  await session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ''");
  try {
    return await read(session);
  } finally {
    await session.execute('COMMIT').catch(() => undefined); // a session that broke has ended it
  }
}

/** The same within a transaction that is open, of which it is to be seen. Changes its search path. */
export async function readSchemaWithin(session: Session): Promise<Schema> {
  await session.execute("SET LOCAL search_path = ''");
  return read(session);
}

async function read(session: Session): Promise<Schema> {
  const objects = new Map<string, SchemaObject>();
  const keys = new Map<string, string>();
  const add = (object: SchemaObject): string => {
    objects.set(keyOf(object), object);
    return keyOf(object);
  };
  for (const query of objectQueries) {
    for (const { table, facts, ...row } of await session.query<ObjectRow>(query)) {
      const { kind, name, sql } = row;
      keys.set(place(row), add({ kind, name, sql, facts: present(facts), ...(table === null ? {} : { table }) }));
    }
  }
  const owner = (address: Address): string | undefined => keys.get(place(address)) ?? keys.get(place({ ...address, sub: 0 }));
  for (const object of privilegeObjects(await session.query<PrivilegeRow>(privilegesQuery), owner)) add(object);
  for (const comment of await session.query<CommentRow>(commentsQuery)) add(commentObject(comment, owner(comment)));
  const needs = new Map<string, Set<string>>();
  for (const row of await session.query<DependencyRow>(dependenciesQuery)) {
    const from = owner(row);
    const to = owner({ class: row.refclass, oid: row.refoid, sub: row.refsub });
    if (from !== undefined && to !== undefined && from !== to) needs.set(from, (needs.get(from) ?? new Set()).add(to));
  }
  return { objects, needs };
}

function place({ class: catalogue, oid, sub }: Address): string {
  return `${catalogue} ${oid} ${sub}`;
}

function present(facts: ObjectRow['facts']): Facts {
  return Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** One object for all privileges on another, by grantee; the owner goes by that word, for he is another on another server. */
function privilegeObjects(rows: readonly PrivilegeRow[], owner: (address: Address) => string | undefined): readonly SchemaObject[] {
  const byName = new Map<string, { readonly of: string | undefined; readonly facts: Record<string, string> }>();
  for (const { type, name, grantee, privileges, grantable, ...address } of rows) {
    const full = `${type} ${name}`;
    const entry = byName.get(full) ?? { of: owner(address), facts: {} };
    byName.set(full, entry);
    entry.facts[`${grantee === '' ? 'owner' : grantee}${grantable && grantee !== '' ? ' with grant option' : ''}`] = privileges;
  }
  return [...byName].map(([name, { of, facts }]) => ({
    kind: 'privileges',
    name,
    facts,
    sql: Object.entries(facts)
      .map(([grantee, privileges]) => `GRANT ${privileges} ON ${name} TO ${grantee}`)
      .join(';\n'),
    ...(of === undefined ? {} : { of }),
  }));
}

// Where the word of `COMMENT ON` is not the one by which the server calls a thing.
const commentWords: Readonly<Record<string, readonly [word: string, before?: readonly [part: string, by: string]]>> = {
  'table column': ['COLUMN'],
  'view column': ['COLUMN'],
  'materialized view column': ['COLUMN'],
  'foreign table column': ['COLUMN'],
  'composite type column': ['COLUMN'],
  'composite type': ['TYPE'],
  'table constraint': ['CONSTRAINT'],
  'domain constraint': ['CONSTRAINT', [' on ', ' ON DOMAIN ']],
  'statistics object': ['STATISTICS'],
};

function commentObject({ type, identity, description }: CommentRow, of: string | undefined): SchemaObject {
  const [word, replaced] = commentWords[type] ?? [type.toUpperCase()];
  const name = `${word} ${replaced === undefined ? identity : identity.replace(...replaced)}`;
  const sql = `COMMENT ON ${name} IS ${literal(description)}`;
  return { kind: 'comment', name, facts: { text: description }, sql, ...(of === undefined ? {} : { of }) };
}
