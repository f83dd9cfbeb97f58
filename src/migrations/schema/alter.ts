import { literal } from '../../postgres/quote';
import { enableStatements, rowSecurity, type Statement } from './statements';
import type { SchemaObject } from './model';

/** How an object becomes another of its name. */
export type Change =
  | { readonly kind: 'in place'; readonly statements: readonly Statement[]; /** What no transaction may hold. */ readonly before?: readonly Statement[] }
  /** Dropped and made anew; nothing but its definition is in it. */
  | { readonly kind: 'replace' }
  /** Nobody but the user can tell what is to become of the data. */
  | { readonly kind: 'open'; readonly why: string };

const inPlace = (...statements: readonly Statement[]): Change => ({ kind: 'in place', statements });
const open = (why: string): Change => ({ kind: 'open', why });

export function changeOf(left: SchemaObject, right: SchemaObject): Change {
  switch (left.kind) {
    case 'column':
      return changeColumn(left, right);
    case 'table':
      return changeTable(left, right);
    case 'enum':
      return changeEnum(left, right);
    case 'domain':
      return changeDomain(left, right);
    case 'composite type':
    case 'range type':
      return open('a type that tables may use cannot be changed in this way');
    case 'sequence':
      return inPlace({ sql: sequenceStatement(right) });
    case 'extension':
      return changeExtension(left, right);
    case 'function':
      return left.facts['kind'] !== 'aggregate' && sameFacts(left, right, ['kind', 'arguments', 'returns']) ? inPlace({ sql: right.sql }) : { kind: 'replace' };
    case 'constraint':
      return sameFacts(left, right, ['definition']) && left.facts['validated'] === 'no'
        ? inPlace({ sql: `ALTER TABLE ${right.table ?? ''} VALIDATE CONSTRAINT ${right.facts['constraint'] ?? ''}`, risk: 'fails where rows break it' })
        : { kind: 'replace' };
    case 'trigger':
    case 'rule':
    case 'event trigger':
      return left.sql === right.sql ? inPlace(...enableStatements(right.kind, right.name, right.table ?? '', right.facts)) : { kind: 'replace' };
    default:
      return { kind: 'replace' };
  }
}

function sameFacts({ facts: left }: SchemaObject, { facts: right }: SchemaObject, names: readonly string[]): boolean {
  return names.every((name) => left[name] === right[name]);
}

/** Whether a column gets another type, which what reads it does not survive. */
export function isRetyped(left: SchemaObject, right: SchemaObject): boolean {
  return left.kind === 'column' && !sameFacts(left, right, ['type', 'collation']);
}

function changeColumn(left: SchemaObject, right: SchemaObject): Change {
  const [from, to] = [left.facts, right.facts];
  if (to['generated'] !== undefined && !sameFacts(left, right, ['generated', 'kept'])) {
    return open('a column cannot become a generated one; drop it and add it again, when its values may go');
  }
  const alter = (what: string, risk?: string): Statement => ({
    sql: `ALTER TABLE ${right.table ?? ''} ALTER COLUMN ${to['column'] ?? ''} ${what}`,
    ...(risk === undefined ? {} : { risk }),
  });
  const type = `${to['type'] ?? ''}${to['collation'] === undefined ? '' : ` COLLATE ${to['collation']}`}`;
  const retyped = isRetyped(left, right);
  return inPlace(
    ...(from['generated'] !== undefined && to['generated'] === undefined ? [alter('DROP EXPRESSION')] : []),
    ...(from['identity'] !== undefined && to['identity'] === undefined ? [alter('DROP IDENTITY')] : []),
    ...(retyped
      ? [alter(`TYPE ${type} USING ${to['column'] ?? ''}::${to['type'] ?? ''}`, 'may rewrite the table under a lock; fails where a value does not fit')]
      : []),
    ...(to['default'] !== undefined && (retyped || from['default'] !== to['default']) ? [alter(`SET DEFAULT ${to['default']}`)] : []),
    ...(to['default'] === undefined && from['default'] !== undefined ? [alter('DROP DEFAULT')] : []),
    ...(from['not null'] === undefined && to['not null'] !== undefined
      ? [alter('SET NOT NULL', 'fails where there are NULLs; reads the whole table under a lock')]
      : []),
    ...(from['not null'] !== undefined && to['not null'] === undefined ? [alter('DROP NOT NULL')] : []),
    ...identityStatements(from['identity'], to['identity'], alter),
  );
}

function identityStatements(from: string | undefined, to: string | undefined, alter: (what: string) => Statement): readonly Statement[] {
  if (to === undefined || from === to) return [];
  return [from === undefined ? alter(`ADD GENERATED ${to.toUpperCase()} AS IDENTITY`) : alter(`SET GENERATED ${to.toUpperCase()}`)];
}

