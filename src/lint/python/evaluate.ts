import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../model';
import { MappedText } from '../text/mapped';
import { literalParts, literalText, unescaped } from './strings';
import type { Call, Scope, Value } from './value';

/** Nested deeper than anything that people write; half-typed files can nest without end. */
const depthLimit = 40;

/** What an expression is worth, as far as literals, constants and calls tell. Never throws. */
export function evaluate(source: string, node: SyntaxNode, scope: Scope, depth = 0): Value {
  const span: Span = { from: node.from, to: node.to };
  if (depth > depthLimit) return { kind: 'unknown', span };
  const inner = (child: SyntaxNode): Value => evaluate(source, child, scope, depth + 1);
  switch (node.name) {
    case 'String':
      return textValue(literalText(source.slice(node.from, node.to), node.from), span);
    case 'ContinuedString':
      return joined(
        children(node)
          .filter(({ name }) => name !== 'Comment')
          .map(inner),
        span,
      );
    case 'FormatString':
      return formatted(source, node, inner);
    case 'Number':
      return { kind: 'number', span, text: source.slice(node.from, node.to) };
    case 'Boolean':
      return { kind: 'boolean', span, value: source.slice(node.from, node.to) === 'True' };
    case 'None':
      return { kind: 'none', span };
    case 'ArrayExpression':
    case 'TupleExpression':
    case 'SetExpression':
      return { kind: 'list', span, items: elements(node).map(inner) };
    case 'ParenthesizedExpression': {
      const only = elements(node)[0];
      return only === undefined ? { kind: 'unknown', span } : inner(only);
    }
    case 'VariableName':
    case 'MemberExpression':
      return named(source, node, scope);
    case 'BinaryExpression':
      return binary(source, node, inner);
    case 'CallExpression':
      return callValue(source, node, scope, depth);
    default:
      return { kind: 'unknown', span };
  }
}

/** All children, punctuation too. */
export function children(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

/** The parts of a list, tuple or parenthesis. */
function elements(node: SyntaxNode): readonly SyntaxNode[] {
  return children(node).filter(({ name, type }) => !/^[[\](){},]$/.test(name) && name !== 'Comment' && !type.isError);
}

function textValue(text: MappedText | undefined, span: Span): Value {
  return text === undefined ? { kind: 'unknown', span } : { kind: 'text', span, text };
}

function joined(parts: readonly Value[], span: Span): Value {
  const texts = parts.map((part) => (part.kind === 'text' ? part.text : undefined));
  if (texts.every((text) => text !== undefined)) return { kind: 'text', span, text: MappedText.joined(texts, span) };
  return parts.some(({ kind }) => kind === 'formatted' || kind === 'text') ? { kind: 'formatted', span } : { kind: 'unknown', span };
}

/** An f-string; a text where constants of the file are all that it holds. */
function formatted(source: string, node: SyntaxNode, inner: (child: SyntaxNode) => Value): Value {
  const span: Span = { from: node.from, to: node.to };
  const parts = literalParts(source.slice(node.from, node.to));
  if (parts === undefined) return { kind: 'unknown', span };
  const end = node.from + parts.close;
  const pieces: Value[] = [];
  let done = node.from + parts.open;
  const literal = (to: number): void => {
    const raw = source.slice(done, to);
    if (raw.includes('{{') || raw.includes('}}')) pieces.push({ kind: 'formatted', span });
    else if (raw !== '') pieces.push({ kind: 'text', span, text: parts.prefix.includes('r') ? MappedText.plain(raw, done) : unescaped(raw, done) });
  };
  for (const replacement of children(node).filter(({ name }) => name === 'FormatReplacement')) {
    literal(replacement.from);
    done = replacement.to;
    const expressions = elements(replacement);
    const value = expressions.length === 1 && expressions[0] !== undefined ? inner(expressions[0]) : undefined;
    const place: Span = { from: replacement.from, to: replacement.to };
    pieces.push(value?.kind === 'text' ? { ...value, text: MappedText.at(value.text.text, place) } : { kind: 'formatted', span: place });
  }
  literal(end);
  return joined(pieces, span);
}

function named(source: string, node: SyntaxNode, scope: Scope): Value {
  const name = dotted(source, node);
  const span: Span = { from: node.from, to: node.to };
  if (name === undefined) return { kind: 'unknown', span };
  return scope.get(name) ?? { kind: 'name', span, name };
}

/** `sa.Column`, `op.get_context().autocommit_block`; undefined for what is no chain of names. */
function dotted(source: string, node: SyntaxNode): string | undefined {
  if (node.name === 'VariableName' || node.name === 'PropertyName') return source.slice(node.from, node.to);
  if (node.name === 'CallExpression') {
    const callee = node.firstChild === null ? undefined : dotted(source, node.firstChild);
    return callee === undefined ? undefined : `${callee}()`;
  }
  if (node.name !== 'MemberExpression') return /^(String|ContinuedString|FormatString|ParenthesizedExpression)$/.test(node.name) ? '""' : undefined;
  const object = node.firstChild === null ? undefined : dotted(source, node.firstChild);
  const property = node.getChild('PropertyName');
  return object === undefined || property === null ? undefined : `${object}.${source.slice(property.from, property.to)}`;
}

function binary(source: string, node: SyntaxNode, inner: (child: SyntaxNode) => Value): Value {
  const span: Span = { from: node.from, to: node.to };
  const [left, operator, right] = children(node).filter(({ name }) => name !== 'Comment');
  if (left === undefined || operator === undefined) return { kind: 'unknown', span };
  const sign = source.slice(operator.from, operator.to);
  if (sign === '%') return inner(left).kind === 'text' ? { kind: 'formatted', span } : { kind: 'unknown', span };
  if (sign !== '+' || right === undefined) return { kind: 'unknown', span };
  const [a, b] = [inner(left), inner(right)];
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', span, items: [...a.items, ...b.items] };
  return joined([a, b], span);
}

function callValue(source: string, node: SyntaxNode, scope: Scope, depth: number): Value {
  const span: Span = { from: node.from, to: node.to };
  const target = node.firstChild;
  const callee = target === null ? undefined : dotted(source, target);
  const list = node.getChild('ArgList');
  if (target === null || callee === undefined || list === null) return { kind: 'unknown', span };
  if (callee === '"".format') return { kind: 'formatted', span };
  const object = target.name === 'MemberExpression' ? target.firstChild : null;
  const receiver = object === null ? undefined : evaluate(source, object, scope, depth + 1);
  return { kind: 'call', span, callee, ...(receiver === undefined ? {} : { receiver }), ...callArguments(source, list, scope, depth) };
}

function callArguments(source: string, list: SyntaxNode, scope: Scope, depth: number): Pick<Call, 'args' | 'keywords'> {
  const args: Value[] = [];
  const keywords = new Map<string, { readonly value: Value; readonly span: Span }>();
  const parts = elements(list);
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const value = parts[index + 2];
    if (part === undefined) continue;
    if (parts[index + 1]?.name === 'AssignOp') {
      index += 2;
      if (value === undefined) continue;
      const evaluated = evaluate(source, value, scope, depth + 1);
      keywords.set(source.slice(part.from, part.to), { value: evaluated, span: { from: part.from, to: value.to } });
    } else if (part.name === '*' || part.name === '**') {
      index += 1;
      const spread = parts[index];
      const items = spread === undefined || part.name === '**' ? undefined : evaluate(source, spread, scope, depth + 1);
      if (items?.kind === 'list') args.push(...items.items);
    } else args.push(evaluate(source, part, scope, depth + 1));
  }
  return { args, keywords };
}
