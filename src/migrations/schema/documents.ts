import type { Difference } from './compareSchemas';
import { keyOf, objectKinds, type Schema, type SchemaObject } from './model';
import { createStatements } from './statements';

/** One object as both sides have it, whole, as SQL; undefined on the side that lacks it. */
export interface ComparedObject {
  readonly kind: SchemaObject['kind'];
  readonly name: string;
  readonly left?: string;
  readonly right?: string;
}

/** What differs, object by object: a table is one, with its columns, constraints, indexes, triggers, privileges and comments. */
export function comparedObjects(left: Schema, right: Schema, differences: readonly Difference[]): readonly ComparedObject[] {
  const wholes = new Set(differences.map(({ left: one, right: other }) => (one === undefined ? wholeOf(right, other) : wholeOf(left, one))));
  return [...wholes].flatMap((key) => {
    const object = left.objects.get(key) ?? right.objects.get(key);
    if (object === undefined) return [];
    const [one, other] = [textOf(left, key), textOf(right, key)];
    return [{ kind: object.kind, name: object.name, ...(one === undefined ? {} : { left: one }), ...(other === undefined ? {} : { right: other }) }];
  });
}

const relations: readonly SchemaObject['kind'][] = ['table', 'view', 'materialized view'];

/** The key of the object that another is a part of, or its own. */
function wholeOf({ objects }: Schema, object: SchemaObject | undefined): string {
  if (object === undefined) return '';
  const owner = object.of === undefined ? undefined : objects.get(object.of);
  const table = (owner ?? object).table;
  const relation = table === undefined ? undefined : relations.map((kind) => `${kind} ${table}`).find((key) => objects.has(key));
  return relation ?? keyOf(owner ?? object);
}

/** An object with all its parts as SQL. */
function textOf(schema: Schema, key: string): string | undefined {
  const object = schema.objects.get(key);
  if (object === undefined) return undefined;
  const parts = [...schema.objects.values()].filter((each) => each !== object && wholeOf(schema, each) === key);
  const columns = parts.filter(({ kind }) => kind === 'column');
  const others = parts
    .filter((each) => !columns.includes(each))
    .toSorted((a, b) => objectKinds.indexOf(a.kind) - objectKinds.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
  const statements = [object, ...others].flatMap((each) => createStatements(each, each === object ? columns : []).map(({ sql }) => `${sql};`));
  return `${statements.join('\n\n')}\n`;
}
