import type { StatementOf, TableName } from '../model';
import { fillerOf, indented, ownLines, pythonText, sqlName, sqlTable, type Fix, type OwnLines, type Subject } from './fix';
import { writtenDowngrade } from './downgrade';

const block = 'with op.get_context().autocommit_block():';
/** Rows that are written in one go: few enough to hold their locks for a moment only. */
const batch = 10_000;

/** The fixes for a warning in a file of Alembic. */
export function pythonFixes(subject: Subject): readonly Fix[] {
  const { finding, text, migration } = subject;
  if (finding.rule === 'downgrade-missing') return writtenDowngrade(text, migration);
  const { statement } = finding;
  const lines = statement === undefined ? undefined : ownLines(text, statement.span);
  if (statement === undefined || lines === undefined) return [];
  const isOperation = /^(alembic\.)?op\./.test(text.slice(statement.span.from, statement.span.to));
  if (finding.rule === 'timeout-missing') return [lockTimeout(lines)];
  if (statement.kind === 'addColumn' && finding.rule === 'column-add-required') {
    return [...(isOperation ? threeSteps(subject, statement, lines) : []), ...serverDefault(subject, statement)];
  }
  if (!isOperation) return [];
  if (statement.kind === 'setNotNull') return provenNotNull(text, statement, lines);
  if (statement.kind === 'createIndex' || statement.kind === 'dropIndex') return concurrently(subject, statement, lines);
  if (statement.kind === 'addForeignKey' || statement.kind === 'addCheck') return notValid(text, statement, lines);
  return [];
}

function lockTimeout({ from, indent }: OwnLines): Fix {
  const line = `${indent}op.execute("SET LOCAL lock_timeout = '5s'")\n`;
  return { title: 'Give up after 5 seconds when the lock cannot be had', edits: [{ from, to: from, text: line }], preferred: true };
}

function threeSteps({ text }: Subject, { table, column, span }: StatementOf<'addColumn'>, lines: OwnLines): readonly Fix[] {
  const filler = fillerOf(column.type);
  if (table === undefined || filler === undefined) return [];
  const call = text.slice(span.from, span.to);
  const definition = text.slice(column.span.from, column.span.to);
  const nullable = definition.replace(/nullable\s*=\s*False/, 'nullable=True');
  if (nullable === definition) return [];
  const added = call.slice(0, column.span.from - span.from) + nullable + call.slice(column.span.to - span.from);
  const [name, target] = [sqlName(column.name), sqlTable(table)];
  const fill = `UPDATE ${target} SET ${name} = ${filler} WHERE ctid IN (SELECT ctid FROM ${target} WHERE ${name} IS NULL LIMIT ${batch})`;
  const after = indented(
    [
      '# Fills the rows that are there, a few at a time: put in the value that fits.',
      block,
      `    while op.get_bind().exec_driver_sql(${pythonText(fill)}).rowcount > 0:`,
      '        pass',
      ...provenSteps(table, column.name),
    ],
    lines.indent,
  );
  return [
    { title: 'Add it as nullable, fill it, then make it NOT NULL', edits: [{ from: span.from, to: span.to, text: `${added}\n${after}` }], preferred: true },
  ];
}

/** NOT NULL without a look at every row under a lock: a CHECK proves it first. */
function provenSteps(table: TableName, column: string): readonly string[] {
  const [target, name] = [sqlTable(table), sqlName(column)];
  const check = sqlName(`${table.name}_${column}_not_null`.slice(0, 60));
  return [
    block,
    `    op.execute(${pythonText(`ALTER TABLE ${target} ADD CONSTRAINT ${check} CHECK (${name} IS NOT NULL) NOT VALID`)})`,
    `    op.execute(${pythonText(`ALTER TABLE ${target} VALIDATE CONSTRAINT ${check}`)})`,
    `op.execute(${pythonText(`ALTER TABLE ${target} ALTER COLUMN ${name} SET NOT NULL`)})`,
    `op.execute(${pythonText(`ALTER TABLE ${target} DROP CONSTRAINT ${check}`)})`,
  ];
}

