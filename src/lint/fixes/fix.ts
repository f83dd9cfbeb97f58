import type { Migration, Span } from '../model';
import type { Finding } from '../rule';

/** A change of the file that takes care of a warning. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly (Span & { readonly text: string })[];
  /** Whether it is what most would want. */
  readonly preferred: boolean;
  /** Set for one that only silences the warning. */
  readonly silences?: true;
}

/** What a fix is made from. */
export interface Subject {
  readonly text: string;
  readonly migration: Migration;
  readonly finding: Finding;
}

/** The line that a statement begins on, where it has the line to itself. */
export interface OwnLines extends Span {
  readonly indent: string;
}

/** The lines of a statement; undefined where something else stands on them. */
export function ownLines(text: string, { from, to }: Span): OwnLines | undefined {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const indent = text.slice(start, from);
  const next = text.indexOf('\n', to);
  const rest = text.slice(to, next < 0 ? text.length : next);
  return /^[ \t]*$/.test(indent) && /^[ \t]*;?[ \t]*(#.*|--.*)?\r?$/.test(rest) ? { from: start, to, indent } : undefined;
}

/** What a text has to be indented by, each line of it. */
export function indented(lines: readonly string[], indent: string): string {
  return lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n');
}

/** A name as SQL writes it: quoted only where it must be. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function sqlTable({ schema, name }: { readonly schema?: string; readonly name: string }): string {
  return schema === undefined ? sqlName(name) : `${sqlName(schema)}.${sqlName(name)}`;
}

/** A text as a literal of Python. */
export function pythonText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return escaped.includes('"') && !escaped.includes("'") ? `'${escaped}'` : `"${escaped.replaceAll('"', '\\"')}"`;
}

/** A value that every column of a type can hold, as SQL; undefined where only people know one. */
export function fillerOf(type: string | undefined): string | undefined {
  if (type === undefined) return undefined;
  if (/^(text|varchar|char)/.test(type)) return "''";
  if (/^(integer|bigint|smallint|numeric|real|double precision|float)/.test(type)) return '0';
  const others: Readonly<Record<string, string>> = {
    boolean: 'false',
    date: 'current_date',
    timestamp: 'now()',
    timestamptz: 'now()',
    json: "'{}'",
    jsonb: "'{}'",
    uuid: 'gen_random_uuid()',
  };
  return type.endsWith('[]') ? "'{}'" : others[type];
}
