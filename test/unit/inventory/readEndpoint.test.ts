import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readInspection, readSummary, type ContainerInspection, type ContainerSummary } from '../../../src/engine/containers';
import { readEndpoint } from '../../../src/inventory/readEndpoint';
import { Failure } from '../../../src/protocol/failure';
import { recordedEngine, type RecordedEngine } from '../engine/containers200';
import { FakeEngine } from '../engine/fakeEngine';

const file = path.join(process.cwd(), 'test', 'fixtures', 'engine', 'containers-200.json');
// Written anew by UPDATE_FIXTURES=1.
if (process.env['UPDATE_FIXTURES']) writeFileSync(file, `${JSON.stringify(recordedEngine(), undefined, 2)}\n`);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedEngine;

const signal = new AbortController().signal;
const complaint = 'the relay broke\n';

/** An engine that answers as recorded, and in whose containers no connection can be made. */
function engineOf({ list, inspections, processes }: RecordedEngine): FakeEngine {
  const engine = new FakeEngine();
  engine.summaries = list.map((row) => readSummary(row)).filter((row) => row !== undefined);
  engine.inspections = Object.fromEntries(Object.entries(inspections).map(([id, answer]) => [id, readInspection(answer)]));
  engine.processTitles = processes;
  engine.program = (exec) => void exec.stderr(complaint).exit(127);
  return engine;
}

describe('the recorded answer of an engine with 200 containers', () => {
  it('is what its description makes of it', () => {
    assert.deepEqual(recorded, JSON.parse(JSON.stringify(recordedEngine())));
    assert.equal(recorded.list.length, 200);
    assert.equal(recorded.servers.length, 20);
  });

  it('is read by one list, and an inspection of nothing but what may be Postgres', async () => {
    const engine = engineOf(recorded);
    const { containers, services } = await readEndpoint(engine.engine, 'here', signal);
    assert.deepEqual(services.map(({ placed }) => placed.summary.name).toSorted(), recorded.servers);
    assert.equal(engine.count('containers'), 1);
    const inspected = engine.calls.filter(([method]) => method === 'inspect').map(([, id]) => id ?? '');
    assert.equal(new Set(inspected).size, inspected.length, 'none is inspected twice');
    assert.ok(
      inspected.every((id) => id in recorded.inspections),
      'none is inspected that is not near Postgres',
    );
    assert.ok(inspected.length <= 23, `${inspected.length} inspections for 20 servers`);
    assert.ok(engine.count('processes') <= 2);
    assert.equal(containers.length, 199, 'all but what "compose run" made');
  });

  it('is read but for a container over which the engine is stuck', async () => {
    const engine = engineOf(recorded);
    engine.stuck = recorded.list
      .flatMap((row) => readSummary(row) ?? [])
      .filter(({ name }) => name === recorded.servers[0])
      .map(({ id }) => id);
    assert.equal(engine.stuck.length, 1);
    const { services } = await readEndpoint(engine.engine, 'here', signal);
    assert.deepEqual(services.map(({ placed }) => placed.summary.name).toSorted(), recorded.servers.slice(1));
  });

  it('tells the state of each, and asks only those that run', async () => {
    const engine = engineOf(recorded);
    const { services } = await readEndpoint(engine.engine, 'here', signal);
    const states = Object.fromEntries(services.map(({ service }) => [service.container?.name, service.state]));
    assert.deepEqual(
      Object.entries(states)
        .filter(([, state]) => state !== 'running')
        .toSorted(([a], [b]) => a.localeCompare(b)),
      [
        ['expenses-prod-db-1', 'stopped'],
        ['never-db-1', 'stopped'],
        ['old-pg-1', 'stopped'],
        ['paused-db-1', 'paused'],
      ],
    );
    const asked = new Set(engine.execs.map(({ container }) => container));
    for (const { service } of services) assert.equal(asked.has(service.container?.id ?? ''), service.state === 'running', service.container?.name);
  });

  it('says of a server that cannot be asked why, and what is known all the same', async () => {
    const { services } = await readEndpoint(engineOf(recorded).engine, 'here', signal);
    const by = (name: string) => services.find(({ service }) => service.container?.name === name)?.service;
    assert.equal(by('bigskies-db-1')?.problem?.code, 'CONNECTION_LOST');
    assert.ok(by('bigskies-db-1')?.problem?.message.includes('the relay broke'));
    assert.equal(by('old-pg-1')?.problem, undefined);
    assert.deepEqual(by('reims-postgres-1')?.published, { address: '0.0.0.0', port: 5432 });
    assert.deepEqual(by('legacy-postgresql-1')?.postgres.user, 'legacy');
    const volumes = ['reims-postgres-1', 'expenses-db-1', 'next-pg-1', 'shop-database-1', 'scratchpad', 'search-vectors-1'].map((name) => [
      by(name)?.volume?.kind,
      by(name)?.volume?.dataDirectory,
    ]);
    assert.deepEqual(volumes, [
      ['named', '/var/lib/postgresql/data'],
      ['bind', '/var/lib/postgresql/data'],
      ['named', '/var/lib/postgresql/18/docker'],
      ['named', '/pgdata'],
      ['anonymous', '/var/lib/postgresql/data'],
      ['container layer', '/var/lib/postgresql/data'],
    ]);
    assert.ok(!JSON.stringify(services.map(({ service }) => service)).includes('secret'), 'no password in what is shown');
  });
});

