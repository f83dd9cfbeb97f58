/** A statement of a script. */
interface ScriptStatement {
  /** The statement without comments, quoted texts and names, in capitals. */
  readonly words: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

// What is not to be read as words: comments, quoted texts and names, dollar quotes. Block comments nest, which no
// regular expression can follow; their end is looked for by hand, as is that of dollar quotes.
const quoted =
  /--[^\n]*|\/\*|\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$\u0080-\uffff])\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/gi;

function statementsOf(script: string): readonly ScriptStatement[] {
  const bare = withoutQuotes(script);
  let line = 1;
  return bare.split(';').map((text) => {
    const begin = line + (/^\s*/.exec(text)?.[0].split('\n').length ?? 1) - 1;
    line += text.split('\n').length - 1;
    return { words: text.trim().replace(/\s+/g, ' ').toUpperCase(), line: begin };
  });
}

/** The script with blanks for everything quoted; every character that is left stays where it was. */
function withoutQuotes(script: string): string {
  const pattern = new RegExp(quoted);
  let bare = '';
  let position = 0;
  for (let found = pattern.exec(script); found !== null; found = pattern.exec(script)) {
    const [text] = found;
    const end = text === '/*' ? endOfComment(script, found.index) : text.startsWith('$') ? endOfDollars(script, found.index, text) : pattern.lastIndex;
    bare += script.slice(position, found.index) + script.slice(found.index, end).replace(/[^\n]/g, ' ');
    position = end;
    pattern.lastIndex = end;
  }
  return bare + script.slice(position);
}

function endOfComment(script: string, start: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let mark = marks.exec(script); mark !== null; mark = marks.exec(script)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return script.length;
}

function endOfDollars(script: string, start: number, tag: string): number {
  const end = script.indexOf(tag, start + tag.length);
  return end < 0 ? script.length : end + tag.length;
}

// What ends a transaction, begins one, or works outside of any. Code in DO and CALL cannot do so in a transaction that
// was begun outside of it.
const transactional =
  /^(?:COMMIT|END|ROLLBACK(?! (?:(?:WORK|TRANSACTION) )?TO\b)|ABORT|BEGIN|START TRANSACTION|PREPARE TRANSACTION|VACUUM|(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)|ALTER SYSTEM)\b/;
// With it off, a backslash quotes a quote, and what is text here would not be what is text there.
const otherQuoting = /\bSTANDARD_CONFORMING_STRINGS\b/;

/** The line of the first statement that a run which is to be rolled back cannot have; undefined when there is none. */
export function firstUnrollable(script: string): number | undefined {
  if (otherQuoting.test(script.toUpperCase()) && !/standard_conforming_strings\s*(?:=|to)\s*'?on\b/i.test(script)) return 1;
  return statementsOf(script).find(({ words }) => transactional.test(words))?.line;
}

/** The statements of a script one by one, as they are written; undefined where a body without quotes holds semicolons of its own. */
export function splitStatements(script: string): readonly string[] | undefined {
  const bare = withoutQuotes(script);
  if (/\bBEGIN\s+ATOMIC\b/i.test(bare)) return undefined;
  const ends = [...bare.matchAll(/;/g)].map(({ index }) => index);
  return [...ends, bare.length].flatMap((end, position) => {
    const start = position === 0 ? 0 : (ends[position - 1] ?? 0) + 1;
    return bare.slice(start, end).trim() === '' ? [] : [script.slice(start, end).trim()];
  });
}

/** The line of the first thing that is for psql alone, such as `\i` or the rows behind `COPY … FROM stdin`; undefined when there is none. */
export function firstForPsql(script: string): number | undefined {
  const lines = withoutQuotes(script).split('\n');
  const command = lines.findIndex((line) => /^\s*\\|\\g(?:exec|set|x)?\s*$/.test(line));
  const copy = statementsOf(script).find(({ words }) => /^COPY\b.*\bFROM STDIN\b/.test(words))?.line;
  const found = [...(command < 0 ? [] : [command + 1]), ...(copy === undefined ? [] : [copy])];
  return found.length === 0 ? undefined : Math.min(...found);
}

/** A script without the transaction that it puts around all of itself; as it is where it has none, or more than one. */
export function withoutTransaction(script: string): string {
  const statements = splitStatements(script) ?? [];
  const words = statements.map((statement) => statementsOf(statement)[0]?.words ?? '');
  const begins = /^(?:BEGIN|START TRANSACTION)(?: WORK| TRANSACTION)?$/.test(words[0] ?? '');
  const ends = /^(?:COMMIT|END)(?: WORK| TRANSACTION)?$/.test(words.at(-1) ?? '');
  return begins && ends ? `${statements.slice(1, -1).join(';\n')};` : script;
}
