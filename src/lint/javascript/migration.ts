import type { SyntaxNode, Tree } from '@lezer/common';
import type { Migration, Section, Span, Statement, Tool } from '../model';
import { mappedText, type Call, type Value } from '../python/value';
import { readSql, type SqlReader } from '../sql/readSql';
import type { Made } from './builderParts';
import { effectsOf } from './builders';
import { tableBlock } from './knex';
import { children, evaluate } from './evaluate';

/** The tool that a file of JavaScript is a migration of; undefined when it looks like none. */
export function javascriptTool(text: string): Exclude<Tool, 'alembic' | 'sql'> | undefined {
  if (!/\bup\b/.test(text)) return undefined;
  if (/\bqueryInterface\b|\bSequelize\b/.test(text)) return 'sequelize';
  if (/\bMigrationInterface\b|\bqueryRunner\b|\bQueryRunner\b/.test(text)) return 'typeorm';
  if (/\bpgm\b|node-pg-migrate|\bMigrationBuilder\b/.test(text)) return 'node-pg-migrate';
  return /\bknex\b/i.test(text) ? 'knex' : undefined;
}

/** What a migration in JavaScript or TypeScript does, as far as literals tell. */
export function javascriptMigration(source: string, tree: Tree, tool: Exclude<Tool, 'alembic' | 'sql'>, sql: SqlReader): Migration {
  const constants = constantsOf(source, tree.topNode);
  const inTransaction = wrapsInTransaction(source, tool);
  const sections: Section[] = [];
  const comments: (Span & { readonly text: string })[] = [];
  let broken: Migration['broken'];
  tree.iterate({
    enter: ({ name, type, from, to, node }) => {
      if (/Comment$/.test(name)) comments.push({ from, to, text: source.slice(from, to) });
      if (type.isError && broken === undefined)
        broken = { from, to: Math.max(to, Math.min(from + 1, source.length)), why: 'The file cannot be read from here on.' };
      const found = directionOf(source, node);
      if (found === undefined) return true;
      const reader: Reader = { source, tool, sql, inTransaction, constants };
      const statements = statementsIn(found.body, reader, undefined);
      const isEmpty = !/[;(]/.test(source.slice(found.body.from, found.body.to).replace(/^[^{]*/, ''));
      sections.push({ direction: found.direction, heading: found.heading, statements, body: isEmpty ? 'empty' : 'statements' });
      return true;
    },
  });
  return { tool, sections, wantsDown: sections.length > 0, comments, ...(broken === undefined ? {} : { broken }) };
}

function wrapsInTransaction(source: string, tool: Tool): boolean {
  if (tool === 'sequelize') return /\btransaction\(/.test(source);
  if (tool === 'node-pg-migrate') return !/\bnoTransaction\(\)/.test(source);
  return !/\btransaction\s*[:=]\s*(false|["']none["'])/.test(source);
}

function constantsOf(source: string, root: SyntaxNode): ReadonlyMap<string, Value> {
  const constants = new Map<string, Value>();
  for (const node of children(root)) {
    const declaration = node.name === 'ExportDeclaration' ? node.getChild('VariableDeclaration') : node;
    const name = declaration?.name === 'VariableDeclaration' ? declaration.getChild('VariableDefinition') : null;
    const value = declaration?.getChild('Equals')?.nextSibling;
    if (name !== null && value !== null && value !== undefined) constants.set(source.slice(name.from, name.to), evaluate(source, value, constants));
  }
  return constants;
}

/** Whether a node is the function `up` or `down`, in whatever way it is written. */
function directionOf(
  source: string,
  node: SyntaxNode,
): { readonly direction: Section['direction']; readonly heading: Span; readonly body: SyntaxNode } | undefined {
  if (!/^(FunctionDeclaration|MethodDeclaration|Property|AssignmentExpression|VariableDeclaration)$/.test(node.name)) return undefined;
  const member = node.name === 'AssignmentExpression' ? node.firstChild?.getChild('PropertyName') : null;
  const name = member ?? node.getChild('PropertyDefinition') ?? node.getChild('VariableDefinition');
  const word = name === null || name === undefined ? '' : source.slice(name.from, name.to);
  if (name === null || name === undefined || (word !== 'up' && word !== 'down')) return undefined;
  const own = node.getChild('Block');
  const value = own === null ? (node.lastChild?.name === ';' ? node.lastChild.prevSibling : node.lastChild) : null;
  const body = own ?? (value !== null && /^(ArrowFunction|FunctionExpression)$/.test(value.name) ? (value.getChild('Block') ?? value.lastChild) : null);
  return body === null ? undefined : { direction: word, heading: { from: name.from, to: name.to }, body };
}

interface Reader {
  readonly source: string;
  readonly tool: Exclude<Tool, 'alembic' | 'sql'>;
  readonly sql: SqlReader;
  readonly inTransaction: boolean;
  readonly constants: ReadonlyMap<string, Value>;
}

/** What the calls in a body do, from the outside in, in the order in which they stand. */
function statementsIn(body: SyntaxNode, reader: Reader, block: ReturnType<typeof tableBlock>): readonly Statement[] {
  const statements: Statement[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.name === 'CallExpression') {
      const value = evaluate(reader.source, node, reader.constants);
      if (value.kind === 'call') {
        const inner = reader.tool === 'knex' ? tableBlock(value) : undefined;
        const callback = inner === undefined ? null : lastFunction(node);
        if (inner !== undefined && callback !== null) {
          if (inner.creates)
            statements.push({
              kind: 'createTable',
              table: inner.table,
              columns: [],
              ifNotExists: false,
              span: value.span,
              focus: value.span,
              inTransaction: reader.inTransaction,
            });
          statements.push(...statementsIn(callback, reader, inner));
          return;
        }
        const found = statementsOf(value, reader, block);
        if (found !== undefined) return void statements.push(...found);
      }
    }
    for (const child of children(node)) visit(child);
  };
  visit(body);
  return statements;
}

function lastFunction(node: SyntaxNode): SyntaxNode | null {
  return node.getChild('ArgList')?.getChildren('ArrowFunction').at(-1) ?? node.getChild('ArgList')?.getChildren('FunctionExpression').at(-1) ?? null;
}

function statementsOf(call: Call, { tool, sql, inTransaction }: Reader, block: ReturnType<typeof tableBlock>): readonly Statement[] | undefined {
  const place = { span: call.span, inTransaction };
  const head: Span = { from: call.span.from, to: Math.min(call.span.to, call.span.from + call.callee.length) };
  const [first] = call.args;
  if (/\.(raw|query|sql)$/.test(call.callee) && first !== undefined) {
    const text = mappedText(first);
    if (text !== undefined) return readSql(text, sql, { inTransaction, within: call.span });
    return first.kind === 'formatted' ? [{ kind: 'opaque', why: 'It is put together while the migration runs.', ...place, focus: first.span }] : undefined;
  }
  const made: readonly Made[] | undefined = effectsOf(tool, call, block);
  return made?.map(({ effect, focus }) => ({ ...effect, ...place, focus: focus ?? head }));
}
