import assert from 'node:assert/strict';
import { readExec, runExec, type ExecCommand, type ExecStreams } from '../../../src/engine/exec';
import { Failure } from '../../../src/protocol/failure';
import { rejectsWith } from '../operations/rejectsWith';
import { FakeEngine, frame, type FakeExec } from './fakeEngine';

const command: ExecCommand = { container: 'c1', argv: ['pg_dump', '--dbname=shop'], env: { LC_ALL: 'C' } };

function engineRunning(program: (exec: FakeExec) => void | Promise<void>): FakeEngine {
  const engine = new FakeEngine();
  engine.program = program;
  return engine;
}

function run(engine: FakeEngine, streams: ExecStreams = {}): ReturnType<typeof runExec> {
  return runExec(engine.engine, command, streams);
}

/** A promise that is settled from outside. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** Lets everything run that can run without waiting for anybody. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('runExec', () => {
  it('starts the program behind its pid, as an argument list', async () => {
    const engine = engineRunning((exec) => void exec.announce().exit());
    await runExec(engine.engine, { ...command, user: 'postgres' });
    const { specification, container } = engine.exec(0);
    assert.equal(container, 'c1');
    assert.deepEqual(specification.argv.slice(-2), command.argv);
    assert.deepEqual(specification.argv.slice(0, 2), ['sh', '-c']);
    assert.ok(specification.argv.every((word) => word === 'pg_dump' || !word.includes('pg_dump')));
    assert.deepEqual([specification.env, specification.user, specification.stdin], [{ LC_ALL: 'C' }, 'postgres', false]);
  });

  it('keeps standard output and standard error apart, and takes the pid off', async () => {
    const engine = engineRunning((exec) => void exec.announce(12).stdout('a').stderr('careful\n').stdout('b').exit(3));
    const output: string[] = [];
    const errors: string[] = [];
    const result = await run(engine, { onOutput: (bytes) => void output.push(bytes.toString()), onError: (bytes) => void errors.push(bytes.toString()) });
    assert.deepEqual(result, { exitCode: 3, stderr: 'careful' });
    assert.deepEqual([output.join(''), errors.join('')], ['ab', 'careful\n']);
  });

  it('takes the pid off however the first line is cut', async () => {
    const said = '4711\nwarning: 1\n';
    for (let first = 0; first <= said.length; first++) {
      for (let second = first; second <= said.length; second++) {
        const engine = engineRunning((exec) => {
          for (const part of [said.slice(0, first), said.slice(first, second), said.slice(second)]) exec.stderr(part);
          exec.exit();
        });
        let heard = '';
        const { stderr } = await run(engine, { onError: (bytes) => void (heard += bytes.toString()) });
        assert.deepEqual([stderr, heard], ['warning: 1', 'warning: 1\n'], `cuts at ${first} and ${second}`);
      }
    }
  });

  it('gives everything that was said when there was no pid', async () => {
    const engine = engineRunning((exec) => void exec.stderr('OCI runtime exec failed: no sh\n').exit(127));
    assert.deepEqual(await run(engine), { exitCode: 127, stderr: 'OCI runtime exec failed: no sh' });
    const unfinished = engineRunning((exec) => void exec.stderr('no line end').exit(126));
    assert.deepEqual(await run(unfinished), { exitCode: 126, stderr: 'no line end' });
  });

  it('keeps the last 64 KB of standard error', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    const engine = engineRunning((exec) => {
      exec.announce();
      for (let count = 0; count < 200; count++) exec.stderr(line);
      exec.stderr('the end').exit(1);
    });
    const { stderr } = await run(engine);
    assert.ok(stderr.length <= 64 * 1024 && stderr.length > 63 * 1024);
    assert.ok(stderr.endsWith('the end'));
  });

  it('asks for the exit code until it is known', async () => {
    const engine = engineRunning((exec) => {
      exec.earlierStates.push({ running: true, exitCode: null }, { running: true, exitCode: 0 }, { running: false, exitCode: null });
      exec.announce().exit(9);
    });
    assert.equal((await run(engine)).exitCode, 9);
    assert.equal(engine.count('execState'), 4);
  });

  it('reads no further while its reader is busy', async () => {
    const busy = gate();
    const chunks = 200;
    const engine = engineRunning((exec) => {
      exec.announce();
      for (let count = 0; count < chunks; count++) exec.stdout(Buffer.alloc(1000, count));
      exec.exit();
    });
    let bytes = 0;
    const running = run(engine, {
      onOutput: async (part) => {
        await busy.passed;
        bytes += part.length;
      },
    });
    await idle();
    const exec = engine.exec(0);
    assert.ok(exec.taken < 10, `${exec.taken} chunks were taken before the first was handled`);
    busy.open();
    await running;
    assert.equal(bytes, chunks * 1000);
  });

  it('hands over one piece after the other, never two at once', async () => {
    const engine = engineRunning(
      (exec) =>
        void exec
          .announce()
          .raw(Buffer.concat([frame(1, 'a'), frame(1, 'b'), frame(1, 'c')]))
          .exit(),
    );
    let active = 0;
    await run(engine, {
      onOutput: async () => {
        active += 1;
        assert.equal(active, 1);
        await new Promise((resolve) => setImmediate(resolve));
        active -= 1;
      },
    });
  });

  describe('with input', () => {
    it('sends it, and never closes the connection in half', async () => {
      const engine = engineRunning(async (exec) => {
        exec.announce();
        await exec.inputReaches(6);
        assert.equal(exec.socket.writableEnded, false);
        exec.stdout(exec.input).exit();
      });
      let echoed = '';
      const input = (async function* () {
        yield Buffer.from('abc');
        yield Buffer.from('def');
      })();
      await run(engine, { input, onOutput: (bytes) => void (echoed += bytes.toString()) });
      assert.equal(echoed, 'abcdef');
      assert.equal(engine.exec(0).specification.stdin, true);
    });

    it('takes no more than the program accepts', async () => {
      let release = (): void => undefined;
      const total = 100;
      const engine = engineRunning(async (exec) => {
        release = exec.stallInput();
        exec.announce();
        await exec.inputReaches(total * 1000);
        exec.exit();
      });
      let taken = 0;
      const input = (async function* () {
        for (; taken < total; taken++) yield Buffer.alloc(1000);
      })();
      const running = run(engine, { input });
      await idle();
      assert.ok(taken < 5, `${taken} pieces were taken while the program accepted nothing`);
      release();
      await running;
      assert.equal(taken, total);
    });

    it('leaves off when the program ends early, and gives its exit code', async () => {
      const engine = engineRunning((exec) => {
        exec.stallInput();
        exec.announce().stderr('head: full\n').exit(1);
      });
      const input = (async function* () {
        for (let count = 0; count < 10_000; count++) yield Buffer.alloc(4096);
        assert.fail('it takes the whole input although nobody reads it');
      })();
      assert.deepEqual(await run(engine, { input }), { exitCode: 1, stderr: 'head: full' });
    });

    it('kills the program when the input fails, and says why', async () => {
      const engine = engineRunning((exec) => void exec.announce(77));
      const input = (async function* () {
        yield Buffer.from('abc');
        await idle();
        throw new Failure('FILE_MISSING', 'gone', '');
      })();
      await rejectsWith('FILE_MISSING', run(engine, { input }));
      assert.deepEqual(engine.killed, [77]);
      assert.equal(engine.exec(0).socket.destroyed, true);
    });
  });

  describe('cancelled', () => {
    it('starts nothing when it was before', async () => {
      const engine = engineRunning((exec) => void exec.exit());
      await rejectsWith('CANCELLED', run(engine, { signal: AbortSignal.abort() }));
      assert.deepEqual(engine.calls, []);
    });

    it('kills the very program, and closes its stream', async () => {
      const engine = engineRunning((exec) => void exec.announce(815).stdout('first'));
      const stop = new AbortController();
      await rejectsWith('CANCELLED', run(engine, { signal: stop.signal, onOutput: () => stop.abort() }));
      assert.deepEqual(engine.killed, [815]);
      assert.equal(engine.exec(0).socket.destroyed, true);
      assert.equal(engine.exec(1).container, 'c1');
    });

    it('waits for the pid first, without which nothing could be killed', async () => {
      const engine = engineRunning(() => undefined);
      const stop = new AbortController();
      const running = rejectsWith('CANCELLED', run(engine, { signal: stop.signal }));
      await idle();
      stop.abort();
      await idle();
      assert.equal(engine.exec(0).socket.destroyed, false);
      engine.exec(0).stderr('90');
      await idle();
      assert.deepEqual(engine.killed, []);
      engine.exec(0).stderr('1\n');
      await running;
      assert.deepEqual(engine.killed, [901]);
      assert.equal(engine.exec(0).socket.destroyed, true);
    });

    it('kills while the exec is being started', async () => {
      const engine = engineRunning((exec) => void exec.announce(5));
      const stop = new AbortController();
      const running = rejectsWith('CANCELLED', run(engine, { signal: stop.signal }));
      stop.abort();
      await running;
      assert.deepEqual(engine.killed, [5]);
    });

    it('kills as soon as a busy reader is done', async () => {
      const engine = engineRunning((exec) => void exec.announce(6).stdout('x').stdout('y'));
      const stop = new AbortController();
      const reader = gate();
      const running = rejectsWith('CANCELLED', run(engine, { signal: stop.signal, onOutput: () => reader.passed }));
      await idle();
      stop.abort();
      reader.open();
      await running;
      assert.deepEqual(engine.killed, [6]);
    });

    it('leaves off asking for an exit code that never comes', async () => {
      const engine = engineRunning((exec) => {
        exec.announce(8).exit();
        exec.state = { running: true, exitCode: null };
      });
      const stop = new AbortController();
      const running = rejectsWith('CANCELLED', run(engine, { signal: stop.signal }));
      await idle();
      stop.abort();
      await running;
      assert.deepEqual(engine.killed, [8]);
    });

    it('kills as root unless the program ran as somebody else', async () => {
      for (const [user, killer] of [
        [undefined, '0'],
        ['postgres', 'postgres'],
      ] as const) {
        const engine = engineRunning((exec) => void exec.announce(5).stdout('x'));
        const stop = new AbortController();
        const own = user === undefined ? command : { ...command, user };
        await rejectsWith('CANCELLED', runExec(engine.engine, own, { signal: stop.signal, onOutput: () => stop.abort() }));
        assert.equal(engine.exec(1).specification.user, killer);
      }
    });
  });

  it('kills the program when its reader fails, as on a full disk, and passes the failure on', async () => {
    const engine = engineRunning((exec) => void exec.announce(99).stdout('x').stdout('y'));
    const full = new Failure('DISK_FULL', 'no space', '');
    const failure = await rejectsWith('DISK_FULL', run(engine, { onOutput: () => Promise.reject(full) }));
    assert.equal(failure, full);
    assert.deepEqual(engine.killed, [99]);
    assert.equal(engine.exec(0).socket.destroyed, true);
  });

  it('reports the failure even when the kill fails too', async () => {
    const engine = engineRunning((exec) => {
      engine.createExec = () => Promise.reject(new Error('engine gone'));
      exec.announce(99).stdout('x');
    });
    await rejectsWith('DISK_FULL', run(engine, { onOutput: () => Promise.reject(new Failure('DISK_FULL', 'no space', '')) }));
  });

  it('says that the engine is gone when the connection breaks', async () => {
    const engine = engineRunning((exec) => {
      exec.announce();
      setImmediate(() => exec.socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })));
    });
    await rejectsWith('ENGINE_GONE', run(engine));
  });

  it('says so when the stream ends inside a frame, or holds no frames', async () => {
    await rejectsWith('STREAM_CUT', run(engineRunning((exec) => void exec.announce().raw(frame(1, 'abc').subarray(0, 9)).exit())));
    await rejectsWith('STREAM_CORRUPT', run(engineRunning((exec) => void exec.announce().raw(Buffer.from('502 Bad Gateway')).exit())));
  });
});

describe('readExec', () => {
  it('gives text, whole characters however they are cut', async () => {
    const bytes = Buffer.from('größe 🐘');
    const engine = engineRunning((exec) => {
      exec.announce();
      for (const byte of bytes) exec.stdout(Buffer.from([byte]));
      exec.exit();
    });
    assert.equal((await readExec(engine.engine, command)).stdout, 'größe 🐘');
  });

  it('refuses an answer that is not short', async () => {
    const engine = engineRunning((exec) => {
      exec.announce(3);
      for (let count = 0; count < 17; count++) exec.stdout(Buffer.alloc(1024 * 1024));
      exec.exit();
    });
    await rejectsWith('EXEC_OUTPUT_LARGE', readExec(engine.engine, command));
    assert.deepEqual(engine.killed, [3]);
  });
});
