import type { Operation, Progress } from '../operations/operation';
import type { Failure } from '../protocol/failure';
import { formatBytes } from '../protocol/format';
import type { Logger } from '../protocol/logger';
import type { CommandResult } from './command';

/** The exit codes that scripts rely on. */
export const exitCodes = { done: 0, failed: 1, usage: 2, target: 3, refused: 4, cancelled: 130 } as const;

const usageCodes = new Set(['USAGE', 'THRESHOLDS_INVALID', 'POLICY_INVALID', 'SCHEDULE_INVALID', 'LOCATION_INVALID', 'RECIPIENT_INVALID']);
const targetCodes = new Set(['TARGET_NOT_FOUND', 'TARGET_AMBIGUOUS', 'SCHEDULE_NOT_FOUND', 'VOLUME_NOT_FOUND', 'SNAPSHOT_MISSING']);

/** The exit code that a failure ends with. */
export function exitCodeOf({ code }: Failure): number {
  if (targetCodes.has(code)) return exitCodes.target;
  if (code === 'CONFIRMATION_MISSING') return exitCodes.refused;
  if (usageCodes.has(code)) return exitCodes.usage;
  return code === 'CANCELLED' ? exitCodes.cancelled : exitCodes.failed;
}

/**
 * Text that came from a container, a file or a database, safe for a terminal: control characters, with which it could
 * move the cursor or hide what stands there, are shown as what they are.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The text of a result: a JSON document, or lines for people. */
export function resultText(json: boolean, { value, lines }: CommandResult): string {
  return json ? `${JSON.stringify(value, undefined, 2)}\n` : lines.map((line) => `${printable(line)}\n`).join('');
}

/** What the command line prints, and where: results on standard output, everything else on standard error. */
export class Terminal {
  private progressShown = false;

  constructor(
    private readonly json: boolean,
    private readonly verbose: boolean,
    private readonly stdout: NodeJS.WriteStream = process.stdout,
    private readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {}

  /** Prints the one result of a command: as a JSON document, or as lines for people. */
  result(result: CommandResult): void {
    this.clearProgress();
    this.stdout.write(result.printed ?? resultText(this.json, result));
  }

  /** Prints what failed; in JSON too, so that a script always gets one document. */
  failure({ code, message, remedy }: Failure): void {
    this.clearProgress();
    if (this.json) this.stdout.write(`${JSON.stringify({ error: { code, message, remedy } }, undefined, 2)}\n`);
    this.stderr.write(`${printable(`${code}: ${message}`)}\n${printable(remedy)}\n`);
  }

  /** Says something beside the result. */
  note(message: string): void {
    this.clearProgress();
    this.stderr.write(`${printable(message)}\n`);
  }

  operation(signal: AbortSignal): Operation {
    return { signal, log: this.logger(), report: (progress) => this.progress(progress) };
  }

  logger(): Logger {
    const whenVerbose = (message: string): void => {
      if (this.verbose) this.note(message);
    };
    return { debug: whenVerbose, info: whenVerbose, warn: (message) => this.note(message), error: (message) => this.note(message) };
  }

  /** One line that is written over and over, and only where somebody sees it. */
  private progress({ message, bytes }: Progress): void {
    if (!this.stderr.isTTY) return;
    const line = printable(bytes === undefined ? message : `${message} (${formatBytes(bytes)})`);
    this.stderr.write(`\r\u001b[K${line.slice(0, (this.stderr.columns || 80) - 1)}`);
    this.progressShown = true;
  }

  private clearProgress(): void {
    if (this.progressShown) this.stderr.write('\r\u001b[K');
    this.progressShown = false;
  }
}

/** Rows as aligned columns; the widths are counted in what a reader takes for one character. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - lengthOf(cell))))
      .join('  ')
      .trimEnd(),
  );
}

function lengthOf(text: string): number {
  return Array.from(new Intl.Segmenter().segment(text)).length;
}