function provenNotNull(text: string, { table, column, span, focus, inTransaction }: StatementOf<'setNotNull'>, lines: OwnLines): readonly Fix[] {
  if (table === undefined || column === undefined || !inTransaction) return [];
  // What else the call changes is left to it.
  const others = /\b(type_|new_column_name|server_default)\s*=/.test(text.slice(span.from, span.to));
  const steps = indented(provenSteps(table, column), lines.indent).trimStart();
  const rest = others ? `${text.slice(span.from, focus.from)}${text.slice(focus.to, span.to).replace(/^\s*,\s*/, '')}\n${lines.indent}` : '';
  return [
    { title: 'Prove it with a CHECK first, without locking for long', edits: [{ from: span.from, to: span.to, text: `${rest}${steps}` }], preferred: true },
  ];
}

function serverDefault({ text }: Subject, { column }: StatementOf<'addColumn'>): readonly Fix[] {
  const filler = fillerOf(column.type);
  if (filler === undefined) return [];
  const definition = text.slice(column.span.from, column.span.to);
  const prefix = /^([\w.]+\.)?Column\b/.exec(definition)?.[1] ?? '';
  const isCall = /\(\)$|^current_/.test(filler);
  if (isCall && (prefix === '' || filler.startsWith('gen_random'))) return [];
  const value = isCall ? `${prefix}text(${pythonText(filler)})` : pythonText(filler.replaceAll("'", ''));
  const end = column.span.to - 1;
  const separator = /,\s*$/.test(text.slice(column.span.from, end)) ? ' ' : ', ';
  return [{ title: `Give it a server_default of ${filler}`, edits: [{ from: end, to: end, text: `${separator}server_default=${value}` }], preferred: false }];
}

function concurrently({ text, finding }: Subject, statement: StatementOf<'createIndex'> | StatementOf<'dropIndex'>, lines: OwnLines): readonly Fix[] {
  if (!['index-create', 'index-drop', 'unique-add', 'concurrently-in-transaction'].includes(finding.rule)) return [];
  const { span, inTransaction, concurrently } = statement;
  const repeatable = statement.kind === 'createIndex' ? statement.ifNotExists : statement.ifExists;
  const call = text.slice(span.from, span.to);
  const flags = [
    ...(concurrently ? [] : ['postgresql_concurrently=True']),
    ...(repeatable || !supportsIfExists(text) ? [] : [statement.kind === 'createIndex' ? 'if_not_exists=True' : 'if_exists=True']),
  ];
  const changed = withArguments(call, flags);
  const replaced = inTransaction ? `${block}\n${lines.indent}    ${changed.replaceAll('\n', '\n    ')}` : changed;
  const title = statement.kind === 'createIndex' ? 'Build it CONCURRENTLY, outside of the transaction' : 'Drop it CONCURRENTLY, outside of the transaction';
  return [{ title, edits: [{ from: span.from, to: span.to, text: replaced }], preferred: true }];
}

/** `if_not_exists` came with Alembic 1.12; only a file that uses it tells that it is there. */
function supportsIfExists(text: string): boolean {
  return /\bif_(not_)?exists\s*=/.test(text);
}

function notValid(text: string, statement: StatementOf<'addForeignKey'> | StatementOf<'addCheck'>, lines: OwnLines): readonly Fix[] {
  const { span, table, name, inTransaction } = statement;
  const call = text.slice(span.from, span.to);
  if (table === undefined || name === undefined || !/^op\.create_(foreign_key|check_constraint)\b/.test(call)) return [];
  const inner = inTransaction ? '    ' : '';
  const added = withArguments(call, ['postgresql_not_valid=True']).replaceAll('\n', `\n${inner}`);
  const validate = `op.execute(${pythonText(`ALTER TABLE ${sqlTable(table)} VALIDATE CONSTRAINT ${sqlName(name)}`)})`;
  const steps = [...(inTransaction ? [block] : []), `${inner}${added}`, `${inner}${validate}`];
  return [{ title: 'Add it NOT VALID, then validate it', edits: [{ from: span.from, to: span.to, text: steps.join(`\n${lines.indent}`) }], preferred: true }];
}

/** A call with more keywords. */
function withArguments(call: string, keywords: readonly string[]): string {
  if (keywords.length === 0) return call;
  const end = call.lastIndexOf(')');
  const before = call.slice(0, end);
  const trimmed = before.trimEnd();
  const separator = trimmed.endsWith('(') ? '' : trimmed.endsWith(',') ? ' ' : ', ';
  const multiline = before.slice(trimmed.length).includes('\n');
  return `${trimmed}${separator}${keywords.join(', ')}${multiline ? before.slice(trimmed.length) : ''}${call.slice(end)}`;
}
