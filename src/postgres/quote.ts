import { escapeIdentifier, escapeLiteral } from 'pg';

/** A name as an SQL identifier, always in double quotes. */
export function identifier(name: string): string {
  return escapeIdentifier(name);
}

/** A schema-qualified name as SQL. */
export function qualified(schema: string, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** A text as an SQL literal, for the statements that take no parameters (CREATE, ALTER, COMMENT). */
export function literal(text: string): string {
  return escapeLiteral(text);
}
