import type { Column, Effect, Span, TableName, Tool } from '../model';
import { isTrue, lastName, plainText, type Call, type Value } from '../python/value';
import { isVolatile } from '../sql/volatile';

export interface Made {
  readonly effect: Effect;
  readonly focus?: Span;
}

/** The table that a callback of Knex builds or changes. */
export interface TableBlock {
  readonly table: TableName | undefined;
  readonly creates: boolean;
}

type Property = (name: string) => Value | undefined;

const property =
  (value: Value | undefined): Property =>
  (name) =>
    value?.kind === 'call' && value.callee === '{}' ? value.keywords.get(name)?.value : undefined;

function tableOf(value: Value | undefined): TableName | undefined {
  const given = value?.kind === 'call' && value.callee === '{}' ? value : undefined;
  const name = plainText(given === undefined ? value : (property(given)('tableName') ?? property(given)('name')));
  const schema = plainText(property(given)('schema'));
  if (name === undefined) return undefined;
  return schema === undefined ? { name } : { schema, name };
}

function names(value: Value | undefined): readonly string[] {
  const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  const texts = items.map(plainText);
  return texts.every((text) => text !== undefined) ? texts : [];
}

const named = (name: string | undefined): { readonly name?: string } => (name === undefined ? {} : { name });

/** `alterTable('users', (table) => …)` and its like. */
export function tableBlock(call: Call): TableBlock | undefined {
  const method = lastName(call.callee);
  if (!/^(createTable|createTableIfNotExists|alterTable|table)$/.test(method) || !/schema/.test(call.callee)) return undefined;
  return { table: tableOf(call.args[0]), creates: method.startsWith('createTable') };
}

/** What a call of a tool's builder does; undefined for one that is none. */
export function effectsOf(tool: Tool, call: Call, block: TableBlock | undefined): readonly Made[] | undefined {
  if (block !== undefined) return knexColumn(call, block);
  const effect = effectOf(lastName(call.callee), call, tool);
  return effect === undefined ? undefined : [effect].flat();
}

function effectOf(method: string, { args }: Call, tool: Tool): Made | readonly Made[] | undefined {
  const [first, second, third] = args;
  const table = tableOf(first);
  const options = property(third);
  switch (method) {
    case 'createTable':
      return { effect: { kind: 'createTable', table, columns: [], ifNotExists: false } };
    case 'dropTable':
    case 'dropTableIfExists':
      return { effect: { kind: 'dropTable', table, cascade: isTrue(property(second)('cascade')) } };
    case 'renameTable':
      return { effect: { kind: 'renameTable', table, to: plainText(second) } };
    case 'renameColumn':
      return { effect: { kind: 'renameColumn', table, column: plainText(second), to: plainText(third) } };
    case 'removeColumn':
    case 'dropColumn':
    case 'dropColumns':
      return names(second).length === 0
        ? { effect: { kind: 'dropColumn', table, column: undefined } }
        : names(second).map((column) => ({ effect: { kind: 'dropColumn', table, column } }));
    case 'addColumn':
    case 'addColumns':
      return addedColumns(table, second, third);
    case 'changeColumn':
    case 'alterColumn':
      return changedColumn(table, plainText(second), third);
    case 'addIndex':
    case 'createIndex':
      return { effect: createdIndex(table, second, third, tool) };
    case 'removeIndex':
    case 'dropIndex':
      return {
        effect: { kind: 'dropIndex', table, ...named(plainText(second)), concurrently: isTrue(options('concurrently')), ifExists: isTrue(options('ifExists')) },
      };
    case 'addConstraint':
    case 'createConstraint':
      return addedConstraint(table, second, third);
    case 'createForeignKey': {
      const given = property(second);
      const effect: Effect = {
        kind: 'addForeignKey',
        table,
        ...named(plainText(given('name'))),
        columns: names(given('columnNames')),
        target: tableOf(given('referencedTableName')),
        targetColumns: names(given('referencedColumnNames')),
        notValid: false,
      };
      return { effect };
    }
    case 'createUniqueConstraint':
      return {
        effect: { kind: 'addUnique', table, ...named(plainText(property(second)('name'))), columns: names(property(second)('columnNames')), usingIndex: false },
      };
    case 'createPrimaryKey':
      return { effect: { kind: 'addPrimaryKey', table, columns: names(second), usingIndex: false } };
    case 'createCheckConstraint':
      return { effect: { kind: 'addCheck', table, notValid: false } };
    case 'bulkUpdate':
    case 'bulkDelete':
      return { effect: { kind: 'changeRows', what: method === 'bulkUpdate' ? 'update' : 'delete', table, limited: false } };
    default:
      return undefined;
  }
}

/** The description of a column in an object, in the words of any of the tools. */
function columnFrom(name: string, description: Value | undefined): Column {
  const value = description?.kind === 'call' && description.callee !== '{}' && description.args[0] !== undefined ? description.args[0] : description;
  const given = property(value);
  const nullable =
    !(given('allowNull')?.kind === 'boolean' && !isTrue(given('allowNull'))) &&
    !isTrue(given('notNull')) &&
    (given('isNullable') === undefined ? !isTypeOrm(value) : isTrue(given('isNullable')));
  const fallback = given('defaultValue') ?? given('default');
  const written = plainText(given('type')) ?? plainText(value);
  const sql = fallback?.kind === 'call' && /(literal|fn|func|raw)$/.test(fallback.callee) ? (plainText(fallback.args[0]) ?? '') : '';
  const isSerial = /serial/i.test(written ?? '') || isTrue(given('autoIncrement')) || isTrue(given('isGenerated'));
  return {
    name,
    type: written?.toLowerCase(),
    nullable: nullable && !isTrue(given('primaryKey')) && !isTrue(given('isPrimary')),
    ...(isSerial ? { default: { volatile: true } } : fallback === undefined || fallback.kind === 'none' ? {} : { default: { volatile: isVolatile(sql) } }),
    ...(isTrue(given('unique')) || isTrue(given('isUnique')) ? { unique: true as const } : {}),
    ...(given('references') === undefined ? {} : referenced(given('references'))),
    span: description?.span ?? { from: 0, to: 0 },
  };
}

