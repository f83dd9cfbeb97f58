import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { within } from '../../../src/engine/within';

/** Ends when the signal is aborted, with its reason. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('within', () => {
  it('gives what the work gives', async () => {
    assert.equal(await within(1000, undefined, async () => 5), 5);
    await assert.rejects(
      within(1000, undefined, async () => Promise.reject(new Error('no'))),
      /no/,
    );
  });

  it('ends the work when its time is over, whatever was collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const work = async (limit: AbortSignal): Promise<never> => {
      const ended = untilAborted(limit);
      await new Promise((resolve) => setImmediate(resolve));
      collect();
      return ended;
    };
    await assert.rejects(within(30, new AbortController().signal, work), { name: 'TimeoutError' });
  });

  it('ends the work with the caller, before it and in it', async () => {
    const caller = new AbortController();
    const work = within(10_000, caller.signal, untilAborted);
    caller.abort(new Error('enough'));
    await assert.rejects(work, /enough/);
    await assert.rejects(within(10_000, caller.signal, untilAborted), /enough/);
  });
});
