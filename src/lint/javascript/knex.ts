import type { Column, Span, TableName } from '../model';
import { lastName, plainText, type Call, type Value } from '../python/value';
import { sqlDefault } from '../sql/volatile';
import { added, named, names, tableOf, type Made } from './builderParts';

/** The table that a callback of Knex builds or changes. */
export interface TableBlock {
  readonly table: TableName | undefined;
  readonly creates: boolean;
}

/** `alterTable('users', (table) => …)` and its like. */
export function tableBlock(call: Call): TableBlock | undefined {
  const method = lastName(call.callee);
  if (!/^(createTable|createTableIfNotExists|alterTable|table)$/.test(method) || !/schema/.test(call.callee)) return undefined;
  return { table: tableOf(call.args[0]), creates: method.startsWith('createTable') };
}

const knexTypes: Readonly<Record<string, string>> = {
  integer: 'integer',
  bigInteger: 'bigint',
  text: 'text',
  boolean: 'boolean',
  date: 'date',
  json: 'json',
  jsonb: 'jsonb',
  uuid: 'uuid',
  float: 'real',
  decimal: 'numeric',
  timestamp: 'timestamptz',
  dateTime: 'timestamptz',
  binary: 'bytea',
  enum: 'text',
  enu: 'text',
};

/** A line such as `table.string('email').notNullable()`: what is at the end of the chain says how it is meant. */
export function knexColumn(call: Call, { table, creates }: TableBlock): readonly Made[] | undefined {
  if (creates) return [];
  const chain: Call[] = [];
  for (let at: Value | undefined = call; at?.kind === 'call'; at = at.receiver) chain.unshift(at);
  const [first] = chain;
  if (first === undefined || first.receiver?.kind !== 'name') return undefined;
  const method = lastName(first.callee);
  const has = (name: string): Call | undefined => chain.find(({ callee }) => lastName(callee) === name);
  const [a, b] = first.args;
  const focus = call.span;
  const columns = names(a);
  switch (method) {
    case 'dropColumn':
    case 'dropColumns':
      return first.args.flatMap(names).map((column) => ({ effect: { kind: 'dropColumn', table, column }, focus }));
    case 'renameColumn':
      return [{ effect: { kind: 'renameColumn', table, column: plainText(a), to: plainText(b) }, focus }];
    case 'setNullable':
      return [{ effect: { kind: 'dropNotNull', table, column: plainText(a) }, focus }];
    case 'dropNullable':
      return [{ effect: { kind: 'setNotNull', table, column: plainText(a) }, focus }];
    case 'unique':
      return [{ effect: { kind: 'addUnique', table, columns, usingIndex: false }, focus }];
    case 'primary':
      return [{ effect: { kind: 'addPrimaryKey', table, columns, usingIndex: false }, focus }];
    case 'index':
      return [
        {
          effect: { kind: 'createIndex', table, columns, ...named(plainText(b)), unique: false, partial: false, concurrently: false, ifNotExists: false },
          focus,
        },
      ];
    case 'foreign':
      return [
        {
          effect: {
            kind: 'addForeignKey',
            table,
            columns,
            target: tableOf(has('inTable')?.args[0]),
            targetColumns: names(has('references')?.args[0]),
            notValid: false,
          },
          focus,
        },
      ];
    case 'check':
      return [{ effect: { kind: 'addCheck', table, notValid: false }, focus }];
    case 'dropForeign':
    case 'dropUnique':
    case 'dropPrimary':
    case 'dropChecks':
      return [{ effect: { kind: 'dropConstraint', table }, focus }];
    case 'dropIndex':
      return [{ effect: { kind: 'dropIndex', table, ...named(plainText(b)), concurrently: false, ifExists: false }, focus }];
    case 'timestamps':
      return [{ effect: { kind: 'other', ...(table === undefined ? {} : { locks: table }) }, focus }];
    default:
      return knexAdded(method, plainText(a), b, { table, focus, has });
  }
}

interface Chain {
  readonly table: TableName | undefined;
  readonly focus: Span;
  readonly has: (name: string) => Call | undefined;
}

function knexAdded(method: string, name: string | undefined, size: Value | undefined, { table, focus, has }: Chain): readonly Made[] | undefined {
  const isSerial = method === 'increments' || method === 'bigIncrements';
  const type =
    method === 'string' ? `varchar(${size?.kind === 'number' ? size.text : '255'})` : method === 'specificType' ? plainText(size) : knexTypes[method];
  if (name === undefined || (type === undefined && !isSerial)) return undefined;
  const required = has('notNullable') !== undefined;
  if (has('alter') !== undefined) {
    const made: Made[] = [{ effect: { kind: 'setType', table, column: name, type, existingType: undefined }, focus }];
    return required ? [...made, { effect: { kind: 'setNotNull', table, column: name }, focus }] : made;
  }
  const fallback = has('defaultTo')?.args[0];
  const sql = fallback?.kind === 'call' ? (plainText(fallback.args[0]) ?? (/\.fn\.now$/.test(fallback.callee) ? 'now()' : 'unknown()')) : '';
  const target = has('inTable')?.args[0] ?? has('references')?.args[0];
  const references = has('references') === undefined ? undefined : tableOf(target);
  const column: Column = {
    name,
    type: isSerial ? 'serial' : type,
    nullable: !required && !isSerial && has('primary') === undefined,
    ...(isSerial ? { default: { volatile: true } } : fallback === undefined ? {} : { default: sqlDefault(sql) }),
    ...(has('unique') === undefined ? {} : { unique: true as const }),
    ...(references === undefined ? {} : { references }),
    span: focus,
  };
  return added(table, column);
}
