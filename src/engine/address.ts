import type { EndpointAddress, TlsFiles } from './endpoint';

/** An address, or why the text is none. */
export type AddressReading = { readonly address: EndpointAddress } | { readonly reason: string };

/**
 * Reads an address as `DOCKER_HOST` has it: `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `http(s)://…`,
 * `ssh://…`, or a plain path of a socket or pipe. `tls` applies to TCP. https://docs.docker.com/reference/cli/docker/
 */
export function readAddress(text: string, tls?: TlsFiles): AddressReading {
  const trimmed = text.trim();
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+]*):\/\/(.*)$/is.exec(trimmed) ?? [];
  switch (scheme.toLowerCase()) {
    case '':
      return readPath(trimmed);
    case 'unix':
    case 'http+unix':
      return rest.startsWith('/') ? { address: { kind: 'unix', path: rest } } : { reason: 'the path of a socket must begin with "/"' };
    case 'npipe':
      return { address: { kind: 'npipe', path: pipePath(rest) } };
    case 'tcp':
    case 'http':
      return readTcp(rest, tls);
    case 'https':
      return readTcp(rest, tls ?? { verify: true });
    case 'ssh':
      return rest === '' ? { reason: 'there is no host' } : { address: { kind: 'ssh', url: trimmed } };
    default:
      return { reason: `the scheme "${scheme}" is not one of unix, npipe, tcp, http, https and ssh` };
  }
}

/** The address as a URL, without user names or passwords. Equal addresses have equal URLs. */
export function addressUrl(address: EndpointAddress): string {
  switch (address.kind) {
    case 'unix':
      return `unix://${address.path}`;
    case 'npipe':
      return `npipe://${address.path.replaceAll('\\', '/').toLowerCase()}`;
    case 'tcp':
      return `${address.tls === undefined ? 'tcp' : 'https'}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    case 'ssh':
      return address.url.replace(/^(ssh:\/\/[^:@/]*):[^@/]*@/i, '$1@');
  }
}

/** `//./pipe/x`, `\\.\pipe\x` and `/./pipe/x` alike as `\\.\pipe\x`. */
export function pipePath(text: string): string {
  const parts = text.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  const name = parts[0]?.toLowerCase() === 'pipe' ? parts.slice(1) : parts;
  return `\\\\.\\pipe\\${name.join('\\')}`;
}

function readPath(text: string): AddressReading {
  if (/^[\\/]{2}\.[\\/]pipe[\\/]/i.test(text)) return { address: { kind: 'npipe', path: pipePath(text) } };
  if (text.startsWith('/')) return { address: { kind: 'unix', path: text } };
  if (/^[^/:@\s]+:\d+$/.test(text)) return readTcp(text, undefined);
  return { reason: 'it is neither a URL nor an absolute path' };
}

/** Ports as Docker's own: 2375, and 2376 with TLS. */
function readTcp(rest: string, tls: TlsFiles | undefined): AddressReading {
  const [authority = ''] = rest.split(/[/?#]/);
  const match = /^(?:[^@]*@)?(?:\[([0-9a-f:.%]+)\]|([^:@[\]\s]+))?(?::(\d*))?$/i.exec(authority);
  if (match === null) return { reason: 'host and port cannot be told apart' };
  const host = match[1] ?? match[2] ?? '127.0.0.1';
  const port = Number(match[3] || (tls === undefined ? 2375 : 2376));
  if (port < 1 || port > 65_535) return { reason: `${port} is not a port` };
  return { address: { kind: 'tcp', host, port, ...(tls === undefined ? {} : { tls }) } };
}
