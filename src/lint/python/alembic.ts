import type { SyntaxNode, Tree } from '@lezer/common';
import type { Migration, Revision, Section, Span, Statement, TableName } from '../model';
import { readSql, type SqlReader } from '../sql/readSql';
import { children } from './evaluate';
import { operationsOf, tableNamed } from './operations';
import { lastName, mappedText, plainText, type Call, type Value } from './value';
import { PythonModule, textsOf, type Context } from './walk';

/** Whether a Python file looks like a revision of Alembic, without parsing it. */
export function isAlembic(text: string): boolean {
  return /^\s*(down_revision\s*[:=]|from alembic import|import alembic)/m.test(text) && /^\s*(def (upgrade|downgrade)\b|revision\s*[:=])/m.test(text);
}

/** What a revision does. Reads whatever can be read of a file that is half typed. */
export function alembicMigration(source: string, tree: Tree, sql: SqlReader): Migration {
  const root = tree.topNode;
  const module = new PythonModule(source, root);
  const revision = revisionOf(module, root);
  const sections = (['up', 'down'] as const).flatMap((direction) => {
    const definition = module.functions.get(direction === 'up' ? 'upgrade' : 'downgrade');
    return definition === undefined ? [] : [sectionOf(module, definition, direction, sql)];
  });
  const { broken, comments } = marksOf(source, tree);
  return { tool: 'alembic', sections, wantsDown: true, comments, ...(revision === undefined ? {} : { revision }), ...(broken === undefined ? {} : { broken }) };
}

function revisionOf({ source, constants }: PythonModule, root: SyntaxNode): Revision | undefined {
  const id = plainText(constants.get('revision'));
  if (id === undefined) return undefined;
  const statement = children(root).find((node) => node.name === 'AssignStatement' && /^revision\b/.test(source.slice(node.from, node.to)));
  const span: Span = { from: statement?.from ?? 0, to: statement?.to ?? 0 };
  const texts = (name: string): readonly string[] => textsOf(constants.get(name));
  return { id, parents: texts('down_revision'), labels: texts('branch_labels'), dependsOn: texts('depends_on'), span };
}

function sectionOf(module: PythonModule, definition: SyntaxNode, direction: Section['direction'], sql: SqlReader): Section {
  const statements: Statement[] = [];
  module.walk(definition, {
    call: (call, context) => {
      const found = statementsOf(call, context, sql);
      if (found !== undefined) statements.push(...found);
      return found !== undefined;
    },
  });
  return { direction, heading: module.headingOf(definition), statements, body: module.bodyOf(definition) };
}

/** What a call does; undefined when it is none that changes the database. */
function statementsOf(call: Call, context: Context, sql: SqlReader): readonly Statement[] | undefined {
  const name = lastName(call.callee);
  const place = { span: call.span, inTransaction: !context.autocommit };
  if (name === 'execute' || name === 'exec_driver_sql') return executed(call, place, sql);
  const operations = receiverOf(call);
  if (operations === undefined) return undefined;
  const found = operationsOf(name, call, operations.batch);
  const head: Span = { from: call.span.from, to: call.span.from + call.callee.length };
  return found?.map(({ effect, focus }) => ({ ...effect, ...place, focus: focus ?? head }));
}

/** Whether a method is one of `op`, or of a batch, and of which table. */
function receiverOf({ callee, receiver }: Call): { readonly batch: TableName | 'none' | undefined } | undefined {
  if (/^(alembic\.)?op\.\w+$/.test(callee)) return { batch: 'none' };
  if (receiver?.kind !== 'call' || lastName(receiver.callee) !== 'batch_alter_table') return undefined;
  const name = plainText(receiver.args[0] ?? receiver.keywords.get('table_name')?.value);
  return { batch: tableNamed(name, plainText(receiver.keywords.get('schema')?.value)) };
}

/** SQL that is executed, by `op` or by a connection. */
function executed(call: Call, place: Pick<Statement, 'span' | 'inTransaction'>, sql: SqlReader): readonly Statement[] | undefined {
  const given = call.args[0] ?? call.keywords.get('sqltext')?.value ?? call.keywords.get('statement')?.value;
  const byAlembic = /^(alembic\.)?op\.execute$/.test(call.callee) || (call.receiver?.kind === 'call' && lastName(call.receiver.callee) === 'batch_alter_table');
  const text = mappedText(given);
  if (text !== undefined) return readSql(text, sql, { inTransaction: place.inTransaction, within: place.span });
  if (given === undefined) return undefined;
  const built = builtChange(given);
  if (built !== undefined) return [{ ...built, ...place, focus: given.span }];
  const formatted = given.kind === 'formatted' || (given.kind === 'call' && given.args[0]?.kind === 'formatted' && lastName(given.callee) === 'text');
  if (!formatted && !(byAlembic && given.kind !== 'call')) return byAlembic ? [] : undefined;
  const why = formatted ? 'It is put together while the migration runs.' : 'It is not written here.';
  return [{ kind: 'opaque', why, ...place, focus: given.span }];
}

/** UPDATE and DELETE that are built of SQLAlchemy's expressions. */
function builtChange(
  value: Value,
): { readonly kind: 'changeRows'; readonly what: 'update' | 'delete'; readonly table: TableName | undefined; readonly limited: boolean } | undefined {
  let chain: Value | undefined = value;
  while (chain?.kind === 'call') {
    const name = lastName(chain.callee);
    if (name === 'update' || name === 'delete') {
      const target: Value | undefined = chain.callee.includes('.') && chain.args.length === 0 ? chain.receiver : chain.args[0];
      const table = target?.kind === 'call' && /(^|\.)(table|Table)$/.test(target.callee) ? plainText(target.args[0]) : undefined;
      return { kind: 'changeRows', what: name, table: tableNamed(table), limited: false };
    }
    chain = chain.receiver;
  }
  return undefined;
}

/** The first place that is broken, and all comments. */
function marksOf(source: string, tree: Tree): Pick<Migration, 'comments'> & { readonly broken?: Migration['broken'] } {
  const comments: (Span & { readonly text: string })[] = [];
  let broken: Migration['broken'];
  tree.iterate({
    enter: ({ name, type, from, to }) => {
      if (name === 'Comment') comments.push({ from, to, text: source.slice(from, to) });
      if (type.isError && broken === undefined)
        broken = { from, to: Math.max(to, Math.min(from + 1, source.length)), why: 'The Python cannot be read from here on.' };
    },
  });
  return broken === undefined ? { comments } : { comments, broken };
}
