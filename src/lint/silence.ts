import type { Migration, Span } from './model';
import type { Lines } from './text/lines';

/** A comment that silences rules, on its own line for the next, or behind what it is about. */
export interface Silence extends Span {
  readonly line: number;
  /** The rules that are silenced; empty for all. */
  readonly rules: readonly string[];
  /** Whether it stands alone on its line. */
  readonly alone: boolean;
  /** Whether it is for the whole file: `ignore-file`. */
  readonly wholeFile: boolean;
}

const shape = /container-databases:\s*ignore(-file)?\b[ \t]*([\w\-, \t]*)/;

/** The silences of a file. */
export function silencesOf({ comments }: Migration, text: string, lines: Lines): readonly Silence[] {
  return comments.flatMap(({ from, to, text: comment }) => {
    const match = shape.exec(comment);
    if (match === null) return [];
    const rules = (match[2] ?? '').split(/[\s,]+/).filter((word) => /^[a-z]+(-[a-z]+)*$/.test(word));
    const { line, column } = lines.at(from);
    const alone = text.slice(from - column + 1, from).trim() === '';
    return [{ from, to, line, rules, alone, wholeFile: match[1] !== undefined }];
  });
}

/** Whether a warning is silenced: behind it, on a line of its own above it, or above the statement that it is in. */
export function isSilenced(silences: readonly Silence[], rule: string, span: Span, statement: Span | undefined, lines: Lines): boolean {
  if (silences.length === 0) return false;
  const first = lines.at(Math.min(span.from, statement?.from ?? span.from)).line;
  const at = lines.at(span.from).line;
  const above = (line: number): boolean => silences.some((each) => each.alone && each.line === line && isMeant(each, rule));
  for (let line = first - 1; silences.some((each) => each.alone && each.line === line); line -= 1) if (above(line)) return true;
  return silences.some((each) => isMeant(each, rule) && (each.wholeFile || each.line === at || each.line === first || (each.alone && each.line === at - 1)));
}

function isMeant({ rules }: Silence, rule: string): boolean {
  return rules.length === 0 || rules.includes(rule);
}
