import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import type { ComposeProblem, SourceRange } from './composeModel';
import { interpolate, type Lookup } from './interpolate';

/** A YAML document with anchors and merge keys resolved, variables filled in, and every value's place kept. */
export type YamlTree = YamlScalar | YamlMap | YamlList;

interface Placed {
  readonly range: SourceRange;
  /** A tag such as `!reset`. */
  readonly tag?: string;
}

interface YamlScalar extends Placed {
  readonly kind: 'scalar';
  /** Numbers and booleans as text; null for null and for nothing. */
  readonly text: string | null;
}

export interface YamlMap extends Placed {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

interface YamlList extends Placed {
  readonly kind: 'list';
  readonly items: readonly YamlTree[];
}

interface YamlEntry {
  /** From the key to the end of the value. */
  readonly range: SourceRange;
  readonly value: YamlTree;
}

export interface YamlReading {
  /** One for each document. */
  readonly roots: readonly YamlTree[];
  readonly problems: readonly ComposeProblem[];
  readonly unset: readonly string[];
}

interface Reader {
  readonly text: string;
  readonly lines: LineCounter;
  readonly lookup: Lookup;
  readonly file: string | undefined;
  readonly anchors: Map<string, YamlTree>;
  readonly problems: ComposeProblem[];
  readonly unset: Set<string>;
}

/** Reads all documents in `text`. Never throws: faults are in `problems`, and the rest is still read. */
export function readYaml(text: string, lookup: Lookup, file?: string): YamlReading {
  const reader: Reader = { text, lookup, file, lines: new LineCounter(), anchors: new Map(), problems: [], unset: new Set() };
  const roots: YamlTree[] = [];
  try {
    for (const document of parseAllDocuments(text, { lineCounter: reader.lines, prettyErrors: false, uniqueKeys: areEqual, logLevel: 'silent' })) {
      for (const { message, pos } of document.errors) report(reader, message, pos[0], pos[1]);
      roots.push(convert(document.contents, 0, reader));
      reader.anchors.clear();
    }
  } catch (error) {
    report(reader, error instanceof Error ? error.message : String(error), 0, 0); // such as nesting beyond the stack
  }
  return { roots, problems: reader.problems, unset: [...reader.unset] };
}

/** `<<` may stand in a mapping more than once. */
function areEqual(a: ParsedNode, b: ParsedNode): boolean {
  return a === b || (isScalar(a) && isScalar(b) && a.value === b.value && a.value !== '<<');
}

function convert(node: Node | null, offset: number, reader: Reader): YamlTree {
  if (node === null) return emptyAt(offset, reader);
  const start = node.range?.[0] ?? offset;
  if (isAlias(node)) {
    const target = reader.anchors.get(node.source);
    if (target === undefined) report(reader, `There is no anchor "${node.source}" before this.`, start, node.range?.[1] ?? start);
    return target ?? emptyAt(start, reader);
  }
  const tree = convertContent(node, start, reader);
  // Set only now: an anchor that contains an alias of itself would never end.
  if ('anchor' in node && typeof node.anchor === 'string') reader.anchors.set(node.anchor, tree);
  return tree;
}

function convertContent(node: Node, start: number, reader: Reader): YamlTree {
  const placed = { range: rangeOf(start, node.range?.[1] ?? start, reader), ...(node.tag?.startsWith('!') ? { tag: node.tag } : {}) };
  if (node.tag === '!reset') return { ...placed, kind: 'scalar', text: null };
  if (isMap(node)) return { ...placed, kind: 'map', entries: entriesOf(node, start, reader) };
  if (isSeq<Node | null>(node)) return { ...placed, kind: 'list', items: node.items.map((item) => convert(item, start, reader)) };
  if (!isScalar(node)) return emptyAt(start, reader);
  return { ...placed, kind: 'scalar', text: scalarText(node.value, node.source, placed.range, reader) };
}

function entriesOf(map: YAMLMap, start: number, reader: Reader): ReadonlyMap<string, YamlEntry> {
  const own = new Map<string, YamlEntry>();
  const merged = new Map<string, YamlEntry>();
  for (const pair of map.items as readonly Pair<Node, Node | null>[]) {
    if (!isScalar(pair.key)) continue;
    const keyStart = pair.key.range?.[0] ?? start;
    const keyEnd = pair.key.range?.[1] ?? keyStart;
    const value = convert(pair.value, keyEnd, reader);
    if (pair.key.value === '<<' && pair.key.type === 'PLAIN') {
      for (const [name, entry] of mergedEntries(value)) if (!merged.has(name)) merged.set(name, entry);
    } else {
      own.set(String(pair.key.value), { value, range: rangeOf(keyStart, pair.value?.range?.[1] ?? keyEnd, reader) });
    }
  }
  return new Map([...merged, ...own]);
}

/** https://yaml.org/type/merge.html: of several mappings, the earlier one wins. */
function mergedEntries(value: YamlTree): readonly (readonly [string, YamlEntry])[] {
  if (value.kind === 'map') return [...value.entries];
  return value.kind === 'list' ? value.items.flatMap(mergedEntries) : [];
}

function scalarText(value: unknown, source: string | undefined, range: SourceRange, reader: Reader): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return numberText(value, source ?? '');
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return source ?? null;
  const { value: text, unset, errors } = interpolate(value, reader.lookup);
  for (const name of unset) reader.unset.add(name);
  for (const message of errors) reader.problems.push({ message, range });
  return text;
}

/** As Compose prints it, whose YAML reads `0123` as octal still. */
function numberText(value: number, source: string): string {
  if (/^0[0-7]+$/.test(source)) return String(Number.parseInt(source, 8));
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? source : String(value);
}

function emptyAt(offset: number, reader: Reader): YamlScalar {
  return { kind: 'scalar', text: null, range: rangeOf(offset, offset, reader) };
}

function report(reader: Reader, message: string, start: number, end: number): void {
  reader.problems.push({ message, range: rangeOf(start, end, reader) });
}

/** A block's end as the parser gives it lies after the line break; the range ends with the text. */
function rangeOf(start: number, end: number, reader: Reader): SourceRange {
  const length = reader.text.slice(start, end).trimEnd().length;
  const line = Math.max(0, reader.lines.linePos(start).line - 1);
  return { start, end: start + length, line, ...(reader.file === undefined ? {} : { file: reader.file }) };
}
