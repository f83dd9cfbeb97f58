import type { ComposeMount, ComposePort } from './composeModel';
import { field, isMapping, isTrue, itemsOf, textField, textOf } from './yamlAccess';
import type { YamlMap, YamlTree } from './yamlTree';

/** The mounts under `volumes`, in the short and the long form. What is neither is left out. */
export function mountsOf(volumes: YamlTree | undefined): readonly ComposeMount[] {
  return itemsOf(volumes).flatMap((item) => {
    const mount = isMapping(item) ? longMount(item) : shortMount(textOf(item) ?? '');
    return mount === undefined ? [] : [{ ...mount, range: item.range }];
  });
}

/** The mounts under `tmpfs`: a path, or a path with options after a colon. */
export function tmpfsMountsOf(tmpfs: YamlTree | undefined): readonly ComposeMount[] {
  return itemsOf(tmpfs).flatMap((item) => {
    const [target] = (textOf(item) ?? '').split(':');
    return target ? [{ kind: 'tmpfs', target, readOnly: false, range: item.range }] : [];
  });
}

/** The ports under `ports`, in the short and the long form; a range of container ports becomes one entry each. */
export function portsOf(ports: YamlTree | undefined): readonly ComposePort[] {
  return itemsOf(ports).flatMap((item) => (isMapping(item) ? longPort(item) : shortPorts(textOf(item) ?? '')));
}

type Mount = Omit<ComposeMount, 'range'>;

const mountKinds: Readonly<Record<string, ComposeMount['kind'] | undefined>> = {
  volume: 'volume',
  cluster: 'volume',
  bind: 'bind',
  npipe: 'bind',
  tmpfs: 'tmpfs',
};

function longMount(item: YamlMap): Mount | undefined {
  const type = textField(item, 'type') ?? 'volume';
  const kind = Object.hasOwn(mountKinds, type) ? mountKinds[type] : undefined;
  const target = textField(item, 'target');
  if (kind === undefined || target === undefined) return undefined;
  const source = kind === 'tmpfs' ? undefined : textField(item, 'source');
  return { kind, target, ...(source ? { source } : {}), readOnly: isTrue(field(item, 'read_only')) };
}

/** `[source:]target[:options]`. A single letter before a colon is a Windows drive, as in Compose. */
function shortMount(specification: string): Mount | undefined {
  const parts = specification.split(':').reduce<readonly string[]>((done, part) => {
    const last = done.at(-1);
    return last !== undefined && /^[A-Za-z]$/.test(last) ? [...done.slice(0, -1), `${last}:${part}`] : [...done, part];
  }, []);
  const [first = '', second, third] = parts;
  if (first === '' || second === '') return undefined;
  if (second === undefined) return { kind: 'volume', target: first, readOnly: false };
  // podman-compose reads "/path:ro" as an anonymous volume with options.
  if (third === undefined && !isPath(second)) return { kind: 'volume', target: first, readOnly: isReadOnly(second) };
  return { kind: isPath(first) ? 'bind' : 'volume', source: first, target: second, readOnly: isReadOnly(third ?? '') };
}

function isReadOnly(options: string): boolean {
  return options.split(',').includes('ro');
}

/** Whether a mount's source is a path and not a volume's name (compose-go, format/volume.go). */
function isPath(source: string): boolean {
  return /^(?:[./~]|\\\\|[A-Za-z]:)/.test(source);
}

function longPort(item: YamlMap): readonly ComposePort[] {
  const target = portNumber(textField(item, 'target') ?? '');
  const published = textField(item, 'published');
  const hostAddress = textField(item, 'host_ip');
  if (target === undefined) return [];
  const protocol = textField(item, 'protocol') ?? 'tcp';
  return [{ target, protocol, ...(published ? { published } : {}), ...(hostAddress ? { hostAddress } : {}) }];
}

/** `[[address:]published:]target[/protocol]`, where both ports may be ranges of equal length. */
function shortPorts(text: string): readonly ComposePort[] {
  const [specification = '', protocol = 'tcp'] = text.trim().split('/');
  const parts = specification.split(':');
  const targets = numbersIn(parts.pop() ?? '');
  const published = parts.pop() ?? '';
  const hostAddress = parts.join(':').replace(/^\[|\]$/g, '');
  const publishedPorts = numbersIn(published);
  return targets.map((target, index) => {
    const chosen = publishedPorts.length === targets.length ? String(publishedPorts[index]) : published;
    return { target, protocol, ...(chosen === '' ? {} : { published: chosen }), ...(hostAddress === '' ? {} : { hostAddress }) };
  });
}

function numbersIn(range: string): readonly number[] {
  const [from = '', to = from] = range.split('-');
  const first = portNumber(from);
  const last = portNumber(to);
  if (first === undefined || last === undefined || last < first) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** A port from 1 to 65535; undefined for anything else. */
export function portNumber(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
}
