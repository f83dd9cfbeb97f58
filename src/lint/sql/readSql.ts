import type { Effect, Span, Statement } from '../model';
import type { MappedText } from '../text/mapped';
import { effectsOf, type SqlEffect } from './effects';
import { maskPlaceholders } from './mask';
import { errorOffset, type ParseSql } from './parser';
import { splitStatements, sqlTokens, type Token } from './tokens';

/** What a statement does, or why that cannot be told. */
export type SqlOutcome = readonly SqlEffect[];

/** How SQL is read: with the parser, or, until that is loaded, by noting that there was some. */
export class SqlReader {
  /** Whether there was SQL that could not be read for want of a parser. */
  missed = false;

  /** `memory` keeps what statements came to, for a file that is read again and again. */
  constructor(
    private readonly parse: ParseSql | undefined,
    private readonly memory?: Map<string, SqlOutcome>,
  ) {}

  /** The effects of one statement, or why it cannot be read. */
  read(sql: string, tokens: readonly Token[]): SqlOutcome {
    const known = this.memory?.get(sql);
    if (known !== undefined) return known;
    if (this.parse === undefined) {
      this.missed = true;
      return [];
    }
    const outcome = outcomeOf(this.parse, sql, tokens);
    this.memory?.set(sql, outcome);
    return outcome;
  }
}

function outcomeOf(parse: ParseSql, sql: string, tokens: readonly Token[]): SqlOutcome {
  try {
    const node = parse(sql);
    return node === undefined ? [] : effectsOf(node, sql, tokens);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const focus = tokenAtError(errorOffset(error, sql), tokens);
    return [{ effect: { kind: 'opaque', why: error.message }, ...(focus === undefined ? {} : { focus }) }];
  }
}

/** What the parser stumbled over; the last word where something is missing behind it. */
function tokenAtError(offset: number | undefined, tokens: readonly Token[]): Span | undefined {
  if (offset === undefined) return undefined;
  const words = tokens.filter(({ kind }) => kind !== 'comment');
  const found = words.find(({ to }) => to > offset);
  return found === undefined ? words.at(-1) : { from: Math.max(found.from, offset), to: found.to };
}

export interface SqlPlace {
  readonly inTransaction: boolean;
  /** The statement of another language that holds the SQL. */
  readonly within?: Span;
}

/** The statements of a text of SQL. One that cannot be read is opaque, and says why. */
export function readSql(text: MappedText, reader: SqlReader, place: SqlPlace): readonly Statement[] {
  const sql = maskPlaceholders(text.text);
  let inTransaction = place.inTransaction;
  return splitStatements(sql, sqlTokens(sql)).flatMap(({ from, to, tokens }): readonly Statement[] => {
    const span = text.span(from, to);
    const effects = reader.read(
      sql.slice(from, to),
      tokens.map((token) => ({ ...token, from: token.from - from, to: token.to - from })),
    );
    const inFile = (part: Span): Span => text.span(from + part.from, from + part.to);
    const statements = effects.map(({ effect, focus }) => ({
      ...withColumns(effect, inFile),
      span: place.within ?? span,
      focus: focus === undefined ? span : inFile(focus),
      inTransaction,
    }));
    for (const { effect } of effects) if (effect.kind === 'transaction') inTransaction = effect.action === 'begin';
    return statements;
  });
}

/** An effect whose columns say where they stand in the file, rather than in the statement. */
function withColumns(effect: Effect, inFile: (span: Span) => Span): Effect {
  if (effect.kind === 'addColumn') return { ...effect, column: { ...effect.column, span: inFile(effect.column.span) } };
  if (effect.kind === 'createTable') return { ...effect, columns: effect.columns.map((column) => ({ ...column, span: inFile(column.span) })) };
  return effect;
}
