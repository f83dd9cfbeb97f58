import type { Column, Effect, TableName, Tool } from '../model';
import { isTrue, lastName, plainText, type Call, type Value } from '../python/value';
import { sqlDefault } from '../sql/volatile';
import { added, named, names, property, tableOf, type Made } from './builderParts';
import { knexColumn, type TableBlock } from './knex';

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
    ...(isSerial ? { default: { volatile: true } } : fallback === undefined || fallback.kind === 'none' ? {} : { default: sqlDefault(sql) }),
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
