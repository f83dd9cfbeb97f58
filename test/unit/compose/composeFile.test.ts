import assert from 'node:assert/strict';
import { parseComposeFile } from '../../../src/compose/composeFile';
import type { ComposeService } from '../../../src/compose/composeModel';
import { withEnvironmentFiles } from '../../../src/compose/environmentFiles';
import { randomFrom } from './random';

/** The one service `a` of a file, whose body is given without indentation. */
function service(body: string, environment: Readonly<Record<string, string>> = {}): ComposeService {
  const indented = body.trim().replace(/^/gm, '    ');
  const { services, errors } = parseComposeFile(`services:\n  a:\n${indented}\n`, environment);
  assert.deepEqual(errors, []);
  const found = services.find(({ name }) => name === 'a');
  assert.ok(found);
  return found;
}

const withoutRanges = (mounts: ComposeService['volumes']): readonly unknown[] => mounts.map(({ range: _range, ...mount }) => mount);

describe('parseComposeFile', () => {
  describe('environment', () => {
    const cases: readonly (readonly [title: string, body: string, expected: Readonly<Record<string, string | null>>])[] = [
      ['a mapping', 'environment:\n  A: x\n  B: "y z"', { A: 'x', B: 'y z' }],
      ['a list', 'environment:\n  - A=x\n  - B=y=z\n  - "C="', { A: 'x', B: 'y=z', C: '' }],
      [
        'numbers and booleans',
        'environment: { P: 5432, F: 1.10, T: true, Y: yes, H: 0x10, O: 0123, L: 12345678901234567890 }',
        {
          P: '5432',
          F: '1.1',
          T: 'true',
          Y: 'yes',
          H: '16',
          O: '83',
          L: '12345678901234567890',
        },
      ],
      ['nothing and the empty text', 'environment:\n  A:\n  B: ""\n  C: ~', { A: null, B: '', C: null }],
      ['values that the host has', 'environment:\n  - HOSTED\n  - GONE', { HOSTED: 'h', GONE: null }],
      ['variables', 'environment:\n  A: ${HOSTED}-${NONE:-d}\n  B: $$5', { A: 'h-d', B: '$5' }],
      ['a merged mapping', 'x-y: &y { A: "1", B: "2" }\nenvironment:\n  <<: *y\n  B: "3"', { A: '1', B: '3' }],
      ['several merged mappings', 'x-y: &y { A: "1", B: "2" }\nx-z: &z { B: "9", C: "3" }\nenvironment:\n  <<: [*y, *z]', { A: '1', B: '2', C: '3' }],
      ['two merge keys', 'x-y: &y { A: "1" }\nx-z: &z { C: "3" }\nenvironment:\n  <<: *y\n  <<: *z', { A: '1', C: '3' }],
      ['block texts', 'environment:\n  A: |\n    one\n    two\n  B: >-\n    one\n    two', { A: 'one\ntwo\n', B: 'one two' }],
    ];
    for (const [title, body, expected] of cases) {
      it(title, () => assert.deepEqual({ ...service(body, { HOSTED: 'h' }).environment }, expected));
    }
  });

  describe('volumes', () => {
    const cases: readonly (readonly [body: string, expected: readonly unknown[]])[] = [
      ['volumes: [data:/var/lib/postgresql/data]', [{ kind: 'volume', source: 'data', target: '/var/lib/postgresql/data', readOnly: false }]],
      ['volumes: [./x:/x:ro]', [{ kind: 'bind', source: './x', target: '/x', readOnly: true }]],
      [
        'volumes: ["~/x:/x:rw,z", ../y:/y, "/z:/z:ro,Z"]',
        [
          { kind: 'bind', source: '~/x', target: '/x', readOnly: false },
          { kind: 'bind', source: '../y', target: '/y', readOnly: false },
          { kind: 'bind', source: '/z', target: '/z', readOnly: true },
        ],
      ],
      [
        'volumes: [/anonymous, "/options:ro"]',
        [
          { kind: 'volume', target: '/anonymous', readOnly: false },
          { kind: 'volume', target: '/options', readOnly: true },
        ],
      ],
      [
        'volumes: ["C:\\\\data:/data", "c:/data:/data2:ro", "\\\\\\\\srv\\\\share:/s"]',
        [
          { kind: 'bind', source: 'C:\\data', target: '/data', readOnly: false },
          { kind: 'bind', source: 'c:/data', target: '/data2', readOnly: true },
          { kind: 'bind', source: '\\\\srv\\share', target: '/s', readOnly: false },
        ],
      ],
      [
        'volumes:\n  - { type: volume, source: data, target: /d, read_only: true }\n  - { type: bind, source: ., target: /e }\n  - { type: tmpfs, target: /f }\n  - { target: /g }',
        [
          { kind: 'volume', source: 'data', target: '/d', readOnly: true },
          { kind: 'bind', source: '.', target: '/e', readOnly: false },
          { kind: 'tmpfs', target: '/f', readOnly: false },
          { kind: 'volume', target: '/g', readOnly: false },
        ],
      ],
      ['tmpfs: /var/lib/postgresql/data', [{ kind: 'tmpfs', target: '/var/lib/postgresql/data', readOnly: false }]],
      [
        'tmpfs: ["/run:size=10m", /tmp]',
        [
          { kind: 'tmpfs', target: '/run', readOnly: false },
          { kind: 'tmpfs', target: '/tmp', readOnly: false },
        ],
      ],
      ['volumes: ["${NONE:-data}:/d"]', [{ kind: 'volume', source: 'data', target: '/d', readOnly: false }]],
      ['volumes: ["", ":", { type: image, target: /x }, { type: bind }, null]', []],
      ['volumes:', []],
      ['volumes: {}', []],
    ];
    for (const [body, expected] of cases) it(body.replaceAll('\n', ' '), () => assert.deepEqual(withoutRanges(service(body).volumes), expected));
  });

  describe('ports', () => {
    const cases: readonly (readonly [body: string, expected: readonly unknown[]])[] = [
      [
        'ports: [5432, " 5433 "]',
        [
          { target: 5432, protocol: 'tcp' },
          { target: 5433, protocol: 'tcp' },
        ],
      ],
      ['ports: ["5433:5432"]', [{ target: 5432, protocol: 'tcp', published: '5433' }]],
      ['ports: ["127.0.0.1:${PORT:-15432}:5432/udp"]', [{ target: 5432, protocol: 'udp', published: '15432', hostAddress: '127.0.0.1' }]],
      ['ports: ["127.0.0.1::5432"]', [{ target: 5432, protocol: 'tcp', hostAddress: '127.0.0.1' }]],
      [
        'ports: ["[::1]:5433:5432", "::1:5434:5432"]',
        [
          { target: 5432, protocol: 'tcp', published: '5433', hostAddress: '::1' },
          { target: 5432, protocol: 'tcp', published: '5434', hostAddress: '::1' },
        ],
      ],
      [
        'ports: ["9090-9091:8080-8081"]',
        [
          { target: 8080, protocol: 'tcp', published: '9090' },
          { target: 8081, protocol: 'tcp', published: '9091' },
        ],
      ],
      ['ports: ["3000-3002:4000"]', [{ target: 4000, protocol: 'tcp', published: '3000-3002' }]],
      [
        'ports: [{ target: 5432, published: 5433, host_ip: 0.0.0.0, protocol: tcp }, { target: "6000" }]',
        [
          { target: 5432, protocol: 'tcp', published: '5433', hostAddress: '0.0.0.0' },
          { target: 6000, protocol: 'tcp' },
        ],
      ],
      ['ports: ["x", "70000", "0", "9-1", { published: 1 }, ""]', []],
    ];
    for (const [body, expected] of cases) it(body, () => assert.deepEqual(service(body).ports, expected));
  });

  describe('dependencies', () => {
    const cases: readonly (readonly [body: string, expected: Readonly<Record<string, string>>])[] = [
      ['depends_on: [b, c]', { b: 'service_started', c: 'service_started' }],
      ['depends_on:\n  b: { condition: service_healthy, restart: true }\n  c:', { b: 'service_healthy', c: 'service_started' }],
      ['links: ["b:alias", c]', { b: 'service_started', c: 'service_started' }],
      ['network_mode: service:b', { b: 'service_started' }],
      ['volumes_from: [b:ro, "container:x"]', { b: 'service_started' }],
      ['depends_on: { b: { condition: service_healthy } }\nlinks: [b]', { b: 'service_healthy' }],
      ['network_mode: host', {}],
    ];
    for (const [body, expected] of cases) {
      it(body.replaceAll('\n', ' '), () => {
        assert.deepEqual(Object.fromEntries(service(body).dependsOn.map((one) => [one.service, one.condition])), expected);
      });
    }
  });

  it('reads image, build, command, entrypoint, healthcheck, profiles and host names', () => {
    const read = service(`
image: postgres:\${PG:-17}
build: { context: ./db, dockerfile: Pg.Dockerfile, target: final, dockerfile_inline: "FROM postgres" }
container_name: \${PREFIX:-shop}-db
hostname: database
networks: { back: { aliases: [pg] }, front: }
command: postgres -c 'max_connections = 50'
entrypoint: [docker-entrypoint.sh]
env_file: [a.env, { path: ./b.env, required: false }]
expose: ["5432", 6000/udp]
profiles: [dev]
healthcheck: { test: pg_isready -U $$POSTGRES_USER, interval: 2s }
`);
    assert.equal(read.image, 'postgres:17');
    assert.deepEqual(read.build, { context: './db', dockerfile: 'Pg.Dockerfile', target: 'final', dockerfileInline: 'FROM postgres' });
    assert.equal(read.containerName, 'shop-db');
    assert.deepEqual(read.hostNames, ['a', 'shop-db', 'database', 'pg']);
    assert.deepEqual(read.command, ['postgres', '-c', 'max_connections = 50']);
    assert.deepEqual(read.entrypoint, ['docker-entrypoint.sh']);
    assert.deepEqual(read.envFiles, ['a.env', './b.env']);
    assert.deepEqual(read.expose, [5432, 6000]);
    assert.deepEqual(read.profiles, ['dev']);
    assert.deepEqual(read.healthcheck, { disabled: false, test: ['CMD-SHELL', 'pg_isready -U $POSTGRES_USER'] });
  });

  it('leaves absent what is absent', () => {
    const { range: _range, ...read } = service('image: x');
    assert.deepEqual(read, {
      name: 'a',
      image: 'x',
      environment: {},
      envFiles: [],
      volumes: [],
      ports: [],
      expose: [],
      dependsOn: [],
      profiles: [],
      hostNames: ['a'],
      replaces: [],
    });
    assert.equal(service('command:').command, undefined);
    assert.deepEqual(service('command: []').command, []);
    assert.deepEqual(service('command: ""').command, []);
    assert.deepEqual(service('build: .').build, { context: '.' });
    assert.deepEqual(service('healthcheck: { disable: true }').healthcheck, { disabled: true, test: [] });
    assert.deepEqual(service('healthcheck: { test: [NONE] }').healthcheck, { disabled: true, test: ['NONE'] });
  });

  it('reads the top level: name, volumes, include', () => {
    const file = parseComposeFile(`
name: \${PROJECT:-shop}
include: [a.yml, { path: b.yml }, { path: [c.yml, d.yml] }]
services: {}
volumes:
  plain:
  named: { name: "\${PROJECT:-shop}-data" }
  outside: { external: true }
  old: { external: { name: legacy } }
  bound: { driver: local, driver_opts: { type: none, o: bind, device: ./data } }
`);
    assert.equal(file.name, 'shop');
    assert.deepEqual(file.includes, ['a.yml', 'b.yml', 'c.yml', 'd.yml']);
    assert.deepEqual(
      file.volumes.map(({ range: _range, ...volume }) => volume),
      [
        { key: 'plain', external: false, driverOptions: {} },
        { key: 'named', name: 'shop-data', external: false, driverOptions: {} },
        { key: 'outside', external: true, driverOptions: {} },
        { key: 'old', name: 'legacy', external: true, driverOptions: {} },
        { key: 'bound', external: false, driver: 'local', driverOptions: { type: 'none', o: 'bind', device: './data' } },
      ],
    );
    assert.deepEqual(file.errors, []);
  });

  describe('extends', () => {
    it('takes over a base of the same file, over several steps', () => {
      const { services } = parseComposeFile(`
services:
  base: { image: "postgres:16", environment: { A: "1" }, volumes: ["./x:/x"], container_name: one, expose: ["1"] }
  child: { extends: { service: base }, environment: { B: "2" }, container_name: two }
  grandchild: { extends: child, image: "postgres:17" }
`);
      const [, child, grandchild] = services;
      assert.deepEqual(child?.environment, { A: '1', B: '2' });
      assert.equal(grandchild?.image, 'postgres:17');
      assert.deepEqual(grandchild?.environment, { A: '1', B: '2' });
      assert.deepEqual(grandchild?.hostNames, ['grandchild']);
      assert.deepEqual(child?.hostNames, ['child', 'two']);
      assert.equal(grandchild?.extends, undefined);
      assert.equal(grandchild?.range.line, 4);
    });

    it('leaves a base elsewhere for whoever has the files', () => {
      const { services } = parseComposeFile('services:\n  a: { extends: { file: base.yml, service: x } }\n  b: { extends: gone }\n  c: { extends: a }');
      assert.deepEqual(
        services.map((one) => one.extends),
        [{ service: 'x', file: 'base.yml' }, { service: 'gone' }, { service: 'x', file: 'base.yml' }],
      );
    });

    it('ends circles', () => {
      const { services, errors } = parseComposeFile('services:\n  a: { extends: b, image: x }\n  b: { extends: a }\n  c: { extends: c }');
      assert.deepEqual(
        services.map(({ name }) => name),
        ['a', 'b', 'c'],
      );
      assert.ok(errors.length >= 2);
      for (const { message } of errors) assert.match(message, /extends itself/);
    });
  });

  describe('places', () => {
    const text =
      '# head\nservices:\n  db:\n    image: postgres:17 # official\n    volumes:\n      - data:/d\n\n  # next\n  web:\n    image: nginx\nvolumes:\n  data:\n    name: d\n';
    const { services, volumes } = parseComposeFile(text, {}, '/p/compose.yml');
    const at = ({ start, end }: { readonly start: number; readonly end: number }): string => text.slice(start, end);

    it('gives each service its lines, without what follows', () => {
      assert.deepEqual(
        services.map(({ range }) => range.line),
        [2, 8],
      );
      assert.equal(at(services[1]?.range ?? { start: 0, end: 0 }), 'web:\n    image: nginx');
      assert.match(at(services[0]?.range ?? { start: 0, end: 0 }), /^db:\n[\s\S]*data:\/d$/);
    });

    it('gives mounts and volumes theirs, with the file', () => {
      const mount = services[0]?.volumes[0]?.range;
      assert.equal(at(mount ?? { start: 0, end: 0 }), 'data:/d');
      assert.deepEqual([mount?.line, mount?.file], [5, '/p/compose.yml']);
      assert.equal(at(volumes[0]?.range ?? { start: 0, end: 0 }), 'data:\n    name: d');
    });

    it('counts UTF-16 units and survives CRLF', () => {
      const odd = 'x-🐘: é\r\nservices:\r\n  db:\r\n    image: p\r\n';
      const range = parseComposeFile(odd).services[0]?.range;
      assert.equal(odd.slice(range?.start, range?.end), 'db:\r\n    image: p');
      assert.equal(range?.line, 2);
    });
  });

  it('puts several documents of a file together, as Compose does', () => {
    const file = parseComposeFile('x: &x y\nservices:\n  a: { image: one }\n---\nservices:\n  a: { image: two }\n  b: { image: *x }\n');
    assert.deepEqual(
      file.services.map(({ name, image }) => `${name} ${image ?? ''}`),
      ['a two', 'b '],
    );
    assert.match(file.errors[0]?.message ?? '', /no anchor "x"/);
    assert.equal(file.services[1]?.range.line, 6);
  });

  describe('broken files', () => {
    const cases: readonly (readonly [title: string, text: string, names: readonly string[], error: RegExp | undefined])[] = [
      ['nothing', '', [], undefined],
      ['only a comment', '# later\n', [], undefined],
      ['a list', '- a\n- b\n', [], /must be a mapping/],
      ['a word', 'services', [], /must be a mapping/],
      ['services without content', 'services:\n', [], undefined],
      ['services as a list', 'services: [a]\n', [], /"services" must be a mapping/],
      ['a service as text', 'services:\n  a: x\n  b: { image: y }\n', ['b'], /Service "a" must be a mapping/],
      ['half-typed', 'services:\n  a:\n    image: x\n    env', ['a'], /./],
      ['an open quote', 'services:\n  a:\n    image: x\n  b:\n    image: "y\n', ['a', 'b'], /./],
      ['an open bracket', 'services:\n  a:\n    image: x\n    ports: [1, 2\n  b: { image: y }\n', ['a', 'b'], /./],
      ['tabs', 'services:\n\ta:\n\t\timage: x\n', [], /[Tt]ab/],
      ['a key twice', 'services:\n  a: { image: x }\n  a: { image: y }\n', ['a'], /unique/],
      ['an unknown anchor', 'services:\n  a: { image: x, environment: *gone }\n', ['a'], /no anchor "gone"/],
      ['an anchor in itself', 'services:\n  a: &a { image: x, environment: *a }\n', ['a'], /no anchor "a"/],
      ['a merge of nothing', 'services:\n  a: { <<: 5, image: x }\n', ['a'], undefined],
      ['a missing variable', 'services:\n  a: { image: "${TAG:?pick one}" }\n', ['a'], /TAG is required but has no value: pick one/],
      ['a bad substitution', 'services:\n  a: { image: "${TAG" }\n', ['a'], /no closing brace/],
      [
        'members of the wrong kind',
        'services:\n  a: { image: [x], ports: { a: b }, volumes: 5, environment: 7, depends_on: { b: [] }, healthcheck: x, command: { a: b }, extends: [] }\n',
        ['a'],
        undefined,
      ],
      ['keys that are no text', 'services:\n  ? [a]\n  : { image: x }\n  1: { image: y }\n', ['1'], undefined],
      ['extension fields', 'x-a: 1\nservices:\n  x-b: { image: x }\n  a: { image: y }\n', ['a'], undefined],
      ['binary', '\u0000\u0001\u0002', [], /must be a mapping/],
    ];
    for (const [title, text, names, error] of cases) {
      it(title, () => {
        const file = parseComposeFile(text);
        assert.deepEqual(
          file.services.map(({ name }) => name),
          names,
        );
        if (error === undefined) return assert.deepEqual(file.errors, []);
        assert.match(file.errors.map(({ message }) => message).join('\n'), error);
        for (const { range } of file.errors) assert.ok(range.start >= 0 && range.end <= text.length && range.line >= 0);
      });
    }

    it('survives deep nesting and anchors that multiply', () => {
      assert.ok(parseComposeFile(`a: ${'['.repeat(50_000)}`).errors.length > 0);
      const lines = Array.from({ length: 40 }, (_, index) => `  l${index + 1}: &l${index + 1} [*l${index}, *l${index}, *l${index}]`);
      const { services } = parseComposeFile(`x:\n  l0: &l0 [x]\n${lines.join('\n')}\nservices:\n  a: { image: y }\n`);
      assert.equal(services[0]?.image, 'y');
    });

    it('never throws on a file cut off or garbled anywhere', () => {
      const text =
        'x: &x { A: "1" }\nservices:\n  db:\n    image: "p:${T:-1}"\n    environment:\n      <<: *x\n      B: |\n        t\n    ports: ["1:2"]\nvolumes: { d: }\n';
      for (let length = 0; length <= text.length; length++) parseComposeFile(text.slice(0, length));
      for (let seed = 1; seed <= 500; seed++) {
        const random = randomFrom(seed);
        const garbled = text.split('');
        for (let count = 0; count < 4; count++) garbled[random.below(garbled.length)] = random.pick(['\n', ':', '{', '"', '&', '*', ' ', '\t', '-', '$']);
        parseComposeFile(garbled.join(''));
      }
    });
  });

  it('names the variables that have no value', () => {
    assert.deepEqual(parseComposeFile('services:\n  a: { image: "$A:${B:-1}", command: "${C} $A" }').unsetVariables, ['A', 'C']);
  });
});

describe('withEnvironmentFiles', () => {
  it('puts the files below the environment, later ones over earlier ones', () => {
    const file = parseComposeFile('services:\n  a:\n    env_file: [one, two, gone]\n    environment: { B: own }\n  b: { image: x }');
    const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = { one: { A: '1', B: '1', C: '1' }, two: { C: '2' } };
    const { services } = withEnvironmentFiles(file, (path) => texts[path]);
    assert.deepEqual(services[0]?.environment, { A: '1', B: 'own', C: '2' });
    assert.deepEqual(services[1]?.environment, {});
  });
});
