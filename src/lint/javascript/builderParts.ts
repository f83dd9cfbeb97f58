import type { Column, Effect, Span, TableName } from '../model';
import { plainText, type Value } from '../python/value';

/** What a step of a builder does, and where. */
export interface Made {
  readonly effect: Effect;
  readonly focus?: Span;
}

type Property = (name: string) => Value | undefined;

/** The properties of a value that is written as an object. */
export const property =
  (value: Value | undefined): Property =>
  (name) =>
    value?.kind === 'call' && value.callee === '{}' ? value.keywords.get(name)?.value : undefined;

/** The table that a text or an object names. */
export function tableOf(value: Value | undefined): TableName | undefined {
  const given = value?.kind === 'call' && value.callee === '{}' ? value : undefined;
  const name = plainText(given === undefined ? value : (property(given)('tableName') ?? property(given)('name')));
  const schema = plainText(property(given)('schema'));
  if (name === undefined) return undefined;
  return schema === undefined ? { name } : { schema, name };
}

/** The texts of a list, or the one text; none where one of them cannot be read. */
export function names(value: Value | undefined): readonly string[] {
  const items = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  const texts = items.map(plainText);
  return texts.every((text) => text !== undefined) ? texts : [];
}

/** A name as part of an effect. */
export const named = (name: string | undefined): { readonly name?: string } => (name === undefined ? {} : { name });

/** What adding a column does. */
export function added(table: TableName | undefined, column: Column): readonly Made[] {
  const focus = column.span;
  const columns = [column.name];
  const made: Made[] = [{ effect: { kind: 'addColumn', table, column }, focus }];
  if (column.references !== undefined)
    made.push({ effect: { kind: 'addForeignKey', table, columns, target: column.references, targetColumns: [], notValid: false }, focus });
  if (column.unique === true) made.push({ effect: { kind: 'addUnique', table, columns, usingIndex: false }, focus });
  return made;
}
