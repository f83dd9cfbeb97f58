import assert from 'node:assert/strict';
import type { ContainerSummary } from '../../../src/engine/containers';
import { assembleInventory, type EndpointAnswer } from '../../../src/inventory/assemble';
import type { Inventory } from '../../../src/inventory/model';
import { composeServiceOf, endpointOf, foundOf, placedOf, summaryOf, writtenOf } from './inventoryParts';

const postgres = (name: string, rest = {}) =>
  composeServiceOf(name, { image: 'postgres:17', environment: { POSTGRES_USER: 'me', POSTGRES_DB: 'shop' }, ...rest });

function answer(endpointId: string, servers: readonly ContainerSummary[], others: readonly ContainerSummary[] = []): EndpointAnswer {
  const findings = { containers: [...servers, ...others].map(placedOf), services: servers.map((summary) => foundOf(endpointId, summary)) };
  return { view: endpointOf(endpointId), findings };
}

/** The picture in short: `project: service state, …`. */
function short({ projects }: Inventory): readonly string[] {
  return projects.map(({ name, services }) => `${name}: ${services.map((service) => `${service.name} ${service.state}`).join(', ')}`);
}

function allIds({ projects }: Inventory): readonly string[] {
  return projects.flatMap(({ id, services }) => [id, ...services.map((service) => service.id)]);
}

