import { posix, win32 } from 'node:path';
import { addressUrl, readAddress } from './address';
import {
  endpointSetting,
  type EndpointAddress,
  type EndpointCandidate,
  type EndpointFindings,
  type EndpointSource,
  type HostFacts,
  type InvalidEndpoint,
  type TlsFiles,
} from './endpoint';
import { knownSockets } from './knownSockets';

/** Gives a path its one true form, so that aliases of a socket are seen to be the same. */
export type Canonical = (path: string) => string;

/**
 * All engines that may be there, in the order: setting, `DOCKER_HOST`, Docker context, `CONTAINER_HOST`, usual places.
 * An address that is named twice appears once, as its first namer has it. Nothing is opened.
 */
export function endpointCandidates(facts: HostFacts): EndpointFindings {
  const named = [fromSetting(facts), fromDockerHost(facts), fromContext(facts), fromContainerHost(facts)].filter((one) => one !== undefined);
  const usual = knownSockets(facts).map(({ name, product, address }) => candidate({ name, product, source: 'socket', address }));
  const candidates = [...named.filter(isCandidate), ...usual];
  return { candidates: withoutAliases(candidates, lexical), invalid: named.filter(isInvalid) };
}

/** Merges candidates whose sockets are one; of an alias only its more telling name and product are kept. */
export function withoutAliases(candidates: readonly EndpointCandidate[], canonical: Canonical): readonly EndpointCandidate[] {
  const found = new Map<string, EndpointCandidate>();
  for (const next of candidates) {
    const real = next.address.kind === 'unix' ? canonical(next.address.path) : undefined;
    const key = real ?? next.id;
    const first = found.get(key);
    const isReal = next.address.kind === 'unix' && next.address.path === real;
    found.set(key, first === undefined ? next : alias(first, next, isReal));
  }
  return [...found.values()];
}

/** The place where a socket really lies tells best whose it is. A context has a name of its own. */
function alias(first: EndpointCandidate, next: EndpointCandidate, isReal: boolean): EndpointCandidate {
  const isTelling = isReal || first.product === 'unknown' || first.product === 'docker';
  if (next.source !== 'socket' || !isTelling) return first;
  return { ...first, product: next.product, name: first.source === 'context' ? first.name : next.name };
}

function candidate(parts: Omit<EndpointCandidate, 'id'>): EndpointCandidate {
  const { address } = parts;
  return { id: addressUrl(address.kind === 'unix' ? { ...address, path: lexical(address.path) } : address), ...parts };
}

/** On Linux `/var/run` is a link to `/run`. On macOS it is not, but nothing there lies in `/run`. */
function lexical(path: string): string {
  return posix.normalize(path).replace(/^\/var\/run\//, '/run/');
}

type Finding = EndpointCandidate | InvalidEndpoint;

function isCandidate(finding: Finding): finding is EndpointCandidate {
  return 'id' in finding;
}

function isInvalid(finding: Finding): finding is InvalidEndpoint {
  return !isCandidate(finding);
}

function fromSetting(facts: HostFacts): Finding | undefined {
  const text = facts.setting?.trim();
  return text ? finding(facts, 'setting', `the setting "${endpointSetting}"`, text, readAddress(text, tlsOfEnvironment(facts))) : undefined;
}

function fromDockerHost(facts: HostFacts): Finding | undefined {
  const text = facts.env.DOCKER_HOST?.trim();
  return text ? finding(facts, 'environment', 'DOCKER_HOST', text, readAddress(text, tlsOfEnvironment(facts))) : undefined;
}

/** Podman's own variable. */
function fromContainerHost(facts: HostFacts): Finding | undefined {
  const text = facts.env.CONTAINER_HOST?.trim();
  return text ? finding(facts, 'environment', 'CONTAINER_HOST', text, readAddress(text)) : undefined;
}

/** `default` stands for the usual socket, and has no file. */
function fromContext(facts: HostFacts): Finding | undefined {
  const name = facts.env.DOCKER_CONTEXT || facts.currentContext;
  if (!name || name === 'default') return undefined;
  const context = facts.contexts.find((one) => one.name === name);
  if (context === undefined) {
    const remedy = 'See "docker context ls", and choose one with "docker context use" or DOCKER_CONTEXT.';
    return { source: 'context', name, code: 'CONTEXT_MISSING', message: `The Docker context "${name}" does not exist.`, remedy };
  }
  const verify = context.skipTlsVerify !== true;
  const files = context.tlsFolder === undefined ? undefined : tlsFilesIn(context.tlsFolder, verify, facts);
  const reading = readAddress(context.host, files ?? (verify ? undefined : { verify }));
  return finding(facts, 'context', name, context.host, reading);
}

function finding(facts: HostFacts, source: EndpointSource, name: string, text: string, reading: ReturnType<typeof readAddress>): Finding {
  const reason = 'reason' in reading ? reading.reason : unusable(reading.address, facts.platform);
  if (!('address' in reading) || reason !== undefined) {
    const shown = text.replace(/\/\/[^/]*@/, '//…@'); // a password may stand there
    const place = source === 'context' ? `Docker context "${name}"` : name;
    const message = `"${shown}" of ${place} is not an address of an engine: ${reason}.`;
    return { source, name, code: 'ENDPOINT_INVALID', message, remedy: 'Write it as unix:///path/docker.sock, tcp://host:port or npipe:////./pipe/name.' };
  }
  const { address } = reading;
  const label = source === 'setting' ? addressUrl(address) : name;
  return candidate({ name: label, source, address, product: 'unknown' });
}

function unusable(address: EndpointAddress, platform: NodeJS.Platform): string | undefined {
  return address.kind === 'npipe' && platform !== 'win32' ? 'named pipes exist on Windows only' : undefined;
}

/** As the Docker CLI does it: either variable switches TLS on, whatever its value. */
function tlsOfEnvironment(facts: HostFacts): TlsFiles | undefined {
  const { env } = facts;
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return undefined;
  return tlsFilesIn(env.DOCKER_CERT_PATH || dockerFolder(facts), Boolean(env.DOCKER_TLS_VERIFY), facts);
}

function tlsFilesIn(folder: string, verify: boolean, facts: HostFacts): TlsFiles {
  const { join } = pathsOf(facts);
  return { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), verify };
}

/** The folder of `config.json`: `$DOCKER_CONFIG` or `~/.docker`. */
export function dockerFolder(facts: Pick<HostFacts, 'env' | 'home' | 'platform'>): string {
  return facts.env.DOCKER_CONFIG || pathsOf(facts).join(facts.home, '.docker');
}

function pathsOf({ platform }: Pick<HostFacts, 'platform'>): typeof posix {
  return platform === 'win32' ? win32 : posix;
}
