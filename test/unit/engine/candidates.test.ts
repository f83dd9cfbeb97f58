import assert from 'node:assert/strict';
import { endpointCandidates, withoutAliases } from '../../../src/engine/candidates';
import type { EndpointFindings, HostFacts } from '../../../src/engine/endpoint';

const linux: HostFacts = {
  platform: 'linux',
  home: '/home/u',
  uid: 1000,
  env: { XDG_RUNTIME_DIR: '/run/user/1000' },
  setting: undefined,
  currentContext: undefined,
  contexts: [],
};
const mac: HostFacts = { ...linux, platform: 'darwin', home: '/Users/u', uid: 501, env: { TMPDIR: '/var/folders/xy/T/' } };
const windows: HostFacts = { ...linux, platform: 'win32', home: 'C:\\Users\\u', uid: undefined, env: {} };

const ids = ({ candidates }: EndpointFindings): readonly string[] => candidates.map(({ id }) => id);
/** Those that somebody named. */
const named = (facts: HostFacts): readonly string[] =>
  endpointCandidates(facts)
    .candidates.filter(({ source }) => source !== 'socket')
    .map(({ source, name, id }) => `${source} ${name} ${id}`);

describe('endpointCandidates', () => {
  it('knows the usual places on Linux', () => {
    assert.deepEqual(ids(endpointCandidates(linux)), [
      'unix:///run/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///home/u/.docker/run/docker.sock',
      'unix:///home/u/.docker/desktop/docker.sock',
      'unix:///home/u/.orbstack/run/docker.sock',
      'unix:///home/u/.rd/docker.sock',
      'unix:///home/u/.colima/default/docker.sock',
      'unix:///home/u/.colima/docker.sock',
      'unix:///home/u/.config/colima/default/docker.sock',
      'unix:///home/u/.config/colima/docker.sock',
      'unix:///run/podman/podman.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///home/u/.local/share/containers/podman/machine/podman.sock',
      'unix:///home/u/.local/share/containers/podman/machine/qemu/podman.sock',
      'unix:///home/u/.local/share/containers/podman/machine/applehv/podman.sock',
      'unix:///home/u/.local/share/containers/podman/machine/podman-machine-default/podman.sock',
    ]);
  });

  it('finds rootless sockets without XDG_RUNTIME_DIR, and at another one', () => {
    assert.ok(ids(endpointCandidates({ ...linux, env: {} })).includes('unix:///run/user/1000/podman/podman.sock'));
    const both = ids(endpointCandidates({ ...linux, env: { XDG_RUNTIME_DIR: '/tmp/rt' } }));
    assert.ok(both.includes('unix:///tmp/rt/docker.sock') && both.includes('unix:///run/user/1000/docker.sock'));
  });

  it('knows the usual places on macOS', () => {
    const { candidates } = endpointCandidates({ ...mac, colimaProfiles: ['default', 'work'] });
    const names = new Map(candidates.map(({ id, name }) => [id, name]));
    assert.equal(names.get('unix:///run/docker.sock'), 'Docker');
    assert.equal(names.get('unix:///Users/u/.docker/run/docker.sock'), 'Docker Desktop');
    assert.equal(names.get('unix:///Users/u/.orbstack/run/docker.sock'), 'OrbStack');
    assert.equal(names.get('unix:///Users/u/.rd/docker.sock'), 'Rancher Desktop');
    assert.equal(names.get('unix:///Users/u/.colima/default/docker.sock'), 'Colima');
    assert.equal(names.get('unix:///Users/u/.colima/work/docker.sock'), 'Colima (work)');
    assert.equal(names.get('unix:///var/folders/xy/T/podman/podman-machine-default-api.sock'), 'Podman machine');
    assert.equal(names.get('unix:///Users/u/.local/share/containers/podman/machine/podman.sock'), 'Podman machine');
    assert.ok(![...names.keys()].some((id) => id.includes('/run/user/') || id === 'unix:///run/podman/podman.sock'));
  });

  it('looks into COLIMA_HOME and the XDG folders', () => {
    const found = ids(endpointCandidates({ ...mac, env: { COLIMA_HOME: '/c', XDG_CONFIG_HOME: '/x', XDG_DATA_HOME: '/d' } }));
    for (const id of ['unix:///c/default/docker.sock', 'unix:///x/colima/default/docker.sock', 'unix:///d/containers/podman/machine/podman.sock'])
      assert.ok(found.includes(id), id);
  });

  it('knows the pipes of Windows', () => {
    const found = endpointCandidates(windows);
    assert.deepEqual(ids(found), [
      'npipe:////./pipe/docker_engine',
      'npipe:////./pipe/dockerdesktoplinuxengine',
      'npipe:////./pipe/podman-machine-default',
      'npipe:////./pipe/podman-machine-default-root',
    ]);
    assert.deepEqual(found.candidates[0]?.address, { kind: 'npipe', path: '\\\\.\\pipe\\docker_engine' });
  });

  it('puts them in order: setting, DOCKER_HOST, context, CONTAINER_HOST, usual places', () => {
    const facts: HostFacts = {
      ...linux,
      setting: 'tcp://set:1',
      env: { ...linux.env, DOCKER_HOST: 'tcp://env:2', CONTAINER_HOST: 'unix:///other/podman.sock' },
      currentContext: 'remote',
      contexts: [{ name: 'remote', host: 'ssh://me@far' }],
    };
    assert.deepEqual(named(facts), [
      'setting tcp://set:1 tcp://set:1',
      'environment DOCKER_HOST tcp://env:2',
      'context remote ssh://me@far',
      'environment CONTAINER_HOST unix:///other/podman.sock',
    ]);
    assert.equal(endpointCandidates(facts).candidates[4]?.id, 'unix:///run/docker.sock');
  });

  it('has no unset, empty or blank namers', () => {
    assert.deepEqual(named({ ...linux, setting: ' ', env: { DOCKER_HOST: '', CONTAINER_HOST: ' ', DOCKER_CONTEXT: '' }, currentContext: '' }), []);
  });

  describe('contexts', () => {
    const contexts = [
      { name: 'one', host: 'tcp://one:1' },
      { name: 'two', host: 'tcp://two:2' },
    ];
    it('takes the current one', () => assert.deepEqual(named({ ...linux, currentContext: 'one', contexts }), ['context one tcp://one:1']));
    it('lets DOCKER_CONTEXT win', () => {
      assert.deepEqual(named({ ...linux, env: { DOCKER_CONTEXT: 'two' }, currentContext: 'one', contexts }), ['context two tcp://two:2']);
    });
    it('knows that "default" is no context', () => {
      assert.deepEqual(named({ ...linux, env: { DOCKER_CONTEXT: 'default' }, currentContext: 'one', contexts }), []);
      assert.deepEqual(named({ ...linux, currentContext: 'default', contexts }), []);
    });
    it('reports one that does not exist', () => {
      const { invalid } = endpointCandidates({ ...linux, currentContext: 'gone', contexts });
      assert.deepEqual(
        invalid.map(({ source, name, code, message }) => ({ source, name, code, message })),
        [{ source: 'context', name: 'gone', code: 'CONTEXT_MISSING', message: 'The Docker context "gone" does not exist.' }],
      );
    });
    it('reads its TLS files', () => {
      const address = (facts: Partial<HostFacts['contexts'][number]>): unknown =>
        endpointCandidates({ ...linux, currentContext: 'c', contexts: [{ name: 'c', host: 'tcp://h:2376', ...facts }] }).candidates[0]?.address;
      const files = { ca: '/t/ca.pem', cert: '/t/cert.pem', key: '/t/key.pem' };
      assert.deepEqual(address({ tlsFolder: '/t' }), { kind: 'tcp', host: 'h', port: 2376, tls: { ...files, verify: true } });
      assert.deepEqual(address({ tlsFolder: '/t', skipTlsVerify: true }), { kind: 'tcp', host: 'h', port: 2376, tls: { ...files, verify: false } });
      assert.deepEqual(address({ skipTlsVerify: true }), { kind: 'tcp', host: 'h', port: 2376, tls: { verify: false } });
      assert.deepEqual(address({}), { kind: 'tcp', host: 'h', port: 2376 });
    });
  });

  describe('DOCKER_HOST over TLS', () => {
    const files = (folder: string): object => ({ ca: `${folder}/ca.pem`, cert: `${folder}/cert.pem`, key: `${folder}/key.pem` });
    const cases: readonly (readonly [env: Readonly<Record<string, string>>, tls: object | undefined])[] = [
      [{}, undefined],
      [{ DOCKER_CERT_PATH: '/c' }, undefined],
      [{ DOCKER_TLS_VERIFY: '1' }, { ...files('/home/u/.docker'), verify: true }],
      [
        { DOCKER_TLS_VERIFY: '0', DOCKER_CERT_PATH: '/c' },
        { ...files('/c'), verify: true },
      ],
      [
        { DOCKER_TLS: '1', DOCKER_CERT_PATH: '/c' },
        { ...files('/c'), verify: false },
      ],
      [
        { DOCKER_TLS_VERIFY: '1', DOCKER_CONFIG: '/cfg' },
        { ...files('/cfg'), verify: true },
      ],
    ];
    for (const [env, tls] of cases) {
      it(JSON.stringify(env), () => {
        const address = endpointCandidates({ ...linux, env: { DOCKER_HOST: 'tcp://h', ...env } }).candidates[0]?.address;
        assert.deepEqual(address, { kind: 'tcp', host: 'h', port: tls === undefined ? 2375 : 2376, ...(tls === undefined ? {} : { tls }) });
      });
    }
    it('writes paths of Windows', () => {
      const address = endpointCandidates({ ...windows, env: { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' } }).candidates[0]?.address;
      assert.ok(address?.kind === 'tcp');
      assert.equal(address.tls?.ca, 'C:\\Users\\u\\.docker\\ca.pem');
    });
  });

  describe('what cannot be read', () => {
    const cases: readonly (readonly [facts: HostFacts, source: string, message: RegExp])[] = [
      [{ ...linux, setting: 'docker' }, 'setting', /"docker" of the setting "containerDatabases\.endpoint" is not an address of an engine/],
      [{ ...linux, env: { DOCKER_HOST: 'foo://bar' } }, 'environment', /DOCKER_HOST .*scheme "foo"/],
      [{ ...linux, env: { CONTAINER_HOST: 'x' } }, 'environment', /CONTAINER_HOST/],
      [{ ...linux, currentContext: 'c', contexts: [{ name: 'c', host: '?' }] }, 'context', /Docker context "c"/],
      [{ ...linux, setting: 'npipe:////./pipe/docker_engine' }, 'setting', /Windows only/],
    ];
    for (const [facts, source, message] of cases) {
      it(String(message), () => {
        const { invalid, candidates } = endpointCandidates(facts);
        assert.deepEqual(
          invalid.map((one) => one.source),
          [source],
        );
        assert.match(invalid[0]?.message ?? '', message);
        assert.notEqual(invalid[0]?.remedy, '');
        assert.ok(candidates.every((one) => one.source === 'socket'));
      });
    }
    it('shows no password', () => {
      const { invalid } = endpointCandidates({ ...linux, setting: 'tcp://me:secret@h:port' });
      assert.match(invalid[0]?.message ?? '', /tcp:\/\/…@h:port/);
    });
  });

  describe('addresses named twice', () => {
    it('appear once, as the first namer has them, and learn their product', () => {
      const facts: HostFacts = { ...linux, setting: 'unix:///var/run/docker.sock', env: { ...linux.env, DOCKER_HOST: 'unix:///run/docker.sock' } };
      const found = endpointCandidates(facts).candidates.filter(({ id }) => id === 'unix:///run/docker.sock');
      assert.deepEqual(found, [
        { id: 'unix:///run/docker.sock', name: 'Docker', source: 'setting', product: 'docker', address: { kind: 'unix', path: '/var/run/docker.sock' } },
      ]);
    });

    it('keep the name of a context', () => {
      const facts: HostFacts = {
        ...mac,
        currentContext: 'desktop-linux',
        contexts: [{ name: 'desktop-linux', host: 'unix:///Users/u/.docker/run/docker.sock' }],
      };
      const [first, ...others] = endpointCandidates(facts).candidates;
      assert.deepEqual([first?.name, first?.source, first?.product], ['desktop-linux', 'context', 'docker-desktop']);
      assert.ok(others.every(({ id }) => id !== first?.id));
    });

    it('are known for Podman by DOCKER_HOST', () => {
      const [first] = endpointCandidates({ ...linux, env: { ...linux.env, DOCKER_HOST: 'unix:///run/user/1000/podman/podman.sock' } }).candidates;
      assert.deepEqual([first?.name, first?.product, first?.source], ['Podman (rootless)', 'podman-rootless', 'environment']);
    });

    it('are the same pipe whatever its letters', () => {
      const found = endpointCandidates({ ...windows, env: { DOCKER_HOST: 'npipe:////./pipe/DOCKER_ENGINE' } }).candidates;
      assert.deepEqual(found.map(({ source, name }) => `${source} ${name}`).slice(0, 2), ['environment Docker', 'socket Docker Desktop']);
    });

    it('are told apart by TLS', () => {
      assert.deepEqual(named({ ...linux, setting: 'tcp://h:1', env: { DOCKER_HOST: 'https://h:1' } }), [
        'setting tcp://h:1 tcp://h:1',
        'environment DOCKER_HOST https://h:1',
      ]);
    });
  });
});

describe('withoutAliases', () => {
  it('merges links by their target, and takes the more telling name', () => {
    const { candidates } = endpointCandidates(mac);
    const links = new Map([['/var/run/docker.sock', '/Users/u/.orbstack/run/docker.sock']]);
    const merged = withoutAliases(candidates, (path) => links.get(path) ?? path);
    assert.deepEqual(merged[0], {
      id: 'unix:///run/docker.sock',
      name: 'OrbStack',
      source: 'socket',
      product: 'orbstack',
      address: { kind: 'unix', path: '/var/run/docker.sock' },
    });
    assert.equal(merged.length, candidates.length - 1);
  });

  it('keeps the first of two links that tell equally much', () => {
    const links = new Map(['/run/user/1000/docker.sock', '/home/u/.rd/docker.sock'].map((link) => [link, '/opt/x.sock']));
    const merged = withoutAliases(endpointCandidates(linux).candidates, (path) => links.get(path) ?? path);
    assert.deepEqual(
      merged.slice(1, 2).map(({ name, product }) => [name, product]),
      [['Docker (rootless)', 'docker-rootless']],
    );
    assert.ok(merged.every(({ name }) => name !== 'Rancher Desktop'));
  });
});
