import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RelayStream, relayCommand } from '../../../src/postgres/relay';
import { FakeEngine, frame, type FakeExec } from '../engine/fakeEngine';

function relaying(program: (exec: FakeExec) => void | Promise<void>): { readonly relay: RelayStream; readonly engine: FakeEngine } {
  const engine = new FakeEngine();
  engine.program = program;
  return { engine, relay: new RelayStream(engine.engine, 'c1', 5433) };
}

async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('RelayStream', () => {
  it('is a connection both ways', async () => {
    const { relay, engine } = relaying(async (exec) => {
      await exec.inputReaches(4);
      exec.raw(Buffer.concat([frame(1, 'po'), frame(1, 'ng')]));
    });
    await once(relay.connect(), 'connect');
    relay.write('ping');
    let heard = '';
    for await (const chunk of relay as AsyncIterable<Buffer>) {
      heard += chunk.toString();
      if (heard.length === 4) break;
    }
    assert.equal(heard, 'pong');
    const exec = engine.exec(0);
    assert.deepEqual([exec.input.toString(), exec.container, exec.specification.stdin], ['ping', 'c1', true]);
    assert.ok(exec.argv.includes('5433'));
    assert.equal(exec.socket.destroyed, true, 'leaving ends the exec too');
  });

  it('has the methods that pg calls on a socket', () => {
    const { relay } = relaying(() => undefined);
    assert.equal(relay.setNoDelay().setKeepAlive().ref().unref(), relay);
  });

  it('keeps what the relay says on standard error, and ends with it', async () => {
    const { relay } = relaying((exec) => void exec.stderr('no relay: ').stderr('bash is missing\n').exit(127));
    relay.connect().resume();
    await once(relay, 'close');
    assert.equal(relay.stderr, 'no relay: bash is missing');
  });

  it('reads no further while nobody takes what came', async () => {
    const { relay, engine } = relaying((exec) => {
      for (let count = 0; count < 500; count++) exec.stdout(Buffer.alloc(1000));
      exec.exit();
    });
    await once(relay.connect(), 'connect');
    await idle();
    const { taken } = engine.exec(0);
    assert.ok(taken < 100, `${taken} chunks were taken`);
    let bytes = 0;
    for await (const chunk of relay as AsyncIterable<Buffer>) bytes += chunk.length;
    assert.equal(bytes, 500_000);
  });

  it('accepts no more than the container takes', async () => {
    let release = (): void => undefined;
    const { relay, engine } = relaying((exec) => void (release = exec.stallInput()));
    await once(relay.connect(), 'connect');
    let written = 0;
    for (let count = 0; count < 5; count++) relay.write(Buffer.alloc(2000), () => void (written += 1));
    await idle();
    assert.ok(written < 2, `${written} writes were taken for done`);
    release();
    await idle();
    assert.deepEqual([written, engine.exec(0).input.length], [5, 10_000]);
    relay.destroy();
  });

  for (const [title, program, code] of [
    ['the engine sends no frames', (exec: FakeExec) => void exec.raw(Buffer.from('502 Bad Gateway')), 'STREAM_CORRUPT'],
    [
      'the connection breaks',
      (exec: FakeExec) => void setImmediate(() => exec.socket.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))),
      'ECONNRESET',
    ],
  ] as const) {
    it(`fails when ${title}`, async () => {
      const { relay } = relaying(program);
      const [error] = (await once(relay.connect().resume(), 'error').catch((thrown: unknown) => [thrown])) as [{ readonly code?: string }];
      assert.equal(error.code, code);
    });
  }

  it('fails when there is no exec to be had', async () => {
    const { relay, engine } = relaying(() => undefined);
    engine.createExec = () => Promise.reject(new Error('gone'));
    const [error] = (await once(relay.connect(), 'error').catch((thrown: unknown) => [thrown])) as [Error];
    assert.equal(error.message, 'gone');
  });

  it('leaves nothing running when it is destroyed while it connects', async () => {
    const { relay, engine } = relaying(() => undefined);
    relay.connect().destroy();
    await idle();
    assert.equal(engine.execs[0]?.socket.destroyed ?? true, true);
  });
});

describe('relayCommand', () => {
  it('passes the port as an argument, never inside a script', () => {
    const argv = relayCommand(65_001);
    assert.deepEqual(
      argv.filter((word) => word.includes('65001')),
      ['65001'],
    );
  });
});
