/** Whether a value has properties to look at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether a message has all of these, each of its kind. */
export function hasShape(value: Readonly<Record<string, unknown>>, shape: Readonly<Record<string, 'string' | 'number' | 'array' | 'object'>>): boolean {
  return Object.entries(shape).every(([key, kind]) =>
    kind === 'array' ? Array.isArray(value[key]) : kind === 'object' ? isObject(value[key]) : typeof value[key] === kind,
  );
}
