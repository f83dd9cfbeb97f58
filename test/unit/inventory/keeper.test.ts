import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { EndpointCandidate, EndpointFindings } from '../../../src/engine/endpoint';
import type { EngineEvent } from '../../../src/engine/engine';
import { InventoryKeeper } from '../../../src/inventory/keeper';
import type { Inventory } from '../../../src/inventory/model';
import { Failure } from '../../../src/protocol/failure';
import { FakeEngine } from '../engine/fakeEngine';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { serviceOf, summaryOf } from './inventoryParts';

/** An engine with stopped servers, whose events a test sends. */
class EventfulEngine extends FakeEngine {
  /** The `since` of every time that events were asked for. */
  readonly followed: (number | undefined)[] = [];
  private waiting: ((event: EngineEvent | undefined) => void) | undefined;
  private hold: Promise<void> = Promise.resolve();

  constructor(...services: readonly string[]) {
    super();
    this.show(...services);
  }

  show(...services: readonly string[]): void {
    // Without a folder there are no files to be read, which would take a time that no test knows.
    this.summaries = services.map((service) => ({
      ...summaryOf('shop', service, { state: 'exited' }),
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': service },
    }));
    this.inspections = Object.fromEntries(
      this.summaries.map(({ id, name, labels }) => [
        id,
        {
          id,
          name,
          image: 'postgres:17',
          imageId: 'sha256:1',
          path: 'docker-entrypoint.sh',
          args: ['postgres'],
          entrypoint: [],
          cmd: [],
          env: { POSTGRES_PASSWORD: 'x' },
          labels,
          exposedPorts: [5432],
          mounts: [],
          state: 'exited',
          startedAt: '2026-05-01T08:00:00Z',
          addresses: [],
          readOnlyRoot: false,
        },
      ]),
    );
  }

  /** From now on a list takes until the function that this gives is called. */
  holdLists(): () => void {
    let release = (): void => undefined;
    this.hold = new Promise((resolve) => (release = resolve));
    return release;
  }

  override async containers(): Promise<Awaited<ReturnType<FakeEngine['containers']>>> {
    const answer = await super.containers();
    await this.hold;
    return answer;
  }

  override async *events({ since, signal }: { readonly since?: number; readonly signal: AbortSignal }): AsyncGenerator<EngineEvent> {
    this.followed.push(since);
    signal.addEventListener('abort', () => this.waiting?.(undefined), { once: true });
    for (;;) {
      const event = await new Promise<EngineEvent | undefined>((resolve) => (this.waiting = resolve));
      if (event === undefined) return;
      yield event;
    }
  }

  send(action: string, type = 'container'): void {
    this.waiting?.({ type, action, id: 'x', labels: {}, seconds: 1 });
  }

  /** As when the engine stops. */
  endEvents(): void {
    this.waiting?.(undefined);
  }
}

const here: EndpointCandidate = { id: 'here', name: 'Here', source: 'socket', address: { kind: 'unix', path: '/nowhere.sock' }, product: 'docker' };

function keeperOf(engine: FakeEngine, findings: EndpointFindings = { candidates: [here], invalid: [] }) {
  const { log, lines } = fakeOperation();
  const keeper = new InventoryKeeper({ endpoints: async () => findings, folders: () => [], environment: {}, log, engineFor: () => engine.engine });
  const changes: Inventory[] = [];
  keeper.onChange((inventory) => void changes.push(inventory));
  return { keeper, changes, lines };
}

const names = ({ projects }: Inventory): string => projects.flatMap(({ services }) => services.map(({ name }) => name)).join();

