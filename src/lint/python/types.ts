import type { Column, Default, TypeName } from '../model';
import { sqlDefault } from '../sql/volatile';
import { isTrue, lastName, mappedText, plainText, type Call, type Value } from './value';

const types: Readonly<Record<string, string>> = {
  integer: 'integer',
  int: 'integer',
  smallinteger: 'smallint',
  smallint: 'smallint',
  biginteger: 'bigint',
  bigint: 'bigint',
  float: 'double precision',
  double: 'double precision',
  double_precision: 'double precision',
  real: 'real',
  text: 'text',
  unicodetext: 'text',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  interval: 'interval',
  json: 'json',
  jsonb: 'jsonb',
  uuid: 'uuid',
  largebinary: 'bytea',
  bytea: 'bytea',
  inet: 'inet',
  cidr: 'cidr',
  tsvector: 'tsvector',
};

/** A type of SQLAlchemy in Postgres' words; undefined for one that the file does not tell. */
export function sqlType(value: Value | undefined): TypeName {
  if (value === undefined) return undefined;
  const call = value.kind === 'call' ? value : undefined;
  const written = call?.callee ?? (value.kind === 'name' ? value.name : undefined);
  if (written === undefined) return undefined;
  const name = lastName(written).toLowerCase();
  const argument = (index: number, keyword: string): string | undefined => {
    const given = call?.args[index] ?? call?.keywords.get(keyword)?.value;
    return given?.kind === 'number' ? given.text : undefined;
  };
  switch (name) {
    case 'string':
    case 'unicode':
    case 'varchar':
      return sized('varchar', argument(0, 'length'));
    case 'char':
      return sized('char', argument(0, 'length') ?? '1');
    case 'numeric':
    case 'decimal':
      return sized('numeric', argument(0, 'precision'), argument(1, 'scale'));
    case 'datetime':
    case 'timestamp':
      return isTrue(call?.keywords.get('timezone')?.value ?? call?.args[0]) ? 'timestamptz' : 'timestamp';
    case 'array': {
      const element = sqlType(call?.args[0] ?? call?.keywords.get('item_type')?.value);
      return element === undefined ? undefined : `${element}[]`;
    }
    default:
      return types[name];
  }
}

function sized(name: string, ...sizes: readonly (string | undefined)[]): string {
  const given = sizes.filter((size) => size !== undefined);
  return given.length === 0 ? name : `${name}(${given.join(',')})`;
}

/** A column as `sa.Column(…)` describes it; undefined for what is none. */
export function columnOf(value: Value | undefined): Column | undefined {
  if (value?.kind !== 'call' || lastName(value.callee) !== 'Column') return undefined;
  const name = plainText(value.args[0] ?? value.keywords.get('name')?.value);
  if (name === undefined) return undefined;
  const parts = value.args.slice(1);
  const called = (wanted: string): Call | undefined => parts.find((part): part is Call => part.kind === 'call' && lastName(part.callee) === wanted);
  const keyword = (key: string): Value | undefined => value.keywords.get(key)?.value;
  const primaryKey = isTrue(keyword('primary_key'));
  const nullable = keyword('nullable');
  const serverDefault = defaultOf(keyword('server_default'));
  const given = keyword('default');
  const generated = generatedOf([...parts, keyword('server_default')]);
  const references = referencedTable(called('ForeignKey'));
  return {
    name,
    type: sqlType(keyword('type_') ?? parts[0]),
    nullable: nullable?.kind === 'boolean' ? nullable.value : !primaryKey,
    ...(generated === undefined && serverDefault !== undefined ? { default: serverDefault } : {}),
    ...(given !== undefined && given.kind !== 'none' ? { defaultInProgram: true as const } : {}),
    ...(generated === undefined ? {} : { generated }),
    ...(primaryKey ? { primaryKey } : {}),
    ...(isTrue(keyword('unique')) ? { unique: true as const } : {}),
    ...(references === undefined ? {} : { references }),
    span: value.span,
  };
}

function generatedOf(parts: readonly (Value | undefined)[]): Column['generated'] {
  for (const part of parts) {
    if (part?.kind !== 'call') continue;
    const name = lastName(part.callee);
    if (name === 'Identity') return 'identity';
    if (name === 'Computed') {
      const persisted = part.keywords.get('persisted')?.value;
      if (persisted === undefined || persisted.kind !== 'boolean' || persisted.value) return 'stored';
    }
  }
  return undefined;
}

/** The table of `sa.ForeignKey("schema.table.column")`. */
function referencedTable(call: Call | undefined): Column['references'] {
  const target = plainText(call?.args[0])?.split('.') ?? [];
  const [schema, name] = target.length === 3 ? target : [undefined, target[0]];
  return name === undefined || target.length < 2 ? undefined : { ...(schema === undefined ? {} : { schema }), name };
}

/** What `server_default=` gives the database; undefined for none. */
export function defaultOf(value: Value | undefined): Default | undefined {
  if (value === undefined || value.kind === 'none') return undefined;
  if (value.kind === 'text') return { sql: `'${value.text.text.replaceAll("'", "''")}'`, volatile: false };
  const sql = mappedText(value)?.text;
  if (sql !== undefined) return { sql, ...sqlDefault(sql) };
  if (value.kind !== 'call') return { volatile: false };
  const name = lastName(value.callee);
  if (name === 'true' || name === 'false') return { sql: name, volatile: false };
  if (/(^|\.)func\./.test(value.callee)) return { sql: `${name}()`, ...sqlDefault(`${name}()`) };
  return { volatile: /^(Sequence|next_value)$/.test(name) };
}
