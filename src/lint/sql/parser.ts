import type { Node, SqlError } from 'libpg-query';

/** Gives the tree of one statement. Throws an error that tells what is wrong. */
export type ParseSql = (statement: string) => Node | undefined;

let loading: Promise<ParseSql> | undefined;

/** Postgres' own parser, 1.7 MB of WebAssembly: loaded when the first SQL is met, and once. */
export function loadSqlParser(): Promise<ParseSql> {
  loading ??= import('libpg-query').then(async ({ loadModule, parseSync }) => {
    await loadModule();
    return (statement) => parseSync(statement).stmts?.[0]?.stmt;
  });
  return loading;
}

/** Where in a statement the parser stopped; undefined where it does not tell. */
export function errorOffset(error: Error, statement: string): number | undefined {
  const position = (error as Partial<SqlError>).sqlDetails?.cursorPosition ?? 0; // in characters, as Postgres counts them
  return position === 0 ? undefined : Array.from(statement).slice(0, position).join('').length;
}
