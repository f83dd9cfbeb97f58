import { interpolate, type Lookup } from './interpolate';

interface DotenvProblem {
  /** Counted from zero. */
  readonly line: number;
  readonly message: string;
}

export interface Dotenv {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly DotenvProblem[];
}

interface Statement {
  readonly end: number;
  /** Absent for a line that only names a variable which the shell does not have. */
  readonly value?: string;
  readonly errors: readonly string[];
}

// Keys, escapes and comments follow compose-go (dotenv/parser.go); https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/
const blank = /(?:\s|#.*)*/y;
const key = /(?:export[ \t]+)?([\p{L}\p{N}_.\-[\]]+)[ \t]*(?:([=:])[ \t]*|(?=\r?\n|$))/uy;
const doubleQuoted = /"((?:\\[\s\S]|[^"\\])*)"/y;
const singleQuoted = /'((?:\\[\s\S]|[^'\\])*)'/y;
const restOfLine = /[^\n]*/y;
const escape = /\\(?:[abfnrtv$"\\]|0[0-7]{0,3})/g;
const escaped: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', $: '$$', '"': '"', '\\': '\\' };

/**
 * Reads a `.env` file. `lookup` gives the variables of the shell; they win inside `${…}`, but the result holds only
 * what the file itself sets. Never throws: a line that cannot be read is skipped and named in `problems`.
 */
export function parseDotenv(text: string, lookup: Lookup = () => undefined): Dotenv {
  const values = new Map<string, string>();
  const problems: DotenvProblem[] = [];
  const source = text.replace(/^\uFEFF/, '');
  const known: Lookup = (name) => lookup(name) ?? values.get(name);
  for (let at = after(blank, source, 0); at < source.length; at = after(blank, source, at)) {
    const start = at;
    const { name, statement } = readStatement(source, start, known);
    if (name !== undefined && statement.value !== undefined) values.set(name, statement.value);
    problems.push(...statement.errors.map((message) => ({ line: lineAt(source, start), message })));
    at = statement.end;
  }
  return { values: Object.fromEntries(values), problems };
}

function readStatement(source: string, start: number, lookup: Lookup): { readonly name?: string; readonly statement: Statement } {
  key.lastIndex = start;
  const match = key.exec(source);
  const name = match?.[1];
  if (match === null || name === undefined) {
    const end = after(restOfLine, source, start);
    return { statement: { end, errors: ['Not a line of the form NAME=value.'] } };
  }
  const end = start + match[0].length;
  if (match[2] !== undefined) return { name, statement: readValue(source, end, lookup) };
  const inherited = lookup(name);
  return { name, statement: { end, errors: [], ...(inherited === undefined ? {} : { value: inherited }) } };
}

function readValue(source: string, start: number, lookup: Lookup): Statement {
  const quote = source[start];
  if (quote !== '"' && quote !== "'") return unquoted(source, start, lookup);
  const pattern = quote === '"' ? doubleQuoted : singleQuoted;
  pattern.lastIndex = start;
  const match = pattern.exec(source);
  if (match === null) return { end: after(restOfLine, source, start), errors: ['The quote is not closed.'] };
  const close = pattern.lastIndex;
  const end = after(restOfLine, source, close);
  const rest = source.slice(close, end).trim();
  const trailing = rest === '' || rest.startsWith('#') ? [] : ['There is text after the closing quote.'];
  const inner = match[1] ?? '';
  if (quote === "'") return { value: inner.replaceAll("\\'", "'"), end, errors: trailing };
  const { value, errors } = interpolate(inner.replace(escape, unescape), lookup);
  return { value, end, errors: [...errors, ...trailing] };
}

function unquoted(source: string, start: number, lookup: Lookup): Statement {
  const end = after(restOfLine, source, start);
  // A comment begins with a blank and "#"; "#" alone belongs to the value, at its beginning too.
  const [text = ''] = source.slice(start, end).split(' #', 1);
  const { value, errors } = interpolate(text.trimEnd(), lookup);
  return { value, end, errors };
}

/** `\$` becomes `$$`, which interpolation then reads as a plain dollar. */
function unescape(sequence: string): string {
  const letter = sequence.slice(1);
  return letter.startsWith('0') ? String.fromCodePoint(Number.parseInt(letter, 8)) : (escaped[letter] ?? sequence);
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return Math.max(at, pattern.lastIndex);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}
