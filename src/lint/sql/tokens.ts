import type { Span } from '../model';

export interface Token extends Span {
  readonly kind: 'word' | 'quoted' | 'text' | 'comment' | 'sign';
}

const shapes = [
  ['comment', /--[^\n]*/y],
  ['text', /[eE]'(?:[^'\\]|''|\\[\s\S])*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y],
  ['text', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*/y],
] as const;

/** The tokens of SQL, comments among them. What is not closed runs to the end. Never throws. */
export function sqlTokens(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    if (/\s/.test(sql[at] ?? '')) {
      at += 1;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(sql: string, from: number): Token {
  if (sql.startsWith('/*', from)) return { kind: 'comment', from, to: blockCommentEnd(sql, from) };
  for (const [kind, shape] of shapes) {
    shape.lastIndex = from;
    const match = shape.exec(sql);
    if (match !== null) return { kind, from, to: from + match[0].length };
  }
  const open = /^['"]|^\$(\w*)\$/.test(sql.slice(from, from + 66));
  return { kind: open ? 'text' : 'sign', from, to: open ? sql.length : from + 1 };
}

/** Postgres' comments nest. */
function blockCommentEnd(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}

/** One statement: from its first token to its last, without the semicolon and without comments around it. */
export interface StatementTokens extends Span {
  readonly tokens: readonly Token[];
}

/** The statements between semicolons. The bodies of `CREATE FUNCTION … BEGIN ATOMIC` keep theirs. */
export function splitStatements(sql: string, tokens: readonly Token[]): readonly StatementTokens[] {
  const statements: StatementTokens[] = [];
  let current: Token[] = [];
  let depth = 0;
  let atomic = 0;
  const finish = (): void => {
    const [first, last] = [current[0], current.at(-1)];
    if (first !== undefined && last !== undefined) statements.push({ from: first.from, to: last.to, tokens: current });
    current = [];
    depth = 0;
    atomic = 0;
  };
  for (const token of tokens) {
    const text = sql.slice(token.from, token.to);
    if (token.kind === 'comment') continue;
    if (text === '(') depth += 1;
    else if (text === ')') depth -= 1;
    else if (/^atomic$/i.test(text) || (atomic > 0 && /^case$/i.test(text))) atomic += 1;
    else if (atomic > 0 && /^end$/i.test(text)) atomic -= 1;
    if (text === ';' && atomic === 0 && token.kind === 'sign' && depth <= 0) finish();
    else current.push(token);
  }
  finish();
  return statements;
}

/** The commands of `ALTER TABLE`, which commas separate. The first begins after the name of the table. */
export function commandSpans(sql: string, tokens: readonly Token[], tableAt: number): readonly Span[] {
  let index = tokens.findIndex(({ from }) => from >= tableAt) + 1;
  while (sql.slice(tokens[index]?.from, tokens[index]?.to) === '.') index += 2;
  const spans: Span[] = [];
  let depth = 0;
  let begin: number | undefined;
  let end = tableAt;
  for (const { from, to } of tokens.slice(index)) {
    const text = sql.slice(from, to);
    if (text === '(' || text === '[') depth += 1;
    if (text === ')' || text === ']') depth -= 1;
    if (text === ',' && depth === 0) {
      spans.push({ from: begin ?? from, to: end });
      begin = undefined;
      continue;
    }
    if (begin === undefined && text === '*') continue;
    begin ??= from;
    end = to;
  }
  spans.push({ from: begin ?? tableAt, to: end });
  return spans;
}