/** TypeORM's columns are NOT NULL unless they say otherwise. */
function isTypeOrm(value: Value | undefined): boolean {
  return value?.kind === 'call' && value.keywords.has('name') && !value.keywords.has('allowNull');
}

function referenced(value: Value | undefined): Pick<Column, 'references'> {
  const name = plainText(value) ?? plainText(property(value)('model')) ?? plainText(property(value)('table'));
  return name === undefined ? {} : { references: { name: name.replaceAll('"', '') } };
}

function addedColumns(table: TableName | undefined, second: Value | undefined, third: Value | undefined): readonly Made[] {
  const own = plainText(second);
  if (own !== undefined) return added(table, columnFrom(own, third));
  const descriptions = second?.kind === 'list' ? second.items : second?.kind === 'call' && second.callee !== '{}' ? [second] : undefined;
  if (descriptions !== undefined) {
    return descriptions.flatMap((each) => {
      const given = each.kind === 'call' && each.callee !== '{}' ? each.args[0] : each;
      return added(table, { ...columnFrom(plainText(property(given)('name')) ?? '', each), span: each.span });
    });
  }
  if (second?.kind !== 'call') return [{ effect: { kind: 'other', ...(table === undefined ? {} : { locks: table }) } }];
  return [...second.keywords].flatMap(([name, { value, span }]) => added(table, { ...columnFrom(name, value), span }));
}

function added(table: TableName | undefined, column: Column): readonly Made[] {
  const focus = column.span;
  const columns = [column.name];
  const made: Made[] = [{ effect: { kind: 'addColumn', table, column }, focus }];
  if (column.references !== undefined)
    made.push({ effect: { kind: 'addForeignKey', table, columns, target: column.references, targetColumns: [], notValid: false }, focus });
  if (column.unique === true) made.push({ effect: { kind: 'addUnique', table, columns, usingIndex: false }, focus });
  return made;
}

function changedColumn(table: TableName | undefined, column: string | undefined, description: Value | undefined): readonly Made[] {
  const given = property(description);
  const made: Made[] = [];
  if (given('type') !== undefined)
    made.push({ effect: { kind: 'setType', table, column, type: plainText(given('type'))?.toLowerCase(), existingType: undefined } });
  const required = isTrue(given('notNull')) || (given('allowNull')?.kind === 'boolean' && !isTrue(given('allowNull')));
  if (required) made.push({ effect: { kind: 'setNotNull', table, column } });
  return made.length > 0 ? made : [{ effect: { kind: 'other', ...(table === undefined ? {} : { locks: table }) } }];
}

function createdIndex(table: TableName | undefined, second: Value | undefined, third: Value | undefined, tool: Tool): Effect {
  const inner = tool === 'typeorm' && second?.kind === 'call' ? (second.args[0] ?? second) : second;
  const isObject = inner?.kind === 'call' && inner.callee === '{}';
  const given = property(isObject ? inner : third);
  const columns = isObject ? names(given('fields') ?? given('columnNames')) : names(inner);
  return {
    kind: 'createIndex',
    table,
    columns,
    ...named(plainText(given('name')) ?? plainText(given('indexName'))),
    unique: isTrue(given('unique')) || isTrue(given('isUnique')) || plainText(given('type'))?.toUpperCase() === 'UNIQUE',
    partial: given('where') !== undefined,
    concurrently: isTrue(given('concurrently')) || isTrue(given('isConcurrent')),
    ifNotExists: isTrue(given('ifNotExists')),
  };
}

function addedConstraint(table: TableName | undefined, second: Value | undefined, third: Value | undefined): Made | undefined {
  const inSequelize = second?.kind === 'call' && second.callee === '{}';
  const given = property(inSequelize ? second : third);
  const name = named(inSequelize ? plainText(given('name')) : plainText(second));
  const type = plainText(given('type'))?.toLowerCase();
  const columns = names(given('fields') ?? given('unique') ?? given('primaryKey') ?? property(given('foreignKeys'))('columns'));
  if (type === 'unique' || given('unique') !== undefined) return { effect: { kind: 'addUnique', table, ...name, columns, usingIndex: false } };
  if (type === 'primary key' || given('primaryKey') !== undefined) return { effect: { kind: 'addPrimaryKey', table, ...name, columns, usingIndex: false } };
  if (type === 'check' || given('check') !== undefined) return { effect: { kind: 'addCheck', table, ...name, notValid: false } };
  if (type === 'foreign key' || given('foreignKeys') !== undefined) {
    const target = tableOf(property(given('references'))('table'));
    return {
      effect: { kind: 'addForeignKey', table, ...name, columns, target, targetColumns: names(property(given('references'))('field')), notValid: false },
    };
  }
  return { effect: { kind: 'other', ...(table === undefined ? {} : { locks: table }) } };
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
function knexColumn(call: Call, { table, creates }: TableBlock): readonly Made[] | undefined {
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
    ...(isSerial ? { default: { volatile: true } } : fallback === undefined ? {} : { default: { volatile: isVolatile(sql) } }),
    ...(has('unique') === undefined ? {} : { unique: true as const }),
    ...(references === undefined ? {} : { references }),
    span: focus,
  };
  return added(table, column);
}
