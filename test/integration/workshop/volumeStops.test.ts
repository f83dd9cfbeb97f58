import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { planVolume } from '../../../src/backup/volume/plan';
import { readRunningFacts, readStoppedFacts } from '../../../src/backup/volume/facts';
import { runningContainers, startAgain, type HaltedContainer } from '../../../src/backup/volume/halt';
import { copyVolume } from '../../../src/backup/volume/copy';
import { engineCommand } from '../../lab/stacks';
import { failureOf, operation } from '../support/app';
import { startedAt } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer } from '../support/stack';
import { copy, prove, subjectOf, watchDocker, type EngineWatch, type Subject } from '../support/volumes';
import { runningDependents, startWorkshop, type Workshop } from '../support/workshop';

let engine: EngineWatch;

describe('a volume backup that stops services', () => {
  let place: Workshop;
  let subject: Subject;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startWorkshop();
    subject = await subjectOf(place);
  });

  const dependentsOf = async (): Promise<readonly HaltedContainer[]> => runningContainers(subject.server.engine, place.project, ['api', 'worker', 'idle']);

  it('starts exactly what ran, the server first, and remembers it meanwhile', async () => {
    const running = await runningDependents(place);
    const dependents = await dependentsOf();
    assert.deepEqual(
      dependents.map(({ name }) => name),
      [`${place.project}-api-1`, `${place.project}-worker-1`],
    );
    const remembered: (readonly string[])[] = [];
    const states: string[] = [];
    await copy(subject, 'stopped', {
      dependents,
      remember: async (halted) => {
        remembered.push(halted.map(({ name }) => name));
        assert.ok(halted.every((each) => Object.keys(each).join() === 'id,name'));
        states.push((await startedAt(place.container)).split(' ').at(-1) ?? '');
      },
    });
    assert.deepEqual(remembered, [[place.container, `${place.project}-api-1`, `${place.project}-worker-1`], []]);
    assert.deepEqual(states, ['running', 'running'], 'it was remembered too late, or forgotten too early');
    assert.deepEqual(await runningDependents(place), running);
    const times = await Promise.all([place.container, `${place.project}-api-1`, `${place.project}-worker-1`].map((name) => startedAt(name)));
    assert.deepEqual(times, times.toSorted());
  });

  it('leaves nothing when it is cancelled in the middle, and everything runs', async () => {
    const running = await runningDependents(place);
    const stop = new AbortController();
    const remembered: number[] = [];
    const failure = await failureOf(
      copy(subject, 'stopped', {
        own: operation({ signal: stop.signal }),
        dependents: await dependentsOf(),
        remember: async (halted) => void remembered.push(halted.length),
        onBytes: () => stop.abort(),
      }),
    );
    assert.equal(failure.code, 'CANCELLED');
    assert.deepEqual(remembered, [3, 0]);
    await engine.assertNothingLeft();
    assert.deepEqual(await runningDependents(place), running);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
  });

  it('starts everything when the copy cannot be written', async () => {
    const failure = await failureOf(
      copy(subject, 'stopped', {
        dependents: await dependentsOf(),
        onBytes: () => {
          throw new Error('no space');
        },
      }),
    );
    assert.equal(failure.message, 'no space');
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
  });

  it('is put right after a crash, also when Compose has made a container anew', async () => {
    const halted = [subject.container, ...(await dependentsOf())];
    await engineCommand(['stop', `${place.project}-worker-1`, `${place.project}-api-1`, place.container]);
    const renamed = halted.map(({ id, name }) => (name.includes('worker') ? { id: 'f'.repeat(64), name } : { id, name }));
    await startAgain(subject.server.engine, renamed, subject.server);
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
    const failure = await failureOf(startAgain(subject.server.engine, [{ id: 'f'.repeat(64), name: `${runName}-nobody` }]));
    assert.equal(failure.code, 'NOT_RESTARTED');
  });

  it('refuses to stop a container that the engine would remove', async () => {
    const server = await startServer('vanishing', { arguments: ['--rm'] });
    try {
      assert.equal((await failureOf(copy(await subjectOf(server), 'stopped'))).code, 'VOLUME_STOP_REFUSED');
      assert.match(await startedAt(server.container), / running$/);
    } finally {
      await removeServer(server);
    }
  });

  it('stops a server that would wait for its sessions', async () => {
    const server = await startServer('patient', { arguments: ['--stop-signal', 'SIGTERM'] });
    const guest = await holdSession(server, 'app');
    const start = performance.now();
    const { receipt } = await copy(await subjectOf(server), 'stopped');
    assert.ok(receipt.sizeBytes > 1_000_000 && performance.now() - start < 60_000);
    assert.equal(await guest.isAlive(), false);
    guest.close();
    await removeServer(server);
  });

  it('does not take the files of a server that was killed', async () => {
    const server = await startServer('killed', {});
    const { container, server: reached } = await subjectOf(server);
    const plan = planVolume(await readRunningFacts(reached, operation()), 'stopped');
    await engineCommand(['kill', server.container]);
    const request = { engine: reached.engine, server: reached, container, dependents: [], remember: async () => undefined, applicationName: 'x' };
    assert.equal((await failureOf(copyVolume(plan, request, () => undefined, operation()))).code, 'STOP_UNCLEAN');
    await removeServer(server);
  });

  it('copies a server that is stopped already, and leaves it so', async () => {
    const server = await startServer('asleep', {});
    const subject = await subjectOf(server);
    const { container, server: reached } = subject;
    await sql(server, 'app', 'CREATE TABLE dreams AS SELECT generate_series(1, 7) AS id');
    await engineCommand(['stop', server.container]);
    const facts = await readStoppedFacts(reached.engine, container.id, '/var/lib/postgresql/data', operation());
    const plan = planVolume(facts, 'auto');
    assert.deepEqual([plan.mode, plan.interrupts], ['stopped', false]);
    const pieces: Buffer[] = [];
    const request = { engine: reached.engine, container, dependents: [], remember: async () => assert.fail('nothing was stopped'), applicationName: 'x' };
    const receipt = await copyVolume(plan, request, (bytes) => void pieces.push(Buffer.from(bytes)), operation());
    const file = path.join(await tempFolder('asleep'), 'copy');
    await writeFile(file, Buffer.concat(pieces));
    const proof = await prove(subject, { plan, receipt, archive: { path: file, ...receipt } });
    assert.equal(proof.rows['app']?.['public.dreams'], 7);
    assert.match(await startedAt(server.container), / exited$/);
    await removeServer(server);
  });
});
