import assert from 'node:assert/strict';
import { Recorder } from '../../../../src/persistence/smoke/recorder';
import type { Operation } from '../../../../src/operations/operation';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';

const facts = {
  id: 'a',
  endpointId: 'e',
  project: 'p',
  service: 's',
  way: 'real',
  startedAt: '2026-01-01T00:00:00.000Z',
  image: 'i',
  dataDirectory: '/d',
  volume: { kind: 'named' },
} as const;

describe('a step of a persistence test', () => {
  const record = (operation: Operation, limits: Readonly<Record<string, number>>): Recorder => new Recorder(facts, operation, () => undefined, limits);

  it('is given up when it does not end, and what it does is told to stop', async () => {
    const recorder = record(fakeOperation(), { recreate: 20 });
    let own: Operation | undefined;
    const step = recorder.step('recreate', 'Making the container anew', (_, operation) => {
      own = operation;
      return new Promise<void>(() => undefined);
    });
    const failure = await rejectsWith('SMOKE_STUCK', step);
    assert.match(failure.message, /^"Making the container anew" did not come to its end within 20 ms\.$/);
    assert.equal(own?.signal.aborted, true);
    assert.equal(recorder.current.steps.find(({ id }) => id === 'recreate')?.state, 'failed');
  });

  it('that ends in time is not disturbed, and one without a limit never is', async () => {
    const recorder = record(fakeOperation(), { write: 60_000 });
    let own: Operation | undefined;
    assert.equal(await recorder.step('write', 'Writing', async (_, operation) => ((own = operation), 7)), 7);
    assert.equal(own?.signal.aborted, false);
    assert.equal(await recorder.step('backUp', 'Backing up', async () => 8), 8);
  });

  it('is stopped with the whole test by its user', async () => {
    const stop = new AbortController();
    const recorder = record({ ...fakeOperation(), signal: stop.signal }, { write: 60_000 });
    const step = recorder.step(
      'write',
      'Writing',
      (_see, { signal }) => new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    );
    stop.abort();
    await assert.rejects(step, /stopped/);
  });
});
