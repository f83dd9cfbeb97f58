import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Diagnosis as Search } from '../../../src/persistence/diagnose/diagnosis';
import { smokeEntrySchema } from '../../../src/persistence/smoke/journal';
import { testReal } from '../../../src/persistence/smoke/real';
import { Recorder } from '../../../src/persistence/smoke/recorder';
import { sentinelName } from '../../../src/persistence/smoke/sentinel';
import { EntryStore } from '../../../src/operations/entryStore';
import type { Operation } from '../../../src/operations/operation';
import type { SmokeReport, SmokeStepId } from '../../../src/protocol/smokeReport';
import { waitFor } from '../../lab/process';
import { composeDown, composeUp, engineCommand, waitForPostgres } from '../../lab/stacks';
import { cli, cliJson, failureOf, filesIn, openApp, operation, serviceOf, type OpenApp } from '../support/app';
import { startedAt } from '../support/evidence';
import { cliKilledWhen } from '../support/killAt';
import { atTheEnd, runName, tempFolder } from '../support/shared';
import { checksums, leftovers } from '../support/smoke';
import { databaseNames, fingerprint, sql, type Place } from '../support/sql';
import { writeFile } from 'node:fs/promises';

// Small, so that it is quickly stopped and started many times.
const composeFile = `
services:
  db:
    image: postgres:17
    environment: { POSTGRES_USER: app, POSTGRES_PASSWORD: 'pw-Zq7!secret', POSTGRES_DB: app }
    volumes: ['data:/var/lib/postgresql/data']
    networks: [front, default]
  worker: &quiet
    image: postgres:17
    depends_on: [db]
    entrypoint: ['/bin/bash', '-c', "trap 'exit 0' TERM INT; sleep infinity & wait"]
    tmpfs: /var/lib/postgresql/data
  idle:
    <<: *quiet
volumes: { data: {} }
networks: { front: {} }
`;

