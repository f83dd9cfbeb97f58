import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { dockerFolder, endpointCandidates, withoutAliases } from './candidates';
import type { ContextFacts, EndpointCandidate, EndpointFindings, HostFacts, TlsFiles } from './endpoint';
import { colimaHomes } from './knownSockets';

/** What is known of this machine without reading files. */
export type Machine = Pick<HostFacts, 'platform' | 'home' | 'uid' | 'env'>;

/** The machine and user that this process runs as. */
export function thisMachine(): Machine {
  return { platform: process.platform, home: homedir(), uid: process.getuid?.(), env: process.env };
}

/**
 * Reads what the search for endpoints needs: Docker's `config.json`, its contexts and Colima's profiles. What is missing
 * or broken counts as absent. `setting` is the user's own choice of endpoint.
 */
export async function readHostFacts(setting: string | undefined, machine: Machine = thisMachine()): Promise<HostFacts> {
  const folder = dockerFolder(machine);
  const bare: HostFacts = { ...machine, setting, currentContext: undefined, contexts: [] };
  const [currentContext, contexts, profiles] = await Promise.all([
    readCurrentContext(folder),
    readContexts(folder),
    Promise.all(colimaHomes(bare).map(foldersIn)),
  ]);
  const colimaProfiles = profiles.flat().filter((name) => !/^[._]/.test(name)); // `_lima` and `_wrapper` are Colima's own
  return { ...bare, currentContext, contexts, colimaProfiles };
}

/**
 * The candidates worth a connection: those that somebody named, there or not, so that their failure is shown, and of the
 * usual places those where a socket lies. Each socket appears once, by whatever links it is reached.
 */
export async function reachableCandidates(facts: HostFacts): Promise<EndpointFindings> {
  const { candidates, invalid } = endpointCandidates(facts);
  const pipes = facts.platform === 'win32' ? await pipeNames() : new Set<string>();
  const there = await Promise.all(candidates.map(async (one) => one.source !== 'socket' || (await isThere(one, pipes))));
  const kept = candidates.filter((_, index) => there[index]);
  const canonical = new Map(await Promise.all(kept.map(async ({ address }) => pathAndTarget(address.kind === 'unix' ? address.path : ''))));
  const single = withoutAliases(kept, (socket) => canonical.get(socket) ?? socket);
  return { candidates: await Promise.all(single.map(withExistingFiles)), invalid };
}

const configSchema = z.object({ currentContext: z.string().optional() });
const metaSchema = z.object({
  Name: z.string(),
  Endpoints: z.object({ docker: z.object({ Host: z.string().min(1), SkipTLSVerify: z.boolean().nullish() }) }),
});

async function readCurrentContext(folder: string): Promise<string | undefined> {
  const config = configSchema.safeParse(await readJson(path.join(folder, 'config.json')));
  return config.success ? config.data.currentContext : undefined;
}

/** The folders are named after the SHA-256 of the context's name; the name itself stands in the file. */
async function readContexts(folder: string): Promise<readonly ContextFacts[]> {
  const ids = await foldersIn(path.join(folder, 'contexts', 'meta'));
  const contexts = await Promise.all(ids.map((id) => readContext(folder, id)));
  return contexts.filter((context) => context !== undefined);
}

async function readContext(folder: string, id: string): Promise<ContextFacts | undefined> {
  const meta = metaSchema.safeParse(await readJson(path.join(folder, 'contexts', 'meta', id, 'meta.json')));
  if (!meta.success) return undefined;
  const { Name: name, Endpoints } = meta.data;
  const tlsFolder = path.join(folder, 'contexts', 'tls', id, 'docker');
  return {
    name,
    host: Endpoints.docker.Host,
    ...((await exists(tlsFolder)) ? { tlsFolder } : {}),
    ...(Endpoints.docker.SkipTLSVerify === true ? { skipTlsVerify: true } : {}),
  };
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function isThere({ address }: EndpointCandidate, pipes: ReadonlySet<string>): Promise<boolean> {
  if (address.kind === 'npipe') return pipes.has(address.path.toLowerCase());
  if (address.kind !== 'unix') return true;
  return stat(address.path).then(
    (found) => found.isSocket(),
    () => false,
  );
}

/** Listed rather than opened: to open a pipe takes one of its places. */
async function pipeNames(): Promise<ReadonlySet<string>> {
  const folder = '\\\\.\\pipe\\';
  const names = await readdir(folder).catch(() => []);
  return new Set(names.map((name) => (folder + name).toLowerCase()));
}

async function pathAndTarget(socket: string): Promise<readonly [string, string]> {
  return [socket, await realpath(socket).catch(() => socket)];
}

/** Docker does without certificates that are not there. */
async function withExistingFiles(candidate: EndpointCandidate): Promise<EndpointCandidate> {
  const { address } = candidate;
  if (address.kind !== 'tcp' || address.tls === undefined) return candidate;
  const { verify, ca, cert, key } = address.tls;
  const [hasCa, hasCert, hasKey] = await Promise.all([ca, cert, key].map(async (file) => file !== undefined && (await exists(file))));
  const tls: TlsFiles = { verify, ...(hasCa && ca ? { ca } : {}), ...(hasCert && cert ? { cert } : {}), ...(hasKey && key ? { key } : {}) };
  return { ...candidate, address: { ...address, tls } };
}
