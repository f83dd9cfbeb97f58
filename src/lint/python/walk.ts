import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../model';
import { children, evaluate } from './evaluate';
import { plainText, type Call, type Scope, type Value } from './value';

/** What the walk meets, in the order in which it would run. */
export interface Visitor {
  /** Gives whether the call was one that matters; then nothing is looked for inside it. */
  readonly call: (call: Call, context: Context) => boolean;
}

/** What holds where a call stands. */
export interface Context {
  readonly scope: Scope;
  /** Inside `with op.get_context().autocommit_block():`. */
  readonly autocommit: boolean;
}

const helperDepth = 6;
const loopLimit = 50;

/** A file's functions and constants, and a walk through what a function does, helpers of the same file included. */
export class PythonModule {
  readonly functions = new Map<string, SyntaxNode>();
  readonly constants: Scope;

  constructor(
    readonly source: string,
    root: SyntaxNode,
  ) {
    const constants = new Map<string, Value>();
    for (const node of children(root)) this.collect(node, constants);
    this.constants = constants;
  }

  private collect(node: SyntaxNode, constants: Map<string, Value>): void {
    const definition = node.name === 'DecoratedStatement' ? node.getChild('FunctionDefinition') : node;
    if (definition?.name === 'FunctionDefinition') {
      const name = this.nameOf(definition);
      if (name !== undefined) this.functions.set(name, definition);
    } else if (node.name === 'AssignStatement') this.assign(node, constants);
    else if (/^(If|Try)Statement$/.test(node.name)) {
      for (const body of node.getChildren('Body')) for (const child of children(body)) this.collect(child, constants);
    }
  }

  /** The function's name in the file. */
  headingOf(definition: SyntaxNode): Span {
    const name = definition.getChild('VariableName') ?? definition;
    return { from: name.from, to: name.to };
  }

  /** Whether a function has statements, nothing but `pass`, or only refuses. */
  bodyOf(definition: SyntaxNode): 'statements' | 'empty' | 'refuses' {
    const body = definition.getChild('Body');
    const statements = (body === null ? [] : children(body)).filter((node) => {
      if (node.name === ':' || node.name === 'Comment' || node.name === 'PassStatement' || node.type.isError) return false;
      if (node.name !== 'ExpressionStatement') return true;
      return !/^(String|ContinuedString|Ellipsis|\.\.\.)$/.test(node.firstChild?.name ?? '');
    });
    if (statements.length === 0) return 'empty';
    return statements.every(({ name }) => name === 'RaiseStatement') ? 'refuses' : 'statements';
  }

  /** Walks through a function as if it ran. */
  walk(definition: SyntaxNode, visitor: Visitor): void {
    const body = definition.getChild('Body');
    if (body !== null) this.body(body, new Map(this.constants), { visitor, autocommit: false, depth: 0 });
  }

  private body(body: SyntaxNode, scope: Map<string, Value>, state: State): void {
    for (const node of children(body)) this.statement(node, scope, state);
  }

  private statement(node: SyntaxNode, scope: Map<string, Value>, state: State): void {
    switch (node.name) {
      case 'FunctionDefinition':
      case 'ClassDefinition':
      case 'DecoratedStatement':
      case 'Comment':
        return;
      case 'AssignStatement':
        this.expressions(node, scope, state);
        return this.assign(node, scope);
      case 'WithStatement':
        return this.withStatement(node, scope, state);
      case 'ForStatement':
        return this.forStatement(node, scope, state);
      default:
        for (const child of children(node)) {
          if (child.name === 'Body') this.body(child, scope, state);
          else if (node.name === 'StatementGroup') this.statement(child, scope, state);
          else this.expression(child, scope, state);
        }
    }
  }

  private assign(node: SyntaxNode, scope: Map<string, Value>): void {
    const parts = children(node);
    const [target] = parts;
    const value = parts.at(-1);
    const operators = parts.filter(({ name }) => name === 'AssignOp');
    if (target?.name !== 'VariableName' || value === undefined || operators.length === 0 || value.name === 'AssignOp') return;
    const name = this.source.slice(target.from, target.to);
    const isPlain = operators.every(({ from, to }) => this.source.slice(from, to) === '=') && !parts.some(({ name }) => name === ',');
    scope.set(name, isPlain ? evaluate(this.source, value, scope) : { kind: 'unknown', span: { from: node.from, to: node.to } });
  }

