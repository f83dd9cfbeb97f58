import type { YamlTree } from '../../../compose/yamlTree';
import { parseComposeFile } from '../../../compose/composeFile';
import { columnOf, entryIn, eolOf, serviceIn, type ComposeText, type TextEdit, type WrittenEntry } from './edits';
import { healthcheckEdit } from './fields';
import type { Fixer } from './fix';

/** Has a service wait until the server is healthy, which gets a healthcheck where it has none. */
export const waitForHealth: Fixer = (file, { service, message }) => {
  const waits = serviceIn(file, service);
  const dependsOn = entryIn(waits?.value, 'depends_on');
  // The finding is about the one that waits; the server is the dependency that its message names second.
  const server = [...message.matchAll(/"([^"]+)"/g)][1]?.[1];
  if (dependsOn === undefined || server === undefined) return undefined;
  const edits = dependsOn.value.kind === 'list' ? fromList(file, dependsOn, server) : inMap(dependsOn, server);
  if (edits === undefined) return undefined;
  const isChecked = parseComposeFile(file.text).services.find(({ name }) => name === server)?.healthcheck !== undefined;
  const check = isChecked ? undefined : healthcheckEdit(file, server);
  if (!isChecked && check === undefined) return undefined;
  return {
    kind: 'condition',
    edits: [...edits, ...(check === undefined ? [] : [check])],
    files: [],
    touches: [{ service, field: 'dependsOn' }, ...(check === undefined ? [] : [{ service: server, field: 'healthcheck' } as const])],
  };
};

/** A mapping that says it already, of another condition. */
function inMap(dependsOn: WrittenEntry, server: string): readonly TextEdit[] | undefined {
  const condition = entryIn(entryIn(dependsOn.value, server)?.value, 'condition')?.value;
  return condition === undefined ? undefined : [{ start: condition.range.start, end: condition.range.end, text: 'service_healthy' }];
}

/** A list becomes a mapping, entry by entry; what stands behind an entry stays there. */
function fromList({ text }: ComposeText, { start, value }: WrittenEntry, server: string): readonly TextEdit[] | undefined {
  const items = value.kind === 'list' ? value.items : [];
  const names = items.flatMap((item) => (item.kind === 'scalar' && item.text !== null ? [item.text] : []));
  if (names.length !== items.length || names.some((name) => !/^[\w.-]+$/.test(name))) return undefined;
  const condition = (name: string): string => `condition: ${name === server ? 'service_healthy' : 'service_started'}`;
  if (text[value.range.start] === '[') {
    const entries = names.map((name) => `${name}: { ${condition(name)} }`).join(', ');
    return [{ start: value.range.start, end: value.range.end, text: `{ ${entries} }` }];
  }
  const eol = eolOf(text);
  const indent = ' '.repeat(columnOf(text, start) + 2);
  const edits = items.map((item, index): TextEdit | undefined => {
    const name = names[index] ?? '';
    const dash = dashBefore(text, item);
    return dash === undefined ? undefined : { start: dash, end: item.range.end, text: `${indent}${name}:${eol}${indent}  ${condition(name)}` };
  });
  return edits.every((edit) => edit !== undefined) ? edits : undefined;
}

/** Where the line of a list's entry begins; undefined when more than a dash stands before it. */
function dashBefore(text: string, { range }: YamlTree): number | undefined {
  const line = text.lastIndexOf('\n', range.start - 1) + 1;
  return /^\s*-\s+$/.test(text.slice(line, range.start)) ? line : undefined;
}
