import type { YamlTree } from '../../../compose/yamlTree';
import { entryIn, lineAfter, columnOf, serviceIn, type ComposeText, type TextEdit } from './edits';
import type { Fixer } from './fix';

/** Publishes the server's port to this host only. */
export const closePort: Fixer = (file, { service, message }) => {
  const ports = entryIn(serviceIn(file, service)?.value, 'ports');
  const port = /\d+/.exec(message)?.[0] ?? '5432';
  const items = ports?.value.kind === 'list' ? ports.value.items : [];
  const edits = items.flatMap((item) => editOf(file, item, port) ?? []);
  return edits.length === 0 ? undefined : { kind: 'port', edits, files: [], touches: [{ service, field: 'ports' }] };
};

/** Undefined for a port that is another, or that is said to be another's address. */
function editOf({ text }: ComposeText, item: YamlTree, port: string): TextEdit | undefined {
  if (item.kind === 'map') return longForm(text, item, port);
  if (item.kind !== 'scalar') return undefined;
  const quote = /["']/.test(text[item.range.start] ?? '') ? 1 : 0;
  const start = item.range.start + quote;
  const written = text.slice(start, item.range.end - quote);
  const [, address, rest] = /^((?:0\.0\.0\.0|\[::\]):)?(.*)$/s.exec(written) ?? [];
  if (rest === undefined || !new RegExp(`(?:^|:)${port}(?:/tcp)?$`).test(rest)) return undefined;
  const own = `127.0.0.1:${rest.includes(':') ? '' : ':'}`;
  return { start, end: start + (address?.length ?? 0), text: own };
}

function longForm(text: string, item: YamlTree, port: string): TextEdit | undefined {
  const target = entryIn(item, 'target');
  if (target?.value.kind !== 'scalar' || target.value.text !== port) return undefined;
  const address = entryIn(item, 'host_ip')?.value;
  if (address !== undefined) return { start: address.range.start, end: address.range.end, text: '127.0.0.1' };
  if (text[item.range.start] === '{') return { start: target.end, end: target.end, text: ', host_ip: 127.0.0.1' };
  return lineAfter(text, target.end, ['host_ip: 127.0.0.1'], columnOf(text, target.start));
}
