import { ownLines, type Fix, type Subject } from './fix';
import { pythonFixes } from './python';
import { sqlFixes } from './sql';

const marks = { alembic: '#', sql: '--' } as const;

/** What can be done about a warning, the best first; silencing it comes last. */
export function fixesFor(subject: Subject): readonly Fix[] {
  const { tool } = subject.migration;
  const fixes = tool === 'alembic' ? pythonFixes(subject) : tool === 'sql' ? sqlFixes(subject) : [];
  return [...fixes, ...silencing(subject)];
}

/** A comment above the statement, which silences one rule there. */
function silencing({ text, migration, finding }: Subject): readonly Fix[] {
  const { tool } = migration;
  const mark = tool === 'alembic' || tool === 'sql' ? marks[tool] : '//';
  const span = finding.statement?.span ?? finding.span;
  const lines = ownLines(text, span) ?? { from: text.lastIndexOf('\n', span.from - 1) + 1 };
  const indent = /^[ \t]*/.exec(text.slice(lines.from))?.[0] ?? '';
  const comment = `${indent}${mark} container-databases: ignore ${finding.rule}\n`;
  return [{ title: `Ignore ${finding.rule} here`, edits: [{ from: lines.from, to: lines.from, text: comment }], preferred: false, silences: true }];
}

/** A text with a fix applied. */
export function applied(text: string, { edits }: Fix): string {
  let result = text;
  for (const { from, to, text: replacement } of edits.toSorted((a, b) => b.from - a.from)) result = result.slice(0, from) + replacement + result.slice(to);
  return result;
}
