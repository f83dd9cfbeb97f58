import type { Span } from '../model';
import { MappedText } from '../text/mapped';

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N\{[^}]*\}|([\s\S]))/g;

/** What a Python literal begins with and is enclosed in; undefined for what is none, or is cut short. */
export function literalParts(source: string): { readonly prefix: string; readonly open: number; readonly close: number } | undefined {
  const match = /^([a-zA-Z]{0,2})('''|"""|'|")/.exec(source);
  const [, prefix = '', quote = ''] = match ?? [];
  if (match === null) return undefined;
  const open = prefix.length + quote.length;
  const close = source.length - quote.length;
  return close < open || !source.endsWith(quote) ? undefined : { prefix: prefix.toLowerCase(), open, close };
}

/** The text of a string literal, each character with its place; undefined for one that is cut short. */
export function literalText(source: string, at: number): MappedText | undefined {
  const parts = literalParts(source);
  if (parts === undefined) return undefined;
  const content = source.slice(parts.open, parts.close);
  return parts.prefix.includes('r') ? MappedText.plain(content, at + parts.open) : unescaped(content, at + parts.open);
}

/** Content of a literal in which backslashes mean something. */
export function unescaped(content: string, at: number): MappedText {
  if (!content.includes('\\')) return MappedText.plain(content, at);
  const whole: Span = { from: at, to: at + content.length };
  const parts: MappedText[] = [];
  let done = 0;
  for (const match of content.matchAll(escape)) {
    if (match.index > done) parts.push(MappedText.plain(content.slice(done, match.index), at + done));
    done = match.index + match[0].length;
    const text = decoded(match);
    if (text.length === 1) parts.push(MappedText.joined([MappedText.plain(text, at + match.index)], whole));
    else if (text.length > 1) parts.push(MappedText.at(text, { from: at + match.index, to: at + done }));
  }
  if (done < content.length) parts.push(MappedText.plain(content.slice(done), at + done));
  return MappedText.joined(parts, whole);
}

function decoded([whole, hex, short, long, octal, other]: RegExpMatchArray): string {
  const code = hex ?? short ?? long;
  if (code !== undefined) return Number.parseInt(code, 16) > 0x10ffff ? '\ufffd' : String.fromCodePoint(Number.parseInt(code, 16));
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
  if (other === undefined) return '?'; // \N{…}: a name of a character
  return simpleEscapes[other] ?? whole;
}
