import type { Facts, ObjectKind, SchemaObject } from './model';

/** A statement of a draft, without its semicolon. */
export interface Statement {
  readonly sql: string;
  /** What may go wrong with it, or be lost by it; left out where nothing is. */
  readonly risk?: string;
}

const parts: Readonly<Partial<Record<ObjectKind, string>>> = { trigger: 'TRIGGER', rule: 'RULE', policy: 'POLICY' };

const words: Readonly<Partial<Record<ObjectKind, string>>> = {
  schema: 'SCHEMA',
  extension: 'EXTENSION',
  enum: 'TYPE',
  domain: 'DOMAIN',
  'composite type': 'TYPE',
  'range type': 'TYPE',
  sequence: 'SEQUENCE',
  view: 'VIEW',
  'materialized view': 'MATERIALIZED VIEW',
  index: 'INDEX',
  statistics: 'STATISTICS',
  'event trigger': 'EVENT TRIGGER',
};

/** Drops an object, and nothing else with it: whatever still needs it makes this fail. */
export function dropStatement({ kind, name, table = '', facts }: SchemaObject): Statement {
  if (kind === 'table') return { sql: `DROP ${facts['server'] === undefined ? '' : 'FOREIGN '}TABLE ${name}`, risk: 'loses all rows of the table' };
  if (kind === 'column') return { sql: `ALTER TABLE ${table} DROP COLUMN ${facts['column'] ?? ''}`, risk: 'loses the values of the column' };
  if (kind === 'constraint') return { sql: `ALTER TABLE ${table} DROP CONSTRAINT ${facts['constraint'] ?? ''}` };
  if (kind === 'function') return { sql: `DROP ${(facts['kind'] ?? 'function').toUpperCase()} ${name}` };
  if (kind === 'comment') return { sql: `COMMENT ON ${name} IS NULL` };
  const part = parts[kind];
  if (part !== undefined) return { sql: `DROP ${part} ${facts[kind] ?? ''} ON ${table}` };
  return { sql: `DROP ${words[kind] ?? ''} ${name}` };
}

/** Makes an object; a table with its columns. */
export function createStatements(object: SchemaObject, columns: readonly SchemaObject[]): readonly Statement[] {
  const { kind, name, table = '', facts, sql } = object;
  if (kind === 'table') return createTable(object, columns);
  if (kind === 'column') {
    const needsValue = facts['not null'] !== undefined && facts['default'] === undefined && facts['generated'] === undefined && facts['identity'] === undefined;
    return [{ sql: `ALTER TABLE ${table} ADD COLUMN ${sql}`, ...(needsValue ? { risk: 'fails where the table has rows: a value is missing' } : {}) }];
  }
  if (kind === 'constraint')
    return [{ sql, risk: facts['validated'] === 'no' ? 'locks the table for a moment' : 'fails where rows break it; locks the table while it looks' }];
  if (kind === 'index') return [{ sql, risk: 'keeps writers out while it is built' }, ...clustered(object)];
  return [{ sql }, ...(facts['enabled'] === undefined ? [] : enableStatements(kind, name, table, facts))];
}

function createTable({ name, facts, sql }: SchemaObject, columns: readonly SchemaObject[]): readonly Statement[] {
  const list = columns.map((column) => `\n  ${column.sql}`).join(',');
  const isPartition = facts['bound'] !== undefined;
  const body = isPartition ? ` PARTITION OF ${facts['partition of'] ?? ''} ${facts['bound'] ?? ''}` : ` (${list}${list === '' ? '' : '\n'})`;
  const inherits = facts['inherits'] === undefined ? '' : ` INHERITS (${facts['inherits']})`;
  const key = facts['partition key'] === undefined ? '' : ` PARTITION BY ${facts['partition key']}`;
  const server = facts['server'] === undefined ? '' : ` SERVER ${facts['server']}`;
  const settings = facts['options'] === undefined ? '' : ` WITH (${facts['options']})`;
  return [{ sql: `${sql}${body}${inherits}${key}${server}${settings}` }, ...rowSecurity(name, {}, facts)];
}

/** What turns row level security on or off, from what it was. */
export function rowSecurity(name: string, from: Facts, to: Facts): readonly Statement[] {
  const change = (fact: string, on: string, off: string): readonly Statement[] =>
    from[fact] === to[fact]
      ? []
      : [{ sql: `ALTER TABLE ${name} ${to[fact] === undefined ? off : on} ROW LEVEL SECURITY`, risk: 'changes which rows roles see' }];
  return [...change('row level security', 'ENABLE', 'DISABLE'), ...change('forced row level security', 'FORCE', 'NO FORCE')];
}

function clustered({ name, table = '', facts }: SchemaObject): readonly Statement[] {
  return facts['clustered'] === undefined ? [] : [{ sql: `ALTER TABLE ${table} CLUSTER ON ${name.slice(schemaOf(name).length + 1)}` }];
}

/** The schema of a qualified name, as it is written. */
function schemaOf(name: string): string {
  return /^(?:"(?:[^"]|"")*"|[^".]*)/.exec(name)?.[0] ?? '';
}

const enabling: Readonly<Record<string, string>> = { disabled: 'DISABLE', 'on replicas': 'ENABLE REPLICA', always: 'ENABLE ALWAYS' };

/** When a trigger or rule fires, as its facts have it. */
export function enableStatements(kind: ObjectKind, name: string, table: string, facts: Facts): readonly Statement[] {
  const how = enabling[facts['enabled'] ?? ''] ?? 'ENABLE';
  if (kind === 'event trigger') return [{ sql: `ALTER EVENT TRIGGER ${name} ${how}` }];
  return [{ sql: `ALTER TABLE ${table} ${how} ${parts[kind] ?? ''} ${facts[kind] ?? ''}` }];
}

/** What everybody may do with a new object of this type, as Postgres has it. */
function defaultPrivileges(name: string): Facts {
  if (/^(FUNCTION|PROCEDURE) /.test(name)) return { PUBLIC: 'EXECUTE' };
  return name.startsWith('TYPE ') ? { PUBLIC: 'USAGE' } : {};
}

/** Grants and revokes from one state to another; a state that is left out is that of a new object. The owner's own are let be. */
export function privilegeStatements(name: string, from: Facts | undefined, to: Facts | undefined): readonly Statement[] {
  const [before, after] = [from ?? defaultPrivileges(name), to ?? defaultPrivileges(name)];
  const roleOf = (grantee: string): string => grantee.replace(/ with grant option$/, '');
  const roles = [...new Set([...Object.keys(before), ...Object.keys(after)].map(roleOf))].filter((role) => role !== 'owner');
  return roles.flatMap((role): readonly Statement[] => {
    const [plain, grantable] = [role, `${role} with grant option`];
    if (before[plain] === after[plain] && before[grantable] === after[grantable]) return [];
    const isNew = before[plain] === undefined && before[grantable] === undefined;
    return [
      ...(isNew ? [] : [{ sql: `REVOKE ALL ON ${name} FROM ${role}` }]),
      ...(after[plain] === undefined ? [] : [{ sql: `GRANT ${after[plain]} ON ${name} TO ${role}` }]),
      ...(after[grantable] === undefined ? [] : [{ sql: `GRANT ${after[grantable]} ON ${name} TO ${role} WITH GRANT OPTION` }]),
    ];
  });
}
