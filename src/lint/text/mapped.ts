import type { Span } from '../model';

/** One stretch of a text whose characters stand one after another in the file. */
interface Piece {
  readonly start: number;
  readonly from: number;
  readonly length: number;
}

/** A text that was put together from literals of a file, and where each of its characters stands there. */
export class MappedText {
  private constructor(
    readonly text: string,
    private readonly pieces: readonly Piece[],
    private readonly whole: Span,
  ) {}

  /** A stretch of the file as it is. */
  static plain(text: string, from: number): MappedText {
    return new MappedText(text, [{ start: 0, from, length: text.length }], { from, to: from + text.length });
  }

  /** Texts one after another. */
  static joined(texts: readonly MappedText[], whole: Span): MappedText {
    const pieces: Piece[] = [];
    let text = '';
    for (const part of texts) {
      const offset = text.length;
      pieces.push(...part.pieces.map((piece) => ({ ...piece, start: piece.start + offset })));
      text += part.text;
    }
    return new MappedText(text, pieces, whole);
  }

  /** A text of which only the place as a whole is known. */
  static at(text: string, whole: Span): MappedText {
    return new MappedText(text, [{ start: 0, from: whole.from, length: 0 }], whole);
  }

  /** The same length and places, other characters: what a parser cannot read is masked so. */
  masked(text: string): MappedText {
    return text.length === this.text.length ? new MappedText(text, this.pieces, this.whole) : this;
  }

  /** Where a stretch of the text stands in the file. */
  span(from: number, to: number): Span {
    const start = this.offsetOf(from);
    const end = to > from ? this.offsetOf(to - 1) : start;
    if (start === undefined || end === undefined) return this.whole;
    return { from: start, to: to > from ? end + 1 : end };
  }

  private offsetOf(index: number): number | undefined {
    const piece = this.pieces.findLast(({ start }) => start <= index);
    if (piece === undefined) return undefined;
    if (index - piece.start >= piece.length) return index === this.text.length && piece.length > 0 ? piece.from + piece.length : undefined;
    return piece.from + index - piece.start;
  }
}