/** A list of copies of one recorded server, with changes. */
function copies(...changes: readonly (Partial<ContainerSummary> & { readonly inspection?: Partial<ContainerInspection> })[]): FakeEngine {
  const engine = engineOf(recorded);
  const template = engine.summaries.find(({ name }) => name === 'reims-postgres-1');
  const looked = engine.inspections[template?.id ?? ''];
  if (template === undefined || looked === undefined) throw new Error('the fixture lacks its first server');
  const rows = changes.map(({ inspection, ...summary }, index) => ({ summary: { ...template, id: `id${index}`, ...summary }, inspection }));
  engine.summaries = rows.map(({ summary }) => summary);
  engine.inspections = Object.fromEntries(
    rows.map(({ summary, inspection }) => [summary.id, { ...looked, id: summary.id, name: summary.name, ...inspection }]),
  );
  return engine;
}

const numbered = (number: number, state: string) => ({
  name: `reims-postgres-${number}`,
  state,
  labels: { 'com.docker.compose.project': 'reims', 'com.docker.compose.service': 'postgres', 'com.docker.compose.container-number': String(number) },
  inspection: { state },
});

describe('readEndpoint', () => {
  it('shows of several containers of a service the one that runs, else the first', async () => {
    for (const [states, expected] of [
      [['exited', 'running'], 'reims-postgres-2'],
      [['exited', 'exited'], 'reims-postgres-1'],
      [['running', 'running'], 'reims-postgres-1'],
    ] as const) {
      const engine = copies(...states.map((state, index) => numbered(index + 1, state)).toReversed());
      const { services } = await readEndpoint(engine.engine, 'here', signal);
      assert.deepEqual(
        services.map(({ service }) => service.container?.name),
        [expected],
      );
    }
  });

  it('passes over a container that is gone since it was listed', async () => {
    const engine = copies({ name: 'one' }, { name: 'two', labels: {} });
    engine.inspections = Object.fromEntries(Object.entries(engine.inspections).filter(([id]) => id !== 'id0'));
    assert.deepEqual(
      (await readEndpoint(engine.engine, 'here', signal)).services.map(({ service }) => service.name),
      ['two'],
    );
  });

  it('does not lose the others over a container that stops while it is looked at', async () => {
    const unclear = {
      name: 'odd',
      image: 'ours/store:3',
      labels: {},
      command: '/usr/local/bin/boot',
      inspection: { image: 'ours/store:3', path: '/usr/local/bin/boot', args: [] },
    };
    const withFile = { name: 'filed', labels: {}, inspection: { env: { POSTGRES_PASSWORD: 'x', POSTGRES_USER_FILE: '/run/secrets/user' } } };
    const engine = copies(unclear, withFile, { name: 'good', labels: {} });
    engine.processes = () => Promise.reject(new Failure('CONTAINER_NOT_RUNNING', 'it is not running', ''));
    const createExec = engine.createExec.bind(engine);
    engine.createExec = (container, specification) =>
      container === 'id1' ? Promise.reject(new Failure('CONTAINER_NOT_RUNNING', 'it is not running', '')) : createExec(container, specification);
    const names = (await readEndpoint(engine.engine, 'here', signal)).services.map(({ service }) => service.name);
    assert.ok(names.includes('good'), names.join());
    assert.ok(names.includes('filed'), names.join());
  });

  it('reads user and database from files in the container', async () => {
    const engine = copies({ labels: {}, inspection: { env: { POSTGRES_PASSWORD: 'x', POSTGRES_USER_FILE: '/run/secrets/user' } } });
    engine.program = (exec) => {
      if (exec.argv[0] === 'cat') exec.announce().stdout('owner\n').exit();
      else exec.stderr(complaint).exit(127);
    };
    const [found] = (await readEndpoint(engine.engine, 'here', signal)).services;
    assert.deepEqual([found?.service.postgres.user, found?.service.postgres.database], ['owner', 'owner']);
    assert.equal(found?.server.user, 'owner');
  });

  it('calls a server that does not accept connections yet starting, which is no problem', async () => {
    const engine = copies({ labels: {}, ports: [] });
    engine.program = (exec) => void exec.stderr('bash: connect: Connection refused\n').exit(111);
    const [found] = (await readEndpoint(engine.engine, 'here', signal)).services;
    assert.deepEqual([found?.service.state, found?.service.problem], ['starting', undefined]);
  });

  it('says what to do about a server that nothing in its container leads to', async () => {
    const engine = copies({ labels: {}, ports: [] });
    engine.program = (exec) => void exec.stderr('no relay: bash, perl, socat and nc are missing\n').exit(127);
    const [found] = (await readEndpoint(engine.engine, 'here', signal)).services;
    assert.deepEqual([found?.service.state, found?.service.problem?.code], ['running', 'RELAY_MISSING']);
  });

  it('throws what the engine throws', async () => {
    const engine = copies({});
    engine.containers = () => Promise.reject(new Failure('ENGINE_GONE', 'gone', ''));
    await assert.rejects(readEndpoint(engine.engine, 'here', signal), { code: 'ENGINE_GONE' });
  });
});