function changeTable(left: SchemaObject, right: SchemaObject): Change {
  if (!sameFacts(left, right, ['partition key', 'partition of', 'bound', 'inherits', 'server']))
    return open('how a table is partitioned, inherited or kept elsewhere cannot be changed without moving its rows');
  const { name, facts } = right;
  const [before, after] = [optionsOf(left.facts['options']), optionsOf(facts['options'])];
  const set = [...after].filter(([option, value]) => before.get(option) !== value).map(([option, value]) => `${option} = ${value}`);
  const reset = [...before.keys()].filter((option) => !after.has(option));
  const isLoggedAnew = left.facts['unlogged'] !== facts['unlogged'];
  return inPlace(
    ...(isLoggedAnew
      ? [{ sql: `ALTER TABLE ${name} SET ${facts['unlogged'] === undefined ? 'LOGGED' : 'UNLOGGED'}`, risk: 'rewrites the table under a lock' }]
      : []),
    ...(set.length === 0 ? [] : [{ sql: `ALTER TABLE ${name} SET (${set.join(', ')})` }]),
    ...(reset.length === 0 ? [] : [{ sql: `ALTER TABLE ${name} RESET (${reset.join(', ')})` }]),
    ...rowSecurity(name, left.facts, facts),
  );
}

function optionsOf(text: string | undefined): ReadonlyMap<string, string> {
  return new Map(
    (text ?? '')
      .split(', ')
      .flatMap((option) => (option.includes('=') ? [[option.slice(0, option.indexOf('=')), option.slice(option.indexOf('=') + 1)] as const] : [])),
  );
}

/** Labels can be added to an enum, and neither removed nor put into another order. */
function changeEnum({ facts: from }: SchemaObject, { name, facts: to }: SchemaObject): Change {
  const [old, wanted] = [labelsOf(from['labels']), labelsOf(to['labels'])];
  const kept = wanted.filter((label) => old.includes(label));
  if (kept.length !== old.length || kept.some((label, index) => label !== old[index]))
    return open('labels of an enum cannot be removed or put into another order');
  const before = wanted.flatMap((label, index): readonly Statement[] => {
    if (old.includes(label)) return [];
    const previous = wanted[index - 1];
    const [next] = old;
    const where = previous === undefined ? (next === undefined ? '' : ` BEFORE ${next}`) : ` AFTER ${previous}`;
    return [{ sql: `ALTER TYPE ${name} ADD VALUE ${label}${where}`, risk: 'cannot be taken back' }];
  });
  return { kind: 'in place', statements: [], before };
}

/** The labels as they are written, in quotes. */
function labelsOf(list: string | undefined): readonly string[] {
  return list?.match(/E?'(?:[^']|'')*'/g) ?? [];
}

function changeDomain(left: SchemaObject, right: SchemaObject): Change {
  if (!sameFacts(left, right, ['type', 'collation'])) return open('the type of a domain cannot be changed');
  const { name, facts: to } = right;
  const [before, after] = [checksOf(left.facts['constraints']), checksOf(to['constraints'])];
  const alter = (what: string): Statement => ({ sql: `ALTER DOMAIN ${name} ${what}` });
  return inPlace(
    ...[...before].filter(([check, text]) => after.get(check) !== text).map(([check]) => alter(`DROP CONSTRAINT ${check}`)),
    ...[...after]
      .filter(([check, text]) => before.get(check) !== text)
      .map(([check, text]) => ({ ...alter(`ADD CONSTRAINT ${check} ${text}`), risk: 'fails where values break it' })),
    ...(left.facts['default'] === to['default'] ? [] : [alter(to['default'] === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${to['default']}`)]),
    ...(left.facts['not null'] === to['not null'] ? [] : [alter(to['not null'] === undefined ? 'DROP NOT NULL' : 'SET NOT NULL')]),
  );
}

/** The checks of a domain by their names. */
function checksOf(list: string | undefined): ReadonlyMap<string, string> {
  const each = (list ?? '').split(/(?:^| )CONSTRAINT (?=(?:"(?:[^"]|"")*"|[^" ]+) CHECK )/).filter((text) => text !== '');
  return new Map(
    each.map((text) => {
      const name = /^(?:"(?:[^"]|"")*"|[^" ]+)/.exec(text)?.[0] ?? '';
      return [name, text.slice(name.length + 1)] as const;
    }),
  );
}

function changeExtension(left: SchemaObject, { name, facts }: SchemaObject): Change {
  if (isOlder(facts['version'], left.facts['version'])) return open('no extension goes back to an older version');
  return inPlace(
    ...(left.facts['schema'] === facts['schema'] ? [] : [{ sql: `ALTER EXTENSION ${name} SET SCHEMA ${facts['schema'] ?? ''}` }]),
    ...(left.facts['version'] === facts['version']
      ? []
      : [{ sql: `ALTER EXTENSION ${name} UPDATE TO ${literal(facts['version'] ?? '')}`, risk: 'fails where the server does not have this version' }]),
  );
}

function sequenceStatement({ name, facts }: SchemaObject): string {
  const { type = '', increment = '', minimum = '', maximum = '', start = '', cache = '', cycle } = facts;
  return `ALTER SEQUENCE ${name} AS ${type} INCREMENT ${increment} MINVALUE ${minimum} MAXVALUE ${maximum} START ${start} CACHE ${cache} ${cycle === undefined ? 'NO CYCLE' : 'CYCLE'}`;
}

/** Versions by their numbers, as extensions count them. */
function isOlder(one = '', other = ''): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) < 0;
}
