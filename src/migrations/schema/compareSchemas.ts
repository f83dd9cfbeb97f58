import { keyOf, objectKinds, type Schema, type SchemaObject } from './model';

/** A fact that is not the same on both sides; undefined where a side does not have it. */
export interface FactDifference {
  readonly fact: string;
  readonly left?: string;
  readonly right?: string;
}

export interface Difference {
  readonly state: 'only left' | 'only right' | 'different';
  readonly kind: SchemaObject['kind'];
  readonly name: string;
  readonly table?: string;
  readonly left?: SchemaObject;
  readonly right?: SchemaObject;
  readonly facts: readonly FactDifference[];
}

/**
 * What two schemas do not have in common, by kind and name. What belongs to something that one side lacks as a whole is not
 * told again. The order of columns does not count.
 */
export function compareSchemas(left: Schema, right: Schema): readonly Difference[] {
  const keys = new Set([...left.objects.keys(), ...right.objects.keys()]);
  const all = [...keys].flatMap((key) => difference(left.objects.get(key), right.objects.get(key)));
  const lacking = new Set(all.filter(({ state }) => state !== 'different').map(keyOf));
  const isPart = ({ table, left: one, right: other }: Difference): boolean => {
    const { of } = one ?? other ?? {};
    const wholes = [of, ...(table === undefined ? [] : [`table ${table}`, `view ${table}`, `materialized view ${table}`])];
    return wholes.some((whole) => whole !== undefined && lacking.has(whole));
  };
  const rank = ({ kind }: Difference): number => objectKinds.indexOf(kind);
  return all.filter((each) => !isPart(each)).toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function difference(left: SchemaObject | undefined, right: SchemaObject | undefined): readonly Difference[] {
  const one = left ?? right;
  if (one === undefined) return [];
  const { kind, name, table } = one;
  const whole = { kind, name, ...(table === undefined ? {} : { table }) };
  if (left === undefined) return right === undefined ? [] : [{ ...whole, state: 'only right', right, facts: [] }];
  if (right === undefined) return [{ ...whole, state: 'only left', left, facts: [] }];
  const facts = differentFacts(left, right);
  return facts.length === 0 && left.sql === right.sql ? [] : [{ ...whole, state: 'different', left, right, facts }];
}

function differentFacts({ facts: left }: SchemaObject, { facts: right }: SchemaObject): readonly FactDifference[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((fact) => {
    const [one, other] = [left[fact], right[fact]];
    if (one === other) return [];
    return [{ fact, ...(one === undefined ? {} : { left: one }), ...(other === undefined ? {} : { right: other }) }];
  });
}
