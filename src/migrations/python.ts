import type { parser } from '@lezer/python';

export type PythonTree = ReturnType<typeof parser.parse>;
export type PythonNode = PythonTree['topNode'];

/** What a Python module assigns at its top, as far as it is written out: texts, lists of texts, None. */
export interface PythonModule {
  readonly docstring?: string;
  readonly assigned: ReadonlyMap<string, PythonValue>;
}

/** Texts; none for None and for an empty tuple. Undefined for what has to be run to be known. */
type PythonValue = readonly string[] | undefined;

/** Reads Python without running it. The parser is loaded when first needed. */
export async function pythonReader(): Promise<(text: string) => PythonTree> {
  const { parser } = await import('@lezer/python');
  return (text) => parser.parse(text);
}

/**
 * The docstring and the plain assignments at the top of a module. `parse` need not get the whole text: what is looked for
 * stands before the first function, and parsing costs time.
 */
export function readModule(text: string, parse: (text: string) => PythonTree): PythonModule {
  const head = text.slice(0, firstDefinition(text));
  const module = topLevel(head, parse(head));
  // A docstring may have a line that looks like a function.
  return head.length === text.length || module.assigned.has('revision') ? module : topLevel(text, parse(text));
}

function firstDefinition(text: string): number {
  const at = text.search(/^(?:async\s+def|def|class|@)\b/m);
  return at < 0 ? text.length : at;
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
