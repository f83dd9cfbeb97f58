import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RelayStream } from '../../../src/postgres/relay';
import { relayCommand } from '../../../src/postgres/relayCommand';
import { dataFrames, hangUp, RelayFrameDecoder } from '../../../src/postgres/relayFrames';
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
      exec.stdout('on').stdout('ce\n');
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
      exec.stdout('once\n');
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

  it('sends what is corked as one piece, so that no server waits for its rest', async () => {
    const { relay, engine } = relaying(async (exec) => {
      exec.stdout('kept\n');
      await exec.inputReaches(5 + 13);
    });
    await once(relay.connect(), 'connect');
    relay.cork();
    for (const message of ['parse', 'bind', 'sync']) relay.write(message);
    relay.uncork();
    await idle();
    const frames = new RelayFrameDecoder().decode(engine.exec(0).input);
    assert.deepEqual(
      frames.map(({ kind, bytes }) => [kind, bytes.toString()]),
      [['D', 'parsebindsync']],
    );
    relay.destroy();
  });

  it('accepts no more than the container takes', async () => {
    let release = (): void => undefined;
    const { relay, engine } = relaying((exec) => void (release = exec.stdout('once\n').stallInput()));
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

describe('a relay that is kept', () => {
  const deaf = new Set<FakeExec>();

  /** Answers as the script in the container does: data with data in capitals, and "bye" with the end of the connection. */
  function keeping(exec: FakeExec): void {
    exec.stdout('kept\n');
    let read = 0;
    const answer = (): void => {
      if (deaf.has(exec)) return;
      const frames = new RelayFrameDecoder().decode(exec.input.subarray(read));
      read = exec.input.length;
      for (const { kind, bytes } of frames) {
        if (kind === 'H') exec.stdout(hangUp);
        else if (bytes.toString() === 'bye') exec.stdout(Buffer.from('E\0\0\0\u0005I die', 'latin1'));
        else exec.stdout(dataFrames(Buffer.from(bytes.toString().toUpperCase())));
      }
      void exec.inputReaches(read + 1).then(answer);
    };
    void exec.inputReaches(1).then(answer);
  }

  async function talk(engine: FakeEngine, words: string, container = 'c1'): Promise<{ readonly heard: string; readonly said: string }> {
    const relay = new RelayStream(engine.engine, container, 5433);
    await once(relay.connect(), 'connect');
    relay.write(words);
    if (words === 'bye') relay.resume();
    const heard = words === 'bye' ? '' : String((await once(relay, 'data'))[0]);
    if (words !== 'bye') relay.end();
    await once(relay.resume(), 'close');
    return { heard, said: relay.stderr };
  }

  it('takes one connection after another, whoever ended the last', async () => {
    const { engine } = relaying(keeping);
    assert.equal((await talk(engine, 'one')).heard, 'ONE');
    assert.equal((await talk(engine, 'bye')).said, 'I die');
    assert.deepEqual(await talk(engine, 'two'), { heard: 'TWO', said: '' });
    assert.equal(engine.execs.length, 1);
    assert.equal((await talk(engine, 'other', 'c2')).heard, 'OTHER');
    assert.equal(engine.execs.length, 2, 'another container has another relay');
  });

  it('is not used again by two at once', async () => {
    const { engine } = relaying(keeping);
    await talk(engine, 'one');
    const heard = await Promise.all([talk(engine, 'two'), talk(engine, 'three')]);
    assert.deepEqual(
      heard.map(({ heard }) => heard),
      ['TWO', 'THREE'],
    );
    assert.equal(engine.execs.length, 2);
  });

  it('gives way to a new one when it has died, seen or unseen', async () => {
    const { engine } = relaying(keeping);
    await talk(engine, 'one');
    engine.exec(0).socket.destroy();
    assert.equal((await talk(engine, 'two')).heard, 'TWO');
    deaf.add(engine.exec(1));
    const asked = talk(engine, 'three');
    await idle();
    engine.exec(1).socket.destroy();
    assert.equal((await asked).heard, 'THREE');
    assert.equal(engine.execs.length, 3);
  });

  it('is ended with a connection that is broken off', async () => {
    const { relay, engine } = relaying(keeping);
    await once(relay.connect(), 'connect');
    relay.destroy();
    await idle();
    assert.equal(engine.exec(0).socket.destroyed, true);
    await talk(engine, 'one');
    assert.equal(engine.execs.length, 2);
  });

  it('carries bytes of any number', async () => {
    const { engine } = relaying(keeping);
    const relay = new RelayStream(engine.engine, 'c1', 5433);
    await once(relay.connect(), 'connect');
    relay.write(Buffer.alloc(200_000, 'x'));
    let heard = '';
    for await (const chunk of relay as AsyncIterable<Buffer>) {
      heard += chunk.toString();
      if (heard.length >= 200_000) break;
    }
    assert.equal(heard, 'X'.repeat(200_000));
  });

  it('fails when it sends no frames', async () => {
    const { relay } = relaying((exec) => void exec.stdout('kept\n').stdout('hello world'));
    const [error] = (await once(relay.connect().resume(), 'error').catch((thrown: unknown) => [thrown])) as [{ readonly code?: string }];
    assert.equal(error.code, 'STREAM_CORRUPT');
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
