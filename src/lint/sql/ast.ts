import type { ColumnDef, Constraint, Node, RangeVar, TypeName as TypeNode } from 'libpg-query';
import type { Column, Default, Span, TableName, TypeName } from '../model';
import { sqlDefault } from './volatile';

const shortNames: Readonly<Record<string, string>> = {
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  float8: 'double precision',
  float4: 'real',
  bool: 'boolean',
  bpchar: 'char',
};
const serials = new Set(['serial', 'serial4', 'bigserial', 'serial8', 'smallserial', 'serial2']);

export function tableOf(relation: RangeVar | undefined): TableName | undefined {
  const { schemaname, relname } = relation ?? {};
  if (relname === undefined) return undefined;
  return schemaname === undefined ? { name: relname } : { schema: schemaname, name: relname };
}

/** The parts of a dotted name: a list of strings, or a type's name. */
export function nameParts(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if ('String' in node) return [node.String.sval ?? ''];
  if ('List' in node) return (node.List.items ?? []).flatMap(nameParts);
  if ('ObjectWithArgs' in node) return (node.ObjectWithArgs.objname ?? []).flatMap(nameParts);
  if ('TypeName' in node) return (node.TypeName.names ?? []).flatMap(nameParts);
  return [];
}

export function tableFromParts(parts: readonly string[]): TableName | undefined {
  const name = parts.at(-1);
  const schema = parts.at(-2);
  if (name === undefined) return undefined;
  return schema === undefined ? { name } : { schema, name };
}

export function strings(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap(nameParts);
}

export function typeText(type: TypeNode | undefined): TypeName {
  const parts = strings(type?.names);
  const name = parts.at(-1);
  if (type === undefined || name === undefined) return undefined;
  const sizes = (type.typmods ?? []).map((node) => ('A_Const' in node ? String(node.A_Const.ival?.ival ?? 0) : ''));
  const size = sizes.length > 0 && sizes.every((each) => each !== '') && name !== 'interval' ? `(${sizes.join(',')})` : '';
  const prefix = parts.length > 1 && parts[0] !== 'pg_catalog' ? `${parts.slice(0, -1).join('.')}.` : '';
  return `${prefix}${shortNames[name] ?? name}${size}${(type.arrayBounds ?? []).map(() => '[]').join('')}`;
}

/** A column's definition; `span` is the command's, or that of the definition. */
export function columnOf(definition: ColumnDef, sql: string, span: Span): Column {
  const constraints = (definition.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
  const of = (type: Constraint['contype']): Constraint | undefined => constraints.find(({ contype }) => contype === type);
  const written = typeText(definition.typeName);
  const isSerial = serials.has(written ?? '');
  const primaryKey = of('CONSTR_PRIMARY') !== undefined;
  const generated = of('CONSTR_GENERATED')?.generated_kind === 's' ? 'stored' : of('CONSTR_IDENTITY') === undefined ? undefined : 'identity';
  const given = defaultOf(of('CONSTR_DEFAULT'), sql, span);
  const references = tableOf(of('CONSTR_FOREIGN')?.pktable);
  return {
    name: definition.colname ?? '',
    type: written,
    nullable: of('CONSTR_NOTNULL') === undefined && !primaryKey && generated !== 'identity',
    ...(isSerial ? { default: { volatile: true } } : given === undefined ? {} : { default: given }),
    ...(generated === undefined ? {} : { generated }),
    ...(primaryKey ? { primaryKey } : {}),
    ...(of('CONSTR_UNIQUE') === undefined ? {} : { unique: true as const }),
    ...(references === undefined ? {} : { references }),
    span,
  };
}

/** `DEFAULT NULL` is none. */
function defaultOf(constraint: Constraint | undefined, sql: string, span: Span): Default | undefined {
  const expression = constraint?.raw_expr;
  if (constraint === undefined || expression === undefined) return undefined;
  if ('A_Const' in expression && expression.A_Const.isnull === true) return undefined;
  const written = /^DEFAULT\s+([\s\S]*)/i.exec(sql.slice(constraint.location ?? 0, span.to))?.[1] ?? '';
  return 'A_Const' in expression ? { volatile: false } : sqlDefault(defaultPart(written));
}

/** The expression of a default, without the constraints that may follow it. */
function defaultPart(written: string): string {
  return written.split(/\b(?:NOT\s+NULL|NULL|REFERENCES|UNIQUE|PRIMARY\s+KEY|CHECK|CONSTRAINT|GENERATED)\b/i, 1)[0] ?? written;
}
