/** Variables by name, as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface Interpolated {
  readonly value: string;
  /** Variables that had no value and no default, and so became empty. */
  readonly unset: readonly string[];
  readonly errors: readonly string[];
}

/** Looks names up in `environment` itself, not in what every object inherits. */
export function lookupIn(environment: Environment): Lookup {
  return (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined);
}

/**
 * Replaces `$NAME`, `${NAME}` and the forms with `-`, `?` and `+` (with or without colon) as Compose does; `$$` is a
 * dollar. Never throws: what cannot be read stays as it is and is named in `errors`.
 * https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  const unset = new Set<string>();
  const errors: string[] = [];
  const value = expand(text, { lookup, unset, errors });
  return { value, unset: [...unset], errors };
}

interface Expansion {
  readonly lookup: Lookup;
  readonly unset: Set<string>;
  readonly errors: string[];
}

const plainName = /\$([A-Za-z_][A-Za-z0-9_]*)/y;
const bracedForm = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?)([-?+])([\s\S]*))?$/;

function expand(text: string, expansion: Expansion): string {
  let result = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', at)) {
    const { value, end } = substitution(text, dollar, expansion);
    result += text.slice(at, dollar) + value;
    at = end;
  }
  return result + text.slice(at);
}

/** What the text from `dollar` to `end` becomes. */
function substitution(text: string, dollar: number, expansion: Expansion): { readonly value: string; readonly end: number } {
  const next = text[dollar + 1];
  if (next === '$') return { value: '$', end: dollar + 2 };
  if (next === '{') {
    const close = closingBrace(text, dollar);
    if (close >= 0) return { value: braced(text.slice(dollar + 2, close), expansion), end: close + 1 };
    expansion.errors.push(`"${text.slice(dollar)}" has no closing brace.`);
    return { value: text.slice(dollar), end: text.length };
  }
  plainName.lastIndex = dollar;
  const name = plainName.exec(text)?.[1];
  if (name === undefined) return { value: '$', end: dollar + 1 };
  return { value: valueOf(name, expansion), end: plainName.lastIndex };
}

/** Only `${` opens a level, as in Compose: a brace inside a default closes it. */
function closingBrace(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '}' && --open === 0) return at;
    if (text.startsWith('${', at)) {
      open++;
      at++;
    }
  }
  return -1;
}

function braced(body: string, expansion: Expansion): string {
  const [, name, colon, operator, word = ''] = bracedForm.exec(body) ?? [];
  if (name === undefined) {
    expansion.errors.push(`"\${${body}}" is not a substitution.`);
    return `\${${body}}`;
  }
  if (operator === undefined) return valueOf(name, expansion);
  const found = expansion.lookup(name);
  const present = found !== undefined && (colon === '' || found !== '');
  if (operator === '+') return present ? expand(word, expansion) : '';
  if (present) return found;
  if (operator === '-') return expand(word, expansion);
  const reason = expand(word, expansion);
  expansion.errors.push(`Variable ${name} is required but has no value${reason === '' ? '' : `: ${reason}`}.`);
  return '';
}

function valueOf(name: string, expansion: Expansion): string {
  const found = expansion.lookup(name);
  if (found === undefined) expansion.unset.add(name);
  return found ?? '';
}
