import type { YamlMap, YamlTree } from '../../../compose/yamlTree';

/** Text that takes the place of other text; offsets as in `SourceRange`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text of a Compose file of one document, with what was read of it. */
export interface ComposeText {
  readonly text: string;
  readonly root: YamlMap;
}

/** An entry that is written in the file at its own place, not taken over from an anchor. */
export interface WrittenEntry {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly value: YamlTree;
}

/** The entry of a mapping, where it is written there itself. */
export function entryIn(map: YamlTree | undefined, key: string): WrittenEntry | undefined {
  const entry = map?.kind === 'map' ? map.entries.get(key) : undefined;
  if (map === undefined || entry === undefined) return undefined;
  const isOwn = isInside(entry.range, map.range) && (isInside(entry.value.range, entry.range) || isEmpty(entry.value));
  return isOwn ? { key, start: entry.range.start, end: entry.range.end, value: entry.value } : undefined;
}

export function serviceIn({ root }: ComposeText, service: string): WrittenEntry | undefined {
  return entryIn(entryIn(root, 'services')?.value, service);
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.toSorted((a, b) => b.start - a.start).reduce((done, edit) => done.slice(0, edit.start) + edit.text + done.slice(edit.end), text);
}

/** Adds lines to a mapping, as its last; in flow style only a single one. Undefined where that cannot be done. */
export function addLines(file: ComposeText, { start, value }: WrittenEntry, lines: readonly string[]): TextEdit | undefined {
  const { text } = file;
  const [line, ...more] = lines;
  if (line === undefined) return undefined;
  if (isEmpty(value)) return lineAfter(text, value.range.start, lines, columnOf(text, start) + 2);
  if (value.kind !== 'map') return undefined;
  if (text[value.range.start] === '{') return more.length > 0 || /:$/.test(line) ? undefined : inBraces(text, value, line);
  const own = [...value.entries.values()].filter(({ range }) => isInside(range, value.range));
  const [first] = own;
  return first === undefined ? undefined : lineAfter(text, value.range.end, lines, columnOf(text, first.range.start));
}

/** Adds lines beneath a top-level field, which is made where it is missing. */
export function addTopLevel(file: ComposeText, field: string, key: string, lines: readonly string[]): TextEdit | undefined {
  const { text, root } = file;
  const entry = entryIn(root, field);
  const [head = '', ...more] = lines;
  if (entry !== undefined) {
    const isFlow = text[entry.value.range.start] === '{';
    return addLines(file, entry, isFlow && more.length === 0 ? [`${key}: {}`] : lines);
  }
  if (root.entries.has(field)) return undefined; // taken over from elsewhere
  const eol = eolOf(text);
  const before = text.endsWith('\n') ? '' : eol;
  return { start: text.length, end: text.length, text: [`${before}${eol}${field}:`, `  ${head}`, ...more.map((line) => `  ${line}`), ''].join(eol) };
}

/** The column that an offset lies in. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** After the line that the offset lies in, so that a remark at its end stays with it. */
export function lineAfter(text: string, offset: number, lines: readonly string[], indent: number): TextEdit {
  const found = text.indexOf('\n', offset);
  const eol = eolOf(text);
  const place = found === -1 ? text.length : found - (text[found - 1] === '\r' ? 1 : 0);
  return { start: place, end: place, text: lines.map((line) => `${eol}${' '.repeat(indent)}${line}`).join('') };
}

function inBraces(text: string, { range, entries }: YamlMap, line: string): TextEdit | undefined {
  const close = range.end - 1;
  if (text[close] !== '}') return undefined;
  if (entries.size === 0) return { start: range.start, end: range.end, text: `{ ${line} }` };
  const end = text.slice(0, close).trimEnd().length;
  return { start: end, end, text: `${text[end - 1] === ',' ? '' : ','} ${line}` };
}

export function isEmpty(value: YamlTree): boolean {
  return value.kind === 'scalar' && value.range.start === value.range.end;
}

function isInside(inner: { readonly start: number; readonly end: number }, outer: { readonly start: number; readonly end: number }): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