  private withStatement(node: SyntaxNode, scope: Map<string, Value>, state: State): void {
    let autocommit = state.autocommit;
    let last: Value | undefined;
    for (const child of children(node)) {
      if (child.name === 'Body') this.body(child, scope, { ...state, autocommit });
      else if (child.name === 'VariableName' && last !== undefined) {
        scope.set(this.source.slice(child.from, child.to), last);
        last = undefined;
      } else if (child.name === 'CallExpression') {
        last = evaluate(this.source, child, scope);
        if (last.kind === 'call' && last.callee.endsWith('autocommit_block')) autocommit = true;
        else this.expression(child, scope, state);
      }
    }
  }

  /** Once for each element where they are known: tables and columns are often listed so. */
  private forStatement(node: SyntaxNode, scope: Map<string, Value>, state: State): void {
    const parts = children(node);
    const inAt = parts.findIndex(({ name }) => name === 'in');
    const targets = parts.slice(1, inAt).filter(({ name }) => name === 'VariableName');
    const iterable = parts[inAt + 1];
    const bodies = node.getChildren('Body');
    if (iterable !== undefined && inAt > 0) this.expression(iterable, scope, state);
    const values = iterable === undefined || inAt < 0 ? undefined : evaluate(this.source, iterable, scope);
    const items = values?.kind === 'list' && values.items.length > 0 ? values.items.slice(0, loopLimit) : [undefined];
    for (const item of items) {
      for (const [index, target] of targets.entries()) {
        const part = targets.length === 1 ? item : item?.kind === 'list' ? item.items[index] : undefined;
        scope.set(this.source.slice(target.from, target.to), part ?? { kind: 'unknown', span: { from: target.from, to: target.to } });
      }
      for (const body of bodies) this.body(body, scope, state);
    }
  }

  private expressions(node: SyntaxNode, scope: Map<string, Value>, state: State): void {
    for (const child of children(node)) this.expression(child, scope, state);
  }

  /** Looks for the calls that matter, from the outside in. */
  private expression(node: SyntaxNode, scope: Map<string, Value>, state: State): void {
    if (node.name === 'LambdaExpression' || node.firstChild === null) return;
    if (node.name === 'CallExpression') {
      const value = evaluate(this.source, node, scope);
      if (value.kind === 'call') {
        if (state.visitor.call(value, { scope, autocommit: state.autocommit })) return;
        if (this.helper(value, state)) return;
      }
    }
    this.expressions(node, scope, state);
  }

  /** Goes into a function of the file that is called, with its arguments as far as they are known. */
  private helper(call: Call, state: State): boolean {
    const definition = this.functions.get(call.callee);
    const body = definition?.getChild('Body');
    if (definition === undefined || body === null || body === undefined || state.depth >= helperDepth) return false;
    const scope = new Map(this.constants);
    const parameters = definition.getChild('ParamList');
    const names = (parameters === null ? [] : children(parameters)).filter(
      ({ name, prevSibling }) => name === 'VariableName' && prevSibling?.name !== 'AssignOp',
    );
    for (const [index, parameter] of names.entries()) {
      const name = this.source.slice(parameter.from, parameter.to);
      const given = call.keywords.get(name)?.value ?? call.args[index];
      scope.set(name, given ?? this.preset(parameter) ?? { kind: 'unknown', span: call.span });
    }
    this.body(body, scope, { ...state, depth: state.depth + 1 });
    return true;
  }

  private preset(parameter: SyntaxNode): Value | undefined {
    let next = parameter.nextSibling;
    if (next?.name === 'TypeDef') next = next.nextSibling;
    const value = next?.name === 'AssignOp' ? next.nextSibling : null;
    return value === null || value === undefined ? undefined : evaluate(this.source, value, this.constants);
  }

  private nameOf(definition: SyntaxNode): string | undefined {
    const name = definition.getChild('VariableName');
    return name === null ? undefined : this.source.slice(name.from, name.to);
  }
}

interface State {
  readonly visitor: Visitor;
  readonly autocommit: boolean;
  readonly depth: number;
}

/** Strings of a value that may be one or several: `down_revision`, `depends_on`. */
export function textsOf(value: Value | undefined): readonly string[] {
  if (value?.kind === 'list') return value.items.flatMap((item) => plainText(item) ?? []);
  const text = plainText(value);
  return text === undefined ? [] : [text];
}
