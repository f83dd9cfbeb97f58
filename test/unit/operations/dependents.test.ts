import assert from 'node:assert/strict';
import type { ContainerInspection, ContainerSummary } from '../../../src/engine/containers';
import { findDependents, restartServices, startServices, stopServices } from '../../../src/operations/dependents';
import { FakeEngine } from '../engine/fakeEngine';
import { serviceOf, summaryOf } from '../inventory/inventoryParts';
import { FakeSession } from '../postgres/fakeSession';

interface Sibling {
  readonly dependsOn?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly state?: string;
  readonly project?: string;
  readonly oneOff?: boolean;
}

function engineWith(siblings: Readonly<Record<string, Sibling>>): FakeEngine {
  const engine = new FakeEngine();
  const all = Object.entries(siblings).map(([service, sibling]) => ({ sibling, summary: summaryWith(service, sibling) }));
  engine.summaries = all.map(({ summary }) => summary);
  engine.inspections = Object.fromEntries(
    all.map(({ summary, sibling }) => [
      summary.id,
      { id: summary.id, env: sibling.env ?? {}, addresses: sibling.address === undefined ? [] : [sibling.address] } as unknown as ContainerInspection,
    ]),
  );
  return engine;
}

function summaryWith(service: string, { project = 'shop', oneOff, ...rest }: Sibling): ContainerSummary {
  const summary = summaryOf(project, service, rest);
  return oneOff === true ? { ...summary, labels: { ...summary.labels, 'com.docker.compose.oneoff': 'True' } } : summary;
}

const db = serviceOf('shop', 'db', ['app'], {
  container: { endpointId: 'here', id: 'id-shop-db-1', name: 'shop-db-1', image: '', imageId: '', startedAt: '' },
});
const sessionFrom = (...addresses: readonly string[]) => new FakeSession(() => addresses.map((address) => ({ address }))).session;

describe('findDependents', () => {
  const found = async (siblings: Readonly<Record<string, Sibling>>, addresses: readonly string[] = [], service = db) =>
    (await findDependents(engineWith({ db: {}, ...siblings }).engine, service, sessionFrom(...addresses))).map(
      (each) => `${each.service}${each.running ? '' : ' (ended)'}`,
    );

  it('finds those that wait for it, in the order in which they start', async () => {
    assert.deepEqual(await found({ nginx: { dependsOn: 'api:service_started:false' }, api: { dependsOn: 'db:service_healthy:true' }, cache: {} }), [
      'api',
      'nginx',
    ]);
  });

  it('finds those whose environment names it, by service or container', async () => {
    assert.deepEqual(
      await found({
        api: { env: { DATABASE_URL: 'postgres://u:p@db:5432/app' } },
        job: { env: { PGHOST: 'shop-db-1' } },
        mail: { env: { SMTP_HOST: 'mail' } },
      }),
      ['api', 'job'],
    );
  });

  it('finds those that hold sessions right now', async () => {
    assert.deepEqual(await found({ api: { address: '172.18.0.5' }, cache: { address: '172.18.0.6' } }, ['172.18.0.5', '127.0.0.1']), ['api']);
  });

  it('knows which have ended, and must not be started', async () => {
    assert.deepEqual(
      await found({ seed: { dependsOn: 'db:service_started:false', state: 'exited' }, api: { dependsOn: 'seed:service_completed_successfully:false' } }),
      ['seed (ended)', 'api'],
    );
  });

  it('does not run a second time what others wait for to be completed, even while it runs', async () => {
    assert.deepEqual(
      await found({
        seed: { dependsOn: 'db:service_started:false' },
        api: { dependsOn: 'seed:service_completed_successfully:false,db:service_started:false' },
      }),
      ['seed (ended)', 'api'],
    );
  });

  it('never stops the container that we run in', async () => {
    const dependsOn = 'db:service_started:false';
    const engine = engineWith({ db: {}, editor: { dependsOn }, api: { dependsOn } });
    const found = await findDependents(engine.engine, db, sessionFrom(), { hostname: 'x', kernel: '0::/docker/id-shop-editor-1' });
    assert.deepEqual(found, [
      { service: 'editor', running: false, hostsUs: true },
      { service: 'api', running: true },
    ]);
  });

  it('takes what the inventory knows from files where labels say nothing', async () => {
    assert.deepEqual(await found({ api: {} }, [], { ...db, dependents: ['api'] }), ['api']);
    assert.deepEqual(await found({}, [], { ...db, dependents: ['gone'] }), ['gone (ended)']);
  });

  it('leaves out other projects, single runs and itself', async () => {
    const dependsOn = 'db:service_started:false';
    assert.deepEqual(await found({ foreign: { dependsOn, project: 'other' }, shell: { dependsOn, oneOff: true } }), []);
  });

  it('passes over a container that is gone since it was listed', async () => {
    const engine = engineWith({ db: {}, api: { dependsOn: 'db:service_started:false' }, worker: { dependsOn: 'db:service_started:false' } });
    const { 'id-shop-api-1': _, ...left } = engine.inspections;
    engine.inspections = left;
    assert.deepEqual(await findDependents(engine.engine, db, sessionFrom()), [{ service: 'worker', running: true }]);
  });
});

describe('stopServices, startServices and restartServices', () => {
  const changes = (engine: FakeEngine): readonly string[] =>
    engine.calls.filter(([method]) => method === 'stop' || method === 'start' || method === 'restart').map((call) => call.join(' '));

  it('stop in reverse, what runs only, with time to end cleanly', async () => {
    const engine = engineWith({ api: {}, nginx: {}, seed: { state: 'exited' } });
    await stopServices(engine.engine, 'shop', ['seed', 'api', 'nginx']);
    assert.deepEqual(changes(engine), ['stop id-shop-nginx-1 10', 'stop id-shop-api-1 10']);
  });

  it('start in order, what does not run only', async () => {
    const engine = engineWith({ api: { state: 'exited' }, nginx: { state: 'exited' }, worker: {} });
    await startServices(engine.engine, 'shop', ['api', 'worker', 'nginx']);
    assert.deepEqual(changes(engine), ['start id-shop-api-1', 'start id-shop-nginx-1']);
  });

  it('restart in order, what runs only, each by one request', async () => {
    const engine = engineWith({ api: {}, nginx: {}, seed: { state: 'exited' } });
    await restartServices(engine.engine, 'shop', ['seed', 'api', 'nginx']);
    assert.deepEqual(changes(engine), ['restart id-shop-api-1 10', 'restart id-shop-nginx-1 10']);
  });

  it('find containers by label, so that one made anew meanwhile is found; and touch no other project', async () => {
    const engine = engineWith({ api: { state: 'exited' } });
    engine.summaries = [
      { ...summaryWith('api', { state: 'exited' }), id: 'made-anew' },
      summaryWith('api', { state: 'exited', project: 'other' }),
      summaryWith('api', { state: 'exited', oneOff: true }),
    ];
    await startServices(engine.engine, 'shop', ['api', 'gone']);
    assert.deepEqual(changes(engine), ['start made-anew']);
  });
});
