import type { Effect, Span, Statement } from '../model';
import type { MappedText } from '../text/mapped';
import { effectsOf } from './effects';
import { maskPlaceholders } from './mask';
import type { ParseSql } from './parser';
import { splitStatements, sqlTokens } from './tokens';

/** How SQL is read: with the parser, or, until that is loaded, by noting that there was some. */
export class SqlReader {
  /** Whether there was SQL that could not be read for want of a parser. */
  missed = false;

  constructor(private readonly parse: ParseSql | undefined) {}

  /** The effects of one statement, or why it cannot be read. */
  read(sql: string, tokens: Parameters<typeof effectsOf>[2]): ReturnType<typeof effectsOf> | string {
    if (this.parse === undefined) {
      this.missed = true;
      return [];
    }
    try {
      const node = this.parse(sql);
      return node === undefined ? [] : effectsOf(node, sql, tokens);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
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
    const read = reader.read(
      sql.slice(from, to),
      tokens.map((token) => ({ ...token, from: token.from - from, to: token.to - from })),
    );
    const effects: readonly { readonly effect: Effect; readonly focus?: Span }[] =
      typeof read === 'string' ? [{ effect: { kind: 'opaque', why: read } }] : read;
    const statements = effects.map(({ effect, focus }) => ({
      ...effect,
      span: place.within ?? span,
      focus: focus === undefined ? span : text.span(from + focus.from, from + focus.to),
      inTransaction,
    }));
    for (const { effect } of effects) if (effect.kind === 'transaction') inTransaction = effect.action === 'begin';
    return statements;
  });
}
