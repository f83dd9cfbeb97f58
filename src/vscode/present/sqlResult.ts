import type { ScriptResult } from '../../postgres/runScript';
import type { StatementResult } from '../../postgres/session';
import { formatDuration } from '../../protocol/format';
import type { Translate } from './translate';
import { joinParts, rowsText } from './words';

/** Rows of one statement that are shown at most, and characters of one value. */
const mostRows = 1000;
const mostText = 200;

/** What a script gave, as a text to read: one block for each statement. */
export function sqlResultText(t: Translate, database: string, result: ScriptResult, language: string): string {
  const took = t('took {0}', result.milliseconds < 1000 ? `${Math.round(result.milliseconds)} ms` : formatDuration(result.milliseconds));
  const head = joinParts(database, took, result.rolledBack ? t('everything was rolled back; only sequences have moved on') : undefined);
  const notices = result.notices.length === 0 ? [] : [result.notices.join('\n')];
  const blocks = result.results.filter(({ command }) => command !== '').map((each) => blockOf(t, each, language));
  return [`-- ${head}`, ...notices, ...blocks].join('\n\n').concat('\n');
}

function blockOf(t: Translate, { command, rowCount, columns, rows }: StatementResult, language: string): string {
  if (columns.length === 0) return joinParts(command, rowCount === null ? undefined : rowsText(t, rowCount, language));
  const shown = rows.slice(0, mostRows).map((row) => row.map(cellText));
  const widths = columns.map((column, index) => Math.max(lengthOf(column), ...shown.map((row) => lengthOf(row[index] ?? ''))));
  // Numbers stand right, so that they can be compared.
  const right = columns.map((_, index) => rows.length > 0 && rows.every((row) => row[index] === null || /^-?\d+(?:\.\d+)?$/.test(row[index] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const blanks = ' '.repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(cell)));
        return right[index] === true ? blanks + cell : cell + blanks;
      })
      .join(' │ ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('─┼─');
  const count = rows.length > mostRows ? t('the first {0} of {1}', mostRows, rowsText(t, rows.length, language)) : rowsText(t, rows.length, language);
  return [line(columns), rule, ...shown.map(line), `(${count})`].join('\n');
}

function cellText(value: string | null): string {
  if (value === null) return 'NULL';
  const text = value.replace(/\p{Cc}/gu, (sign) => (sign === '\n' ? '↵' : sign === '\t' ? '→' : '·'));
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