describe('assembleInventory', () => {
  it('is empty when nothing is known', () => {
    assert.deepEqual(assembleInventory([], [], []), { endpoints: [], projects: [] });
  });

  it('shows an endpoint that failed beside one that answers', () => {
    const failed = { view: { ...endpointOf('gone'), state: 'failed' as const, problem: { code: 'ENGINE_ABSENT', message: 'x', remedy: 'y' } } };
    const inventory = assembleInventory([failed, answer('here', [summaryOf('shop', 'db')])], [], []);
    assert.deepEqual(
      inventory.endpoints.map(({ id, state }) => [id, state]),
      [
        ['gone', 'failed'],
        ['here', 'connected'],
      ],
    );
    assert.deepEqual(short(inventory), ['shop: db running']);
  });

  it('puts the workspace first, then goes by name', () => {
    const servers = ['zoo', 'alpha', 'mine', 'beta'].map((name) => summaryOf(name, 'db'));
    const written = [writtenOf('young', [postgres('db')], '/work/mine/young')];
    const { projects } = assembleInventory([answer('here', servers)], written, ['/work/mine', '/work/zoo/app']);
    assert.deepEqual(
      projects.map(({ name, inWorkspace }) => [name, inWorkspace]),
      [
        ['mine', true],
        ['young', true],
        ['zoo', true],
        ['alpha', false],
        ['beta', false],
      ],
    );
  });

  for (const [title, folder, folders, expected] of [
    ['the folder itself', '/work/shop', ['/work/shop'], true],
    ['a folder below it', '/work/shop/docker', ['/work/shop'], true],
    ['a folder above it', '/work/shop', ['/work/shop/backend'], true],
    ['a folder of which the name only begins so', '/work/shop2', ['/work/shop'], false],
    ['a folder with dots in front', '/work/shop/..data', ['/work/shop'], true],
    ['a sibling', '/work/other', ['/work/shop'], false],
    ['no workspace', '/work/shop', [], false],
  ] as const) {
    it(`knows whether ${title} belongs to the workspace`, () => {
      const { projects } = assembleInventory([answer('here', [summaryOf('shop', 'db', { folder })])], [], folders);
      assert.deepEqual(
        projects.map(({ inWorkspace }) => inWorkspace),
        [expected],
      );
    });
  }

  it('takes folder and files from the labels, of whichever sibling has them', () => {
    const bare = { ...summaryOf('shop', 'db'), labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'db' } };
    const { projects } = assembleInventory([answer('here', [bare], [summaryOf('shop', 'web')])], [], []);
    assert.deepEqual([projects[0]?.folder, projects[0]?.configFiles], ['/work/shop', ['/work/shop/compose.yml']]);
  });

  it('takes folder and files from the written project where no label tells', () => {
    const bare = { ...summaryOf('shop', 'db'), labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'db' } };
    const { projects } = assembleInventory([answer('here', [bare])], [writtenOf('shop', [postgres('db')])], []);
    assert.deepEqual([projects[0]?.folder, projects[0]?.configFiles], ['/work/shop', ['/work/shop/compose.yml']]);
  });

  it('adds services that are written down but were never created', () => {
    const written = [writtenOf('shop', [postgres('db'), postgres('reports'), composeServiceOf('web', { image: 'nginx' })])];
    const inventory = assembleInventory([answer('here', [summaryOf('shop', 'db')])], written, []);
    assert.deepEqual(short(inventory), ['shop: db running, reports not created']);
    assert.deepEqual(inventory.projects[0]?.services[1]?.postgres, { user: 'me', database: 'shop' });
  });

  it('shows a project of which nothing was ever created, without an endpoint', () => {
    const inventory = assembleInventory([answer('here', [])], [writtenOf('shop', [postgres('db')])], ['/work/shop']);
    assert.deepEqual(short(inventory), ['shop: db not created']);
    assert.equal(inventory.projects[0]?.endpointId, undefined);
  });

  it('leaves out written projects without Postgres', () => {
    assert.deepEqual(assembleInventory([], [writtenOf('site', [composeServiceOf('web', { image: 'nginx' })])], []).projects, []);
  });

  it('shows several files of one project once', () => {
    const written = [writtenOf('shop', [postgres('db')]), writtenOf('shop', [postgres('db'), postgres('audit')])];
    assert.deepEqual(short(assembleInventory([], written, [])), ['shop: db not created, audit not created']);
    assert.deepEqual(short(assembleInventory([answer('here', [summaryOf('shop', 'db')])], written, [])), ['shop: audit not created, db running']);
  });

  it('shows a project that lives on two endpoints twice, with ids of their own', () => {
    const written = [writtenOf('shop', [postgres('db'), postgres('reports')])];
    const answers = [answer('docker', [summaryOf('shop', 'db')]), answer('podman', [summaryOf('shop', 'db')])];
    const inventory = assembleInventory(answers, written, []);
    assert.deepEqual(short(inventory), ['shop: db running, reports not created', 'shop: db running, reports not created']);
    assert.deepEqual(
      inventory.projects.map(({ endpointId }) => endpointId),
      ['docker', 'podman'],
    );
    const ids = allIds(inventory);
    assert.equal(new Set(ids).size, ids.length, ids.join());
  });

  it('shows a container that Compose did not make under its own name', () => {
    const alone = { ...summaryOf('', ''), id: 'x', name: 'scratchpad', labels: {} };
    const { projects } = assembleInventory([answer('here', [alone])], [], ['/work']);
    assert.deepEqual(
      projects.map(({ name, folder, inWorkspace, services }) => [name, folder, inWorkspace, services.map((service) => service.name)]),
      [['scratchpad', undefined, false, ['scratchpad']]],
    );
  });

  it('finds who uses a service by labels, in the order in which they start', () => {
    const others = [
      summaryOf('shop', 'nginx', { dependsOn: 'api:service_started:false' }),
      summaryOf('shop', 'api', { dependsOn: 'db:service_healthy:true,cache:service_started:false' }),
      summaryOf('shop', 'cache'),
      summaryOf('other', 'web', { dependsOn: 'db:service_started:false' }),
    ];
    const { projects } = assembleInventory([answer('here', [summaryOf('shop', 'db')], others)], [], []);
    assert.deepEqual(projects[0]?.services[0]?.dependents, ['api', 'nginx']);
  });

  it('finds who uses a service by the files where the labels say nothing, as with podman-compose', () => {
    const written = [
      writtenOf('shop', [postgres('db'), composeServiceOf('api', { image: 'x', dependsOn: [{ service: 'db', condition: 'service_healthy' }] })]),
    ];
    const { projects } = assembleInventory([answer('here', [summaryOf('shop', 'db')], [summaryOf('shop', 'api')])], written, []);
    assert.deepEqual(projects[0]?.services[0]?.dependents, ['api']);
  });
});
