import assert from 'node:assert/strict';
import { parseComposeFile } from '../../../src/compose/composeFile';
import type { ComposeFile, ComposeService } from '../../../src/compose/composeModel';
import { mergeComposeFiles } from '../../../src/compose/merge';

function merged(...texts: readonly string[]): ComposeFile {
  return mergeComposeFiles(texts.map((text, index) => parseComposeFile(text, {}, `${index}.yml`)));
}

/** Service `a` of two files whose bodies are flow mappings. */
function two(base: string, over: string): ComposeService {
  const [found] = merged(`services: { a: ${base} }`, `services: { a: ${over} }`).services;
  assert.ok(found);
  return found;
}

const mounts = ({ volumes }: ComposeService): readonly string[] => volumes.map(({ kind, source, target }) => `${kind} ${source ?? ''} ${target}`);
const ports = (service: ComposeService): readonly string[] => service.ports.map(({ published, target }) => `${published ?? ''}:${target}`);

describe('mergeComposeFiles', () => {
  it('of no file, and of one, changes nothing', () => {
    assert.deepEqual(merged(), { services: [], volumes: [], includes: [], errors: [], unsetVariables: [] });
    const text = 'name: n\nservices: { a: { image: x, ports: ["1:1"] } }\nvolumes: { v: }';
    assert.deepEqual(merged(text), parseComposeFile(text, {}, '0.yml'));
  });

  it('lets the later name and single values win', () => {
    assert.equal(merged('name: one', 'name: two', 'services: {}').name, 'two');
    const a = two('{ image: one, container_name: x, command: a b, entrypoint: e }', '{ image: two, command: [c], container_name: y }');
    assert.deepEqual([a.image, a.containerName, a.command, a.entrypoint, a.hostNames], ['two', 'y', ['c'], ['e'], ['a', 'y']]);
  });

  it('keeps what a later file does not mention', () => {
    assert.deepEqual(two('{ image: one, command: a }', '{ environment: { A: "1" } }').command, ['a']);
  });

  it('merges environments by name, whatever their form', () => {
    assert.deepEqual(two('{ environment: { A: "1", B: "2" } }', '{ environment: ["B=3", "C=4"] }').environment, { A: '1', B: '3', C: '4' });
  });

  it('merges mounts by target', () => {
    const a = two('{ volumes: ["data:/d", "./x:/x"], tmpfs: /t }', '{ volumes: ["other:/d/", "./y:/y"], tmpfs: [/t, /u] }');
    assert.deepEqual(mounts(a), ['volume other /d/', 'bind ./x /x', 'tmpfs  /t', 'bind ./y /y', 'tmpfs  /u']);
  });

  it('adds ports, each once', () => {
    assert.deepEqual(ports(two('{ ports: ["1:1", "2:2"] }', '{ ports: ["2:2", "3:2"] }')), ['1:1', '2:2', '3:2']);
  });

  it('merges dependencies by service, and adds to lists', () => {
    const a = two(
      '{ depends_on: [b, c], profiles: [p], env_file: [x], expose: ["1"] }',
      '{ depends_on: { b: { condition: service_healthy }, d: { condition: service_started } }, profiles: [p, q], env_file: [y], expose: ["1", "2"] }',
    );
    assert.deepEqual(
      a.dependsOn.map(({ service, condition }) => `${service} ${condition}`),
      ['b service_healthy', 'c service_started', 'd service_started'],
    );
    assert.deepEqual(
      [a.profiles, a.envFiles, a.expose],
      [
        ['p', 'q'],
        ['x', 'y'],
        [1, 2],
      ],
    );
  });

  it('merges builds by field, and keeps a check whose timing alone changes', () => {
    const a = two(
      '{ build: { context: x, dockerfile: D }, healthcheck: { test: [CMD, a] } }',
      '{ build: { context: y, target: t }, healthcheck: { interval: 5s } }',
    );
    assert.deepEqual(a.build, { context: 'y', dockerfile: 'D', target: 't' });
    assert.deepEqual(a.healthcheck, { disabled: false, test: ['CMD', 'a'] });
    assert.deepEqual(two('{ healthcheck: { test: [CMD, a] } }', '{ healthcheck: { disable: true } }').healthcheck, { disabled: true, test: ['CMD', 'a'] });
    assert.deepEqual(two('{ healthcheck: { test: [CMD, a] } }', '{ healthcheck: { test: [CMD, b] } }').healthcheck, { disabled: false, test: ['CMD', 'b'] });
    assert.deepEqual(two('{ image: x }', '{ healthcheck: { interval: 5s } }').healthcheck, { disabled: false, test: [] });
    assert.deepEqual(two('{ image: x }', '{ healthcheck: { test: [CMD, b] } }').healthcheck, { disabled: false, test: ['CMD', 'b'] });
  });

  it('honours !reset and !override', () => {
    const base = '{ image: x, ports: ["1:1"], environment: { A: "1" }, command: a, volumes: ["data:/d"], tmpfs: /t, depends_on: [b], build: . }';
    const over =
      '{ ports: !reset [], environment: !override { B: "2" }, command: !reset null, volumes: !override ["extra:/e"], depends_on: !reset {}, build: !reset null }';
    const a = two(base, over);
    assert.deepEqual(
      [ports(a), a.environment, a.command, mounts(a), a.dependsOn, a.build],
      [[], { B: '2' }, undefined, ['tmpfs  /t', 'volume extra /e'], [], undefined],
    );
    assert.equal(a.image, 'x');
    assert.deepEqual(mounts(two('{ volumes: ["data:/d"], tmpfs: /t }', '{ tmpfs: !reset null }')), ['volume data /d']);
  });

  it('adds services and volumes in order, and keeps the first place of each', () => {
    const file = merged(
      'services: { a: { image: x }, b: { image: y } }\nvolumes: { v: { name: one }, w: }',
      'services: { c: { image: z }, b: { image: yy } }\nvolumes: { v: { driver: local }, u: { external: true } }',
      'services: { a: { image: xxx } }\nvolumes: { u: { name: two } }',
    );
    assert.deepEqual(
      file.services.map(({ name, image, range }) => `${name} ${image ?? ''} ${range.file ?? ''}`),
      ['a xxx 0.yml', 'b yy 0.yml', 'c z 1.yml'],
    );
    assert.deepEqual(
      file.volumes.map(({ range: _range, ...volume }) => volume),
      [
        { key: 'v', name: 'one', driver: 'local', external: false, driverOptions: {} },
        { key: 'w', external: false, driverOptions: {} },
        { key: 'u', name: 'two', external: true, driverOptions: {} },
      ],
    );
  });

  it('collects errors and unset variables of all files', () => {
    const file = merged('services: { a: { image: "$T" } }', 'services: { a: { image: "$T${U:?}" } }');
    assert.deepEqual(file.unsetVariables, ['T']);
    assert.deepEqual(
      file.errors.map(({ range }) => range.file),
      ['1.yml'],
    );
  });
});
