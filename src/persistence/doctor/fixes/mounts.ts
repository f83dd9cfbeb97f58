import { parseComposeFile } from '../../../compose/composeFile';
import { addLines, addTopLevel, columnOf, entryIn, isEmpty, lineAfter, serviceIn, type ComposeText, type TextEdit } from './edits';
import { fix } from './fields';
import type { Fixer } from './fix';

/** Keeps the data directory in a named volume. What lies where no name is stays there. */
export const nameVolume: Fixer = (file, { service, place }) => {
  if (place === undefined) return undefined;
  const name = freeName(file, `${service}-data`);
  const target = place.target ?? place.directory;
  const mount = place.range === undefined ? addMount(file, service, `${name}:${target}`) : nameMount(file, place.range.start, name, target);
  const volume = addTopLevel(file, 'volumes', name, [`${name}:`]);
  if (mount === undefined || volume === undefined) return undefined;
  return { kind: 'namedVolume', edits: [mount, volume], files: [], touches: [{ service, field: 'volumes' }] };
};

/** Mounts what was meant for the data where the data are. */
export const moveMount: Fixer = (file, { service, place, range }) => {
  const right = place?.target ?? place?.directory;
  const written = file.text.slice(range.start, range.end);
  const [, before, target, after] = /^(["']?[^:"']+:)(\/[^:"']*)((?::[\w,]+)?["']?)$/.exec(written) ?? [];
  if (right === undefined || before === undefined || target === undefined || after === undefined) return undefined;
  const start = range.start + before.length;
  return fix('moveMount', { start, end: start + target.length, text: right }, { service, field: 'volumes' });
};

/** A mount that says only where, in its short form. */
function nameMount({ text }: ComposeText, start: number, name: string, target: string): TextEdit | undefined {
  const place = start + (/["']/.test(text[start] ?? '') ? 1 : 0);
  return text.startsWith(target, place) ? { start: place, end: place, text: `${name}:` } : undefined;
}

function addMount(file: ComposeText, service: string, mount: string): TextEdit | undefined {
  const { text } = file;
  const entry = serviceIn(file, service);
  const volumes = entryIn(entry?.value, 'volumes');
  if (entry === undefined) return undefined;
  if (volumes === undefined) {
    const isFlow = text[entry.value.range.start] === '{';
    return addLines(file, entry, isFlow ? [`volumes: ['${mount}']`] : ['volumes:', `  - ${mount}`]);
  }
  const { value } = volumes;
  if (isEmpty(value)) return lineAfter(text, value.range.start, [`- ${mount}`], columnOf(text, volumes.start) + 2);
  const last = value.kind === 'list' ? value.items.at(-1) : undefined;
  const first = value.kind === 'list' ? value.items[0] : undefined;
  if (first === undefined || last === undefined) return undefined;
  if (text[value.range.start] === '[') return { start: last.range.end, end: last.range.end, text: `, '${mount}'` };
  const line = text.lastIndexOf('\n', first.range.start - 1) + 1;
  return lineAfter(text, last.range.end, [`- ${mount}`], text.slice(line).search(/\S/));
}

function freeName({ text }: ComposeText, wished: string): string {
  const taken = new Set(parseComposeFile(text).volumes.map(({ key }) => key));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wished : `${wished}-${number}`;
    if (!taken.has(name)) return name;
  }
}