/** Waits until the engine removes a container; a listener that hears of none ends with the test run. */
async function destroyOf(container: string): Promise<void> {
  const events = spawn('docker', ['events', '--filter', `container=${container}`, '--filter', 'event=destroy', '--format', '{{.ID}}'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  events.unref();
  await new Promise((resolve) => events.stdout.once('data', resolve));
  events.kill();
}

interface State {
  readonly content: readonly string[];
  readonly databases: readonly string[];
  readonly running: readonly string[];
  readonly container: unknown;
}

describe('a persistence test on the service itself', () => {
  const project = `${runName}-smoke`;
  const place: Place & { readonly project: string; readonly service: string } = {
    engine: 'docker',
    project,
    service: 'db',
    container: `${project}-db-1`,
    user: 'app',
    database: 'app',
  };
  let folder: string;
  let app: OpenApp;

  before(async function () {
    this.timeout(120_000);
    folder = await tempFolder('smoke');
    await writeFile(path.join(folder, 'compose.yaml'), composeFile);
    const options = { projectName: project, cwd: folder };
    atTheEnd(() => composeDown('smoke', options));
    await composeUp('smoke', options);
    await waitForPostgres(place.container);
    await engineCommand(['stop', `${project}-idle-1`]);
    await sql(place, 'app', 'CREATE TABLE ledger AS SELECT i FROM generate_series(1, 4321) AS i');
    app = await openApp({ backups: path.join(folder, 'backups') });
  });

  /** All that has to be afterwards as it was before. */
  async function stateOf(): Promise<State> {
    await waitForPostgres(place.container);
    const { stdout } = await engineCommand(['inspect', place.container]);
    const [found] = JSON.parse(stdout) as [{ Config: Record<string, unknown>; HostConfig: unknown; Mounts: unknown; NetworkSettings: { Networks: object } }];
    const { Hostname: _, Labels, Env, ...config } = found.Config;
    const states = ['worker', 'idle'].map(async (service) => `${service} ${(await startedAt(`${project}-${service}-1`)).split(' ')[1]}`);
    return {
      content: await fingerprint(place, 'app'),
      databases: await databaseNames(place),
      running: await Promise.all(states),
      container: {
        config,
        environment: (Env as readonly string[]).toSorted(), // Compose writes what is a mapping in any order
        labels: (Labels as Record<string, string>)['com.docker.compose.service'],
        mounts: found.Mounts,
        networks: Object.keys(found.NetworkSettings.Networks).toSorted(),
      },
    };
  }

  it('asks first, and names what is stopped', async () => {
    const { code, stdout, stderr } = await cli(['smoke', `${project}/db`, '--real'], { state: app.state });
    assert.equal(code, 4, stdout);
    assert.match(stderr, new RegExp(`db, ${project}-worker-1`));
    assert.doesNotMatch(stderr, /idle/);
  });

  it('backs up, has Compose make the container anew, and leaves all as it was', async function () {
    this.timeout(400_000);
    const before = await stateOf();
    const report = await cliJson<SmokeReport>(['smoke', `${project}/db`, '--real', '--yes', '--folder', path.join(folder, 'backups')], { state: app.state });
    assert.equal(report.verdict, 'persists', JSON.stringify(report, undefined, 1));
    const [written, ...read] = checksums(report);
    assert.deepEqual(read, [written, written]);
    const recreated = report.steps.find(({ id }) => id === 'recreate')?.evidence ?? [];
    assert.ok(
      recreated.some(({ kind }) => kind === 'compose'),
      JSON.stringify([recreated, report.remarks]),
    );
    assert.ok((await filesIn(path.join(folder, 'backups'))).some((name) => name.endsWith('_volume.tar.zst')));
    assert.deepEqual(await stateOf(), before);
    assert.deepEqual(await filesIn(path.join(app.state, 'smoke', 'journal')), []);
  });

  it('gives a Compose up that hangs, and puts the service back', async function () {
    this.timeout(400_000);
    const before = await stateOf();
    await app.inventory.refresh();
    const { service } = serviceOf(app, place);
    const server = app.inventory.serverOf(service);
    const journal = new EntryStore(path.join(app.state, 'smoke', 'journal'), smokeEntrySchema);
    const facts = { id: 'stuck', project, service: 'db', way: 'real', startedAt: '', image: '', dataDirectory: '', volume: { kind: 'named' } } as const;
    const { endpointId } = app.inventory.containerOf(service);
    const recorder = new Recorder({ ...facts, endpointId }, operation(), () => undefined, { recreate: 15_000 });
    const request = {
      engine: server.engine,
      endpointId,
      service,
      server,
      sentinel: sentinelName(),
      journal,
      dependents: await app.smokeTests.planReal(serviceOf(app, place)),
      compose: () => new Promise<never>(() => undefined),
      backUp: (own: Operation) => app.backups.backUpVolume(serviceOf(app, place), { mode: 'auto', reason: 'safety' }, own),
    };
    assert.equal((await failureOf(testReal(request, recorder))).code, 'SMOKE_STUCK');
    const ends = recorder.current.steps.map(({ id, state }) => `${id} ${state}`);
    assert.deepEqual(ends.slice(-3), ['recreate failed', 'verifyRecreate waiting', 'cleanUp done']);
    assert.deepEqual(await stateOf(), before);
    assert.deepEqual(await filesIn(path.join(app.state, 'smoke', 'journal')), []);
  });

  const moments: readonly (readonly [step: SmokeStepId, message: RegExp])[] = [
    ['backUp', /Making a verified backup/],
    ['write', /Writing the sentinel/],
    ['restart', /Restarting the container/],
    ['verifyRestart', /Restarting[^]*Looking whether/],
    ['recreate', /Removing the container/],
    ['verifyRecreate', /Removing[^]*Looking whether/],
    ['cleanUp', /Putting all back/],
  ];

  for (const [step, message] of moments) {
    it(`killed at "${step}" is put right by the next start`, async function () {
      this.timeout(400_000);
      const before = await stateOf();
      const args = ['smoke', `${project}/db`, '--real', '--yes', '--folder', path.join(folder, 'backups')];
      const destroyed = step === 'recreate' ? destroyOf(place.container) : undefined; // while there is none
      const { pid } = await cliKilledWhen(message, args, { state: app.state }, destroyed);
      const next = await cli(['list'], { state: app.state, cwd: folder });
      assert.equal(next.code, 0, next.stderr);
      if (step !== 'backUp') assert.match(next.stderr, /is as it was/); // until then nothing was touched
      assert.deepEqual(await stateOf(), before);
      assert.deepEqual([await filesIn(path.join(app.state, 'smoke', 'journal')), await leftovers(pid)], [[], []]);
    });
  }

  it('killed on a clone leaves nothing after a later start', async function () {
    this.timeout(400_000);
    const before = [await startedAt(place.container), await volumes()];
    for (const message of [/Copying/, /Removing the container/]) {
      const { pid } = await cliKilledWhen(message, ['smoke', `${project}/db`], { state: app.state });
      // The engine may still be doing what the killed one asked of it, when the first start looks.
      await waitFor(`nothing of ${pid} to be left`, async () => {
        assert.equal((await cli(['list'], { state: app.state, cwd: folder })).code, 0);
        return (await leftovers(pid)).length === 0;
      });
    }
    assert.deepEqual([await startedAt(place.container), await volumes()], before);
    assert.deepEqual(await filesIn(path.join(app.state, 'smoke', 'copies')), []);
  });

  it('finds the data of a volume that the Compose file no longer names, and brings them back', async function () {
    this.timeout(400_000);
    const before = await fingerprint(place, 'app');
    await writeFile(path.join(folder, 'compose.yaml'), composeFile.replaceAll('data:/', 'other:/').replace('{ data: {} }', '{ other: {} }'));
    await composeUp('smoke', { projectName: project, cwd: folder });
    await waitForPostgres(place.container);
    assert.notDeepEqual(await fingerprint(place, 'app'), before);
    const { checks, clusters, waysBack } = await cliJson<Search>(['diagnose', `${project}/db`, '--folder', path.join(folder, 'backups')], {
      state: app.state,
    });
    assert.deepEqual(
      checks.map(({ id, state }) => `${id} ${state}`),
      ['volume good', 'cluster good', 'database good', 'otherClusters good', 'backups good'],
    );
    const found = clusters.find(({ volume }) => volume === `${project}_data`);
    assert.deepEqual([found?.databases?.map(({ name }) => name), found?.present, found?.major], [['app', 'postgres'], false, 17]);
    const [best] = waysBack;
    assert.ok(best?.kind === 'useVolume' && best.fits && best.volume === `${project}_data`, JSON.stringify(waysBack));
    await app.inventory.refresh();
    const backup = await app.volumes.export(await app.volumes.find(best.volume), {}, operation());
    const plan = await app.volumeRestores.plan(serviceOf(app, place), backup, { skipSafetyBackup: true }, operation());
    await app.volumeRestores.run(plan, serviceOf(app, place), { skipSafetyBackup: true }, operation());
    await waitForPostgres(place.container);
    assert.deepEqual(await fingerprint(place, 'app'), before);
  });

  /** Volumes of ours by name; others on the engine make and remove theirs meanwhile. */
  async function volumes(): Promise<readonly string[]> {
    const { stdout } = await engineCommand(['volume', 'ls', '--format', '{{.Name}}']);
    return stdout.split('\n').filter((name) => name.startsWith(runName));
  }
});
