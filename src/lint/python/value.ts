import type { Span } from '../model';
import type { MappedText } from '../text/mapped';

/** A call as it was written, its arguments evaluated as far as the file tells. */
export interface Call {
  readonly kind: 'call';
  readonly span: Span;
  /** Dotted, calls within it as `()`: `op.get_context().autocommit_block`. */
  readonly callee: string;
  /** What the method is called on. */
  readonly receiver?: Value;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, { readonly value: Value; readonly span: Span }>;
}

export type Value =
  | Call
  | { readonly kind: 'text'; readonly span: Span; readonly text: MappedText }
  /** A text of which some is only known when the program runs. */
  | { readonly kind: 'formatted'; readonly span: Span }
  | { readonly kind: 'number'; readonly span: Span; readonly text: string }
  | { readonly kind: 'boolean'; readonly span: Span; readonly value: boolean }
  | { readonly kind: 'none'; readonly span: Span }
  | { readonly kind: 'list'; readonly span: Span; readonly items: readonly Value[] }
  | { readonly kind: 'name'; readonly span: Span; readonly name: string }
  | { readonly kind: 'unknown'; readonly span: Span };

/** What names stand for where a statement is. */
export type Scope = ReadonlyMap<string, Value>;

/** The text that a value is; also of `op.f("name")` and the like, which only say how a name is meant. */
export function plainText(value: Value | undefined): string | undefined {
  return mappedText(value)?.text;
}

export function mappedText(value: Value | undefined): MappedText | undefined {
  if (value?.kind === 'text') return value.text;
  if (value?.kind === 'call' && /(^|\.)(f|text|quoted_name|dedent|inline_literal|literal_column|cleandoc)$/.test(value.callee))
    return mappedText(value.args[0]);
  return undefined;
}

export function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'boolean' && value.value;
}

/** The last part of a dotted name: `Column` of `sa.Column`. */
export function lastName(callee: string): string {
  return callee.slice(callee.lastIndexOf('.') + 1);
}
