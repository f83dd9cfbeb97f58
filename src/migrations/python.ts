import type { parser } from '@lezer/python';
import { inSlices } from '../operations/inSlices';
import { readPlainModule } from './plainPython';

export type PythonTree = ReturnType<typeof parser.parse>;
export type PythonNode = PythonTree['topNode'];

/** What a Python module assigns at its top, as far as it is written out: texts, lists of texts, None. */
export interface PythonModule {
  readonly docstring?: string;
  readonly assigned: ReadonlyMap<string, PythonValue>;
}

/** Texts; none for None and for an empty tuple. Undefined for what has to be run to be known. */
export type PythonValue = readonly string[] | undefined;

/** Reads Python without running it. The parser is loaded when first needed. */
export async function pythonReader(): Promise<(text: string) => PythonTree> {
  const { parser } = await import('@lezer/python');
  return (text) => parser.parse(text);
}

/** What modules assign, in their order. The parser is loaded only where one of them is not plain. */
export async function readModules(texts: readonly string[]): Promise<readonly PythonModule[]> {
  const plain = await inSlices(texts, (text) => {
    const head = headOf(text);
    return whole(text, head, readPlainModule(head));
  });
  if (plain.every((each) => each !== undefined)) return plain;
  const parse = await pythonReader();
  return inSlices([...plain.entries()], ([index, read]) => read ?? readModule(texts[index] ?? '', parse));
}

/**
 * The docstring and the plain assignments at the top of a module. `parse` need not get the whole text: what is looked for
 * stands before the first function, and parsing costs time.
 */
export function readModule(text: string, parse: (text: string) => PythonTree): PythonModule {
  const head = headOf(text);
  return whole(text, head, topLevel(head, parse(head))) ?? topLevel(text, parse(text));
}

function headOf(text: string): string {
  const at = text.search(/^(?:async\s+def|def|class|@)\b/m);
  return at < 0 ? text : text.slice(0, at);
}

/** What the head of a module says, unless it is cut: a docstring may have a line that looks like a function. */
function whole(text: string, head: string, module: PythonModule | undefined): PythonModule | undefined {
  return module?.assigned.has('revision') === true || head.length === text.length ? module : undefined;
}

function topLevel(text: string, tree: PythonTree): PythonModule {
  const assigned = new Map<string, PythonValue>();
  let docstring: string | undefined;
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'ExpressionStatement' && docstring === undefined && assigned.size === 0) docstring = stringOf(text, node.firstChild);
    if (node.name === 'AssignStatement') assign(text, node, assigned);
  }
  return { assigned, ...(docstring === undefined ? {} : { docstring }) };
}

function assign(text: string, statement: PythonNode, assigned: Map<string, PythonValue>): void {
  const target = statement.firstChild;
  const value = statement.lastChild;
  const operator = value?.prevSibling;
  if (target?.name !== 'VariableName' || value === null || operator?.name !== 'AssignOp') return;
  assigned.set(text.slice(target.from, target.to), valueOf(text, value));
}

function valueOf(text: string, node: PythonNode): PythonValue {
  if (node.name === 'None') return [];
  const single = stringOf(text, node);
  if (single !== undefined) return [single];
  if (!['TupleExpression', 'ArrayExpression', 'SetExpression', 'ParenthesizedExpression'].includes(node.name)) return undefined;
  const members = childrenOf(node).filter(({ name }) => /^[A-Z]/.test(name) && name !== 'Comment');
  const values = members.map((member) => valueOf(text, member));
  return values.every((value) => value !== undefined) ? values.flat() : undefined;
}

/** The text that a literal stands for; undefined for what is none, and for f-strings. */
export function stringOf(text: string, node: PythonNode | null): string | undefined {
  if (node === null) return undefined;
  if (node.name === 'ContinuedString') {
    const parts = childrenOf(node).map((part) => stringOf(text, part));
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
  }
  if (node.name !== 'String') return undefined;
  const match = /^([rRuU]?)("""|'''|"|')([\s\S]*)\2$/.exec(text.slice(node.from, node.to));
  if (match === null) return undefined;
  const [, prefix = '', , body = ''] = match;
  return /r/i.test(prefix) ? body : body.replace(/\\([\\'"]|\r?\n)/g, (_, sign: string) => (/\n/.test(sign) ? '' : sign));
}

export function childrenOf(node: PythonNode): readonly PythonNode[] {
  const children: PythonNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
