import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { FrameDecoder } from '../../../src/engine/frames';
import { IdleExecs, type AttachedExec } from '../../../src/engine/idleExecs';

function attached(): AttachedExec & { readonly socket: PassThrough } {
  return { socket: new PassThrough(), decoder: new FrameDecoder() };
}

describe('IdleExecs', () => {
  it('gives back what was kept last under the same key, once', () => {
    const idle = new IdleExecs();
    const [first, second, other] = [attached(), attached(), attached()];
    idle.put('a', first);
    idle.put('a', second);
    idle.put('b', other);
    assert.deepEqual([idle.take('a'), idle.take('a'), idle.take('a')], [second, first, undefined]);
    assert.equal(idle.take('b'), other);
  });

  it('listens to nothing of what it has given back', () => {
    const idle = new IdleExecs();
    const exec = attached();
    const before = exec.socket.listenerCount('data');
    for (let turn = 0; turn < 20; turn++) {
      idle.put('a', exec);
      assert.equal(idle.take('a'), exec);
    }
    assert.equal(exec.socket.listenerCount('data'), before);
    assert.equal(exec.socket.destroyed, false);
  });

  it('ends what nobody wants for a while', async () => {
    const idle = new IdleExecs(5);
    const exec = attached();
    idle.put('a', exec);
    await once(exec.socket, 'close');
    assert.equal(idle.take('a'), undefined);
  });

  for (const [title, act] of [
    ['speaks unasked', (exec) => exec.socket.write('I am not idle')],
    ['ends', (exec) => exec.socket.end()],
    ['breaks', (exec) => exec.socket.destroy(new Error('reset'))],
  ] as const satisfies readonly (readonly [string, (exec: ReturnType<typeof attached>) => unknown])[]) {
    it(`gives up what ${title}`, async () => {
      const idle = new IdleExecs();
      const exec = attached();
      const closed = new Promise((resolve) => exec.socket.on('error', () => undefined).once('close', resolve));
      idle.put('a', exec);
      act(exec);
      await closed;
      assert.equal(idle.take('a'), undefined);
    });
  }

  it('lets the process end meanwhile, where it has a say in it', () => {
    const idle = new IdleExecs();
    const calls: string[] = [];
    const socket = Object.assign(new PassThrough(), { ref: () => void calls.push('ref'), unref: () => void calls.push('unref') });
    idle.put('a', { socket, decoder: new FrameDecoder() });
    idle.take('a');
    assert.deepEqual(calls, ['unref', 'ref']);
  });
});
