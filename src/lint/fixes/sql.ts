import type { StatementOf } from '../model';
import { ownLines, sqlName, sqlTable, type Fix, type Subject } from './fix';

/** The fixes for a warning in a file of SQL. */
export function sqlFixes({ finding, text }: Subject): readonly Fix[] {
  const { statement } = finding;
  const lines = statement === undefined ? undefined : ownLines(text, statement.span);
  if (statement === undefined || lines === undefined) return [];
  if (finding.rule === 'timeout-missing') {
    const line = `${lines.indent}SET ${statement.inTransaction ? 'LOCAL ' : ''}lock_timeout = '5s';\n`;
    return [{ title: 'Give up after 5 seconds when the lock cannot be had', edits: [{ from: lines.from, to: lines.from, text: line }], preferred: true }];
  }
  if (statement.kind === 'createIndex' || statement.kind === 'dropIndex') return concurrently(text, statement);
  if (statement.kind === 'addForeignKey' || statement.kind === 'addCheck') return notValid(text, statement, lines.indent);
  if (statement.kind === 'setNotNull' && !statement.inTransaction) return provenNotNull(text, statement, lines.indent);
  return [];
}

function concurrently(text: string, { span, inTransaction, concurrently }: StatementOf<'createIndex'> | StatementOf<'dropIndex'>): readonly Fix[] {
  const word = /\bINDEX\b/i.exec(text.slice(span.from, span.to));
  if (inTransaction || concurrently || word === null) return [];
  const at = span.from + word.index + word[0].length;
  return [{ title: 'Do it CONCURRENTLY', edits: [{ from: at, to: at, text: ' CONCURRENTLY' }], preferred: true }];
}

function notValid(
  text: string,
  { span, focus, table, name, inTransaction }: StatementOf<'addForeignKey'> | StatementOf<'addCheck'>,
  indent: string,
): readonly Fix[] {
  // In one transaction the lock would be kept until the end, and nothing gained.
  if (table === undefined || name === undefined || inTransaction || !/^ADD\s+CONSTRAINT\b/i.test(text.slice(focus.from, focus.to))) return [];
  const validate = `;\n${indent}ALTER TABLE ${sqlTable(table)} VALIDATE CONSTRAINT ${sqlName(name)}`;
  const edits = [
    { from: focus.to, to: focus.to, text: focus.to === span.to ? ` NOT VALID${validate}` : ' NOT VALID' },
    ...(focus.to === span.to ? [] : [{ from: span.to, to: span.to, text: validate }]),
  ];
  return [{ title: 'Add it NOT VALID, then validate it', edits, preferred: true }];
}

function provenNotNull(text: string, { span, focus, table, column }: StatementOf<'setNotNull'>, indent: string): readonly Fix[] {
  if (table === undefined || column === undefined || focus.to !== span.to || !/^[^,]*$/.test(text.slice(span.from, span.to))) return [];
  const [target, name, check] = [sqlTable(table), sqlName(column), sqlName(`${table.name}_${column}_not_null`.slice(0, 60))];
  const steps = [
    `ALTER TABLE ${target} ADD CONSTRAINT ${check} CHECK (${name} IS NOT NULL) NOT VALID`,
    `ALTER TABLE ${target} VALIDATE CONSTRAINT ${check}`,
    text.slice(span.from, span.to),
    `ALTER TABLE ${target} DROP CONSTRAINT ${check}`,
  ];
  return [
    {
      title: 'Prove it with a CHECK first, without locking for long',
      edits: [{ from: span.from, to: span.to, text: steps.join(`;\n${indent}`) }],
      preferred: true,
    },
  ];
}
