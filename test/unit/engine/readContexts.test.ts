import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reachableCandidates, readHostFacts, thisMachine, type Machine } from '../../../src/engine/readContexts';

describe('readHostFacts and reachableCandidates', () => {
  let home = '';
  let machine: Machine;
  const servers: Server[] = [];

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'cd-'));
    machine = { platform: 'linux', home, uid: undefined, env: {} };
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))));
    await rm(home, { recursive: true });
  });

  async function write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(path.join(home, file)), { recursive: true });
    await writeFile(path.join(home, file), text);
  }

  async function writeContext(name: string, meta: unknown, tls: readonly string[] = []): Promise<void> {
    const id = createHash('sha256').update(name).digest('hex');
    await write(`.docker/contexts/meta/${id}/meta.json`, typeof meta === 'string' ? meta : JSON.stringify(meta));
    await Promise.all(tls.map((file) => write(`.docker/contexts/tls/${id}/docker/${file}`, 'PEM')));
  }

  async function listen(file: string): Promise<string> {
    const socket = path.join(home, file);
    await mkdir(path.dirname(socket), { recursive: true });
    const server = createServer();
    await new Promise<void>((listening) => server.listen(socket, listening));
    servers.push(server);
    return socket;
  }

  /** Leaves out what this machine itself has. */
  const inHome = async (setting?: string): Promise<readonly string[]> => {
    const { candidates } = await reachableCandidates(await readHostFacts(setting, machine));
    return candidates.filter(({ id, source }) => source !== 'socket' || id.includes(home)).map(({ name, id }) => `${name} ${id.replace(home, '~')}`);
  };

  it('finds nothing in an empty home', async () => {
    const facts = await readHostFacts(undefined, machine);
    assert.deepEqual({ ...facts, colimaProfiles: [] }, { ...machine, setting: undefined, currentContext: undefined, contexts: [], colimaProfiles: [] });
    assert.deepEqual(await inHome(), []);
  });

  it('reads the current context with its TLS folder', async () => {
    await write('.docker/config.json', JSON.stringify({ auths: {}, currentContext: 'far' }));
    await writeContext('far', { Name: 'far', Metadata: {}, Endpoints: { docker: { Host: 'tcp://far:2376', SkipTLSVerify: true } } }, ['ca.pem', 'cert.pem']);
    await writeContext('near', { Name: 'near', Endpoints: { docker: { Host: 'unix:///near.sock', SkipTLSVerify: false } } });
    const facts = await readHostFacts('tcp://x:1', machine);
    const tlsFolder = path.join(home, '.docker/contexts/tls', createHash('sha256').update('far').digest('hex'), 'docker');
    assert.equal(facts.setting, 'tcp://x:1');
    assert.equal(facts.currentContext, 'far');
    assert.deepEqual(
      facts.contexts.toSorted((a, b) => a.name.localeCompare(b.name)),
      [
        { name: 'far', host: 'tcp://far:2376', tlsFolder, skipTlsVerify: true },
        { name: 'near', host: 'unix:///near.sock' },
      ],
    );
    const { candidates } = await reachableCandidates({ ...facts, setting: undefined });
    // key.pem is not there, and so is not asked for.
    const tls = { ca: path.join(tlsFolder, 'ca.pem'), cert: path.join(tlsFolder, 'cert.pem'), verify: false };
    assert.deepEqual(candidates.find(({ source }) => source === 'context')?.address, { kind: 'tcp', host: 'far', port: 2376, tls });
  });

  it('asks for no certificates that are not there', async () => {
    machine = { ...machine, env: { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' } };
    const { candidates } = await reachableCandidates(await readHostFacts(undefined, machine));
    assert.deepEqual(candidates[0]?.address, { kind: 'tcp', host: 'h', port: 2376, tls: { verify: true } });
  });

  const broken: readonly (readonly [title: string, config: string])[] = [
    ['empty', ''],
    ['cut off', '{"currentContext": "fa'],
    ['a list', '[]'],
    ['of another shape', '{"currentContext": 5}'],
  ];
  for (const [title, config] of broken) {
    it(`does without a config.json that is ${title}`, async () => {
      await write('.docker/config.json', config);
      assert.equal((await readHostFacts(undefined, machine)).currentContext, undefined);
    });
  }

  it('passes over broken contexts', async () => {
    await writeContext('a', '{');
    await writeContext('b', { Name: 'b', Endpoints: { kubernetes: {} } });
    await writeContext('c', { Name: 'c', Endpoints: { docker: { Host: '' } } });
    await writeContext('d', { Name: 'd', Endpoints: { docker: { Host: 'tcp://d:1' } } });
    await mkdir(path.join(home, '.docker/contexts/meta/without-file'));
    assert.deepEqual((await readHostFacts(undefined, machine)).contexts, [{ name: 'd', host: 'tcp://d:1' }]);
  });

  it('reads DOCKER_CONFIG instead of the home', async () => {
    await write('elsewhere/config.json', JSON.stringify({ currentContext: 'x' }));
    machine = { ...machine, env: { DOCKER_CONFIG: path.join(home, 'elsewhere') } };
    assert.equal((await readHostFacts(undefined, machine)).currentContext, 'x');
  });

  it('keeps of the usual places those with a socket, and all that were named', async () => {
    await listen('.rd/docker.sock');
    await write('.orbstack/run/docker.sock', 'no socket');
    await mkdir(path.join(home, '.docker/run/docker.sock'), { recursive: true });
    assert.deepEqual(await inHome('unix:///nowhere/x.sock'), ['unix:///nowhere/x.sock unix:///nowhere/x.sock', 'Rancher Desktop unix://~/.rd/docker.sock']);
  });

  it('finds the profiles of Colima', async () => {
    await listen('.colima/default/docker.sock');
    await listen('.colima/work/docker.sock');
    await mkdir(path.join(home, '.colima/_lima'), { recursive: true });
    assert.deepEqual((await readHostFacts(undefined, machine)).colimaProfiles?.toSorted(), ['default', 'work']);
    assert.deepEqual(await inHome(), ['Colima unix://~/.colima/default/docker.sock', 'Colima (work) unix://~/.colima/work/docker.sock']);
  });

  it('shows a socket once that is reached by links', async () => {
    const socket = await listen('.orbstack/run/docker.sock');
    await mkdir(path.join(home, '.docker/run'), { recursive: true });
    await symlink(socket, path.join(home, '.docker/run/docker.sock'));
    await symlink(path.join(home, '.orbstack'), path.join(home, 'link'));
    assert.deepEqual(await inHome(`unix://${path.join(home, 'link/run/docker.sock')}`), ['OrbStack unix://~/link/run/docker.sock']);
    assert.equal((await inHome()).length, 1);
  });

  it('drops a link that leads nowhere', async () => {
    await mkdir(path.join(home, '.docker/run'), { recursive: true });
    await symlink(path.join(home, 'gone.sock'), path.join(home, '.docker/run/docker.sock'));
    assert.deepEqual(await inHome(), []);
  });

  it('reports what cannot be read', async () => {
    const { invalid } = await reachableCandidates(await readHostFacts('nonsense', { ...machine, env: { DOCKER_CONTEXT: 'gone' } }));
    assert.deepEqual(
      invalid.map(({ code }) => code),
      ['ENDPOINT_INVALID', 'CONTEXT_MISSING'],
    );
  });

  it('knows the machine that it runs on', () => {
    const { platform, env } = thisMachine();
    assert.equal(platform, process.platform);
    assert.equal(env, process.env);
  });
});
