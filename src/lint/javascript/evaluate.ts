import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../model';
import { MappedText } from '../text/mapped';
import { unescaped } from '../python/strings';
import type { Call, Scope, Value } from '../python/value';

const depthLimit = 40;

/** All children, punctuation too. */
export function children(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

/** What an expression of JavaScript or TypeScript is worth. An object is a call of `{}` with its properties. Never throws. */
export function evaluate(source: string, node: SyntaxNode, scope: Scope, depth = 0): Value {
  const span: Span = { from: node.from, to: node.to };
  if (depth > depthLimit) return { kind: 'unknown', span };
  const inner = (child: SyntaxNode): Value => evaluate(source, child, scope, depth + 1);
  switch (node.name) {
    case 'String':
      return { kind: 'text', span, text: unescaped(source.slice(node.from + 1, node.to - 1), node.from + 1) };
    case 'TemplateString':
      return template(source, node, inner);
    case 'Number':
      return { kind: 'number', span, text: source.slice(node.from, node.to) };
    case 'BooleanLiteral':
      return { kind: 'boolean', span, value: source.slice(node.from, node.to) === 'true' };
    case 'null':
      return { kind: 'none', span };
    case 'ArrayExpression':
      return { kind: 'list', span, items: elements(node).map(inner) };
    case 'ParenthesizedExpression':
    case 'AwaitExpression': {
      const only = elements(node).find(({ name }) => name !== 'await');
      return only === undefined ? { kind: 'unknown', span } : inner(only);
    }
    case 'VariableName':
    case 'MemberExpression': {
      const name = dotted(source, node);
      return name === undefined ? { kind: 'unknown', span } : (scope.get(name) ?? { kind: 'name', span, name });
    }
    case 'BinaryExpression':
      return joined(
        elements(node)
          .filter(({ name }) => name !== 'ArithOp')
          .map(inner),
        span,
      );
    case 'ObjectExpression':
      return { kind: 'call', span, callee: '{}', args: [], keywords: properties(source, node, inner) };
    case 'CallExpression':
    case 'NewExpression':
      return call(source, node, inner);
    default:
      return { kind: 'unknown', span };
  }
}

function elements(node: SyntaxNode): readonly SyntaxNode[] {
  return children(node).filter(({ name, type }) => !/^[[\](){},]$|Comment$/.test(name) && !type.isError);
}

function joined(parts: readonly Value[], span: Span): Value {
  const texts = parts.map((part) => (part.kind === 'text' ? part.text : undefined));
  if (texts.length > 0 && texts.every((text) => text !== undefined)) return { kind: 'text', span, text: MappedText.joined(texts, span) };
  return parts.some(({ kind }) => kind === 'text' || kind === 'formatted') ? { kind: 'formatted', span } : { kind: 'unknown', span };
}

function template(source: string, node: SyntaxNode, inner: (child: SyntaxNode) => Value): Value {
  const span: Span = { from: node.from, to: node.to };
  const pieces: Value[] = [];
  let done = node.from + 1;
  const literal = (to: number): void => void (to > done && pieces.push({ kind: 'text', span, text: unescaped(source.slice(done, to), done) }));
  for (const hole of children(node).filter(({ name }) => name === 'Interpolation')) {
    literal(hole.from);
    done = hole.to;
    const expression = children(hole).find(({ name }) => !/^Interpolation/.test(name));
    const value = expression === undefined ? undefined : inner(expression);
    pieces.push(value?.kind === 'text' ? { ...value, text: MappedText.at(value.text.text, { from: hole.from, to: hole.to }) } : { kind: 'formatted', span });
  }
  literal(node.to - 1);
  return pieces.length === 0 ? { kind: 'text', span, text: MappedText.plain('', node.from + 1) } : joined(pieces, span);
}

function properties(source: string, node: SyntaxNode, inner: (child: SyntaxNode) => Value): Call['keywords'] {
  const found = new Map<string, { readonly value: Value; readonly span: Span }>();
  for (const property of node.getChildren('Property')) {
    const name = property.firstChild;
    const value = property.lastChild;
    if (name === null || value === null || name.from === value.from) continue;
    const key = source.slice(name.from, name.to).replaceAll(/^['"]|['"]$/g, '');
    found.set(key, { value: inner(value), span: { from: property.from, to: property.to } });
  }
  return found;
}

function call(source: string, node: SyntaxNode, inner: (child: SyntaxNode) => Value): Value {
  const span: Span = { from: node.from, to: node.to };
  const target = children(node).find(({ name }) => name === 'VariableName' || name === 'MemberExpression');
  const list = node.getChild('ArgList');
  const callee = target === undefined ? undefined : dotted(source, target);
  if (target === undefined || callee === undefined || list === null) return { kind: 'unknown', span };
  const object = target.name === 'MemberExpression' ? target.firstChild : null;
  const args = elements(list).map(inner);
  return { kind: 'call', span, callee, ...(object === null ? {} : { receiver: inner(object) }), args, keywords: new Map() };
}

function dotted(source: string, node: SyntaxNode): string | undefined {
  if (/^(VariableName|PropertyName|PrivatePropertyName|this)$/.test(node.name)) return source.slice(node.from, node.to);
  if (node.name === 'CallExpression') {
    const callee = node.firstChild === null ? undefined : dotted(source, node.firstChild);
    return callee === undefined ? undefined : `${callee}()`;
  }
  if (node.name !== 'MemberExpression') return undefined;
  const object = node.firstChild === null ? undefined : dotted(source, node.firstChild);
  const property = node.getChild('PropertyName');
  return object === undefined || property === null ? undefined : `${object}.${source.slice(property.from, property.to)}`;
}