/** Lets everything run that waits for no clock. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('InventoryKeeper', () => {
  describe('refresh', () => {
    it('makes several calls during a reading one more reading', async () => {
      const engine = new EventfulEngine('db');
      const release = engine.holdLists();
      const { keeper } = keeperOf(engine);
      const first = keeper.refresh();
      await idle();
      engine.show('db', 'reports');
      const later = [keeper.refresh(), keeper.refresh(), keeper.refresh()];
      release();
      assert.equal(names(await first), 'db');
      assert.deepEqual((await Promise.all(later)).map(names), ['db,reports', 'db,reports', 'db,reports']);
      assert.equal(engine.count('containers'), 2);
    });

    it('reads anew when it is called after a reading', async () => {
      const engine = new EventfulEngine('db');
      const { keeper } = keeperOf(engine);
      await keeper.refresh();
      await keeper.refresh();
      assert.equal(engine.count('containers'), 2);
    });

    it('goes on after a reading that failed', async () => {
      const engine = new EventfulEngine('db');
      let fails = true;
      const endpoints = async (): Promise<EndpointFindings> => {
        if (fails) throw new Error('no home');
        return { candidates: [here], invalid: [] };
      };
      const { log } = fakeOperation();
      const keeper = new InventoryKeeper({ endpoints, folders: () => [], environment: {}, log, engineFor: () => engine.engine });
      const first = assert.rejects(keeper.refresh(), /no home/);
      const second = keeper.refresh();
      fails = false;
      await first;
      assert.equal(names(await second), 'db');
    });

    it('tells its listeners of changes only', async () => {
      const engine = new EventfulEngine('db');
      const { keeper, changes } = keeperOf(engine);
      await keeper.refresh();
      await keeper.refresh();
      assert.deepEqual(changes.map(names), ['db']);
      engine.show('db', 'reports');
      await keeper.refresh();
      assert.deepEqual(changes.map(names), ['db', 'db,reports']);
      assert.equal(keeper.current, changes[1]);
    });

    it('tells the others when one listener fails, and none that has left', async () => {
      const { keeper, changes, lines } = keeperOf(new EventfulEngine('db'));
      const seen: Inventory[] = [];
      const leave = keeper.onChange(() => assert.fail('it has left'));
      leave();
      keeper.onChange(() => {
        throw new Error('view broke');
      });
      keeper.onChange((inventory) => void seen.push(inventory));
      await keeper.refresh();
      assert.deepEqual([changes.length, seen.length], [1, 1]);
      assert.ok(lines.some((line) => line.includes('view broke')));
    });

    it('shows an engine that does not answer with its reason, beside one that was named wrongly', async () => {
      const engine = new EventfulEngine('db');
      engine.version = () => Promise.reject(Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' }));
      const invalid = [{ source: 'setting' as const, name: 'bad', code: 'ENDPOINT_INVALID', message: 'm', remedy: 'r' }];
      const { keeper } = keeperOf(engine, { candidates: [here], invalid });
      const { endpoints } = await keeper.refresh();
      assert.deepEqual(
        endpoints.map(({ id, state, problem }) => [id, state, problem?.code]),
        [
          ['bad', 'failed', 'ENDPOINT_INVALID'],
          ['here', 'failed', 'ENGINE_ABSENT'],
        ],
      );
      await rejectsWith('ENDPOINT_UNKNOWN', () => keeper.engineOf('here'));
    });
  });

  describe('serverOf', () => {
    it('refuses services that do not run, and those that are not known', async () => {
      const { keeper } = keeperOf(new EventfulEngine('db'));
      const [service] = (await keeper.refresh()).projects.flatMap(({ services }) => services);
      assert.ok(service !== undefined);
      await rejectsWith('SERVICE_NOT_RUNNING', () => keeper.serverOf(service));
      await rejectsWith('SERVICE_NOT_RUNNING', () => keeper.serverOf(serviceOf('nowhere', 'db', [])));
      assert.equal(keeper.containerOf(service).name, 'shop-db-1');
      assert.equal(keeper.serverOf({ ...service, state: 'running' }).container, 'id-shop-db-1');
    });

    it('refuses the container of a service that was never created', async () => {
      const { keeper } = keeperOf(new EventfulEngine());
      const { container: _, ...service } = serviceOf('shop', 'db', [], { state: 'not created' });
      await rejectsWith('SERVICE_NOT_CREATED', () => keeper.containerOf(service));
    });
  });

  describe('watch', () => {
    let stop = new AbortController();
    let watching: Promise<void> = Promise.resolve();

    beforeEach(() => {
      stop = new AbortController();
      mock.timers.enable({ apis: ['setTimeout'] });
    });
    afterEach(async () => {
      stop.abort();
      await idle();
      mock.timers.tick(10_000);
      await watching;
      mock.timers.reset();
    });

    async function watch(engine: EventfulEngine): Promise<ReturnType<typeof keeperOf>> {
      const kept = keeperOf(engine);
      watching = kept.keeper.watch(stop.signal);
      await idle();
      return kept;
    }

    it('reads anew once things have settled after an event', async () => {
      const engine = new EventfulEngine('db');
      const { changes } = await watch(engine);
      assert.deepEqual(changes.map(names), ['db']);
      engine.show('db', 'reports');
      engine.send('start');
      await idle();
      mock.timers.tick(150);
      engine.send('health_status: healthy');
      await idle();
      mock.timers.tick(150);
      await idle();
      assert.equal(engine.count('containers'), 1, 'not before it is quiet');
      mock.timers.tick(50);
      await idle();
      assert.deepEqual(changes.map(names), ['db', 'db,reports']);
      assert.equal(engine.count('containers'), 2, 'once for both events');
      assert.equal(engine.followed.length, 1, 'the stream is followed on');
    });

    for (const [type, action, matters] of [
      ['container', 'exec_create: sh -c pg_dump', false],
      ['container', 'exec_start: pg_isready', false],
      ['container', 'exec_die', false],
      ['container', 'top', false],
      ['container', 'attach', false],
      ['network', 'connect', false],
      ['image', 'prune', false],
      ['container', 'die', true],
      ['container', 'died', true],
      ['container', 'destroy', true],
      ['container', 'health_status: unhealthy', true],
      ['container', 'health_status', true],
      ['container', 'rename', true],
      ['container', 'unpause', true],
      ['volume', 'create', true],
      ['volume', 'destroy', true],
    ] as const) {
      it(`${matters ? 'reads anew for' : 'lets pass'} "${type} ${action}"`, async () => {
        const engine = new EventfulEngine('db');
        await watch(engine);
        engine.send(action, type);
        await idle();
        mock.timers.tick(10_000);
        await idle();
        assert.equal(engine.count('containers'), matters ? 2 : 1);
      });
    }

    it('reads once more when something changes during a reading', async () => {
      const engine = new EventfulEngine('db');
      const { changes } = await watch(engine);
      const release = engine.holdLists();
      engine.send('start');
      await idle();
      mock.timers.tick(200);
      await idle();
      engine.show('db', 'reports');
      engine.send('create');
      await idle();
      mock.timers.tick(200);
      await idle();
      assert.equal(engine.count('containers'), 2, 'the second reading is on');
      release();
      await idle();
      assert.deepEqual(changes.map(names), ['db', 'db,reports']);
      assert.equal(engine.count('containers'), 3);
    });

    it('looks and follows again when the events end', async () => {
      const engine = new EventfulEngine('db');
      const { changes } = await watch(engine);
      mock.timers.tick(60_000);
      engine.show('db', 'reports');
      engine.endEvents();
      await idle();
      mock.timers.tick(1000);
      await idle();
      assert.deepEqual(changes.map(names), ['db', 'db,reports']);
      assert.equal(engine.followed.length, 2);
      assert.ok(engine.followed.every((since) => typeof since === 'number'));
      engine.send('die');
      await idle();
      mock.timers.tick(200);
      await idle();
      assert.equal(engine.count('containers'), 3);
    });

    it('does not storm an engine that refuses its events', async () => {
      const engine = new EventfulEngine('db');
      let asked = 0;
      engine.events = () => {
        asked += 1;
        throw new Failure('ENGINE_REFUSED', 'forbidden by the proxy', '');
      };
      const { lines } = await watch(engine);
      await idle();
      await idle();
      assert.equal(asked, 1);
      assert.ok(lines.some((line) => line.includes('forbidden')));
      mock.timers.tick(1000);
      await idle();
      assert.equal(asked, 2);
    });

    it('looks for an engine that was lost until it is back', async () => {
      const engine = new EventfulEngine('db');
      const version = engine.version.bind(engine);
      engine.version = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      const { keeper } = await watch(engine);
      assert.equal(keeper.current.endpoints[0]?.problem?.code, 'ENGINE_NOT_RUNNING');
      assert.equal(engine.followed.length, 0);
      engine.version = version;
      mock.timers.tick(5000);
      await idle();
      assert.equal(keeper.current.endpoints[0]?.state, 'connected');
      assert.equal(engine.followed.length, 1);
    });

    it('ends with its signal', async () => {
      const engine = new EventfulEngine('db');
      await watch(engine);
      stop.abort();
      await watching;
      const read = engine.count('containers');
      engine.send('start');
      mock.timers.tick(10_000);
      await idle();
      assert.equal(engine.count('containers'), read);
    });
  });
});
