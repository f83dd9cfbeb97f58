/** How bad what a line of Postgres' log says is; `more` for what belongs to the line before. */
export type LogSeverity = 'debug' | 'info' | 'warning' | 'error' | 'more';

const severities: Readonly<Record<string, LogSeverity>> = {
  LOG: 'info',
  INFO: 'info',
  NOTICE: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  FATAL: 'error',
  PANIC: 'error',
  DETAIL: 'more',
  HINT: 'more',
  CONTEXT: 'more',
  STATEMENT: 'more',
  QUERY: 'more',
  LOCATION: 'more',
};

/** Reads the severity of a line; whatever its prefix is, it stands before the first word in capitals with a colon and two blanks. */
export function logSeverity(line: string): LogSeverity {
  if (/^\s/.test(line)) return 'more';
  const word = /(?:^|\s)(DEBUG[1-5]|[A-Z]+): {2}/.exec(line)?.[1] ?? '';
  return word.startsWith('DEBUG') ? 'debug' : (severities[word] ?? 'info');
}

/** A line without what would be shown as colours or move the cursor in a terminal. */
export function plainLine(line: string): string {
  // oxlint-disable-next-line no-control-regex -- it is these that are taken out
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/(?!\t)\p{Cc}/gu, '');
}
