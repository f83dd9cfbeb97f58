import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { PostgresServer } from '../../../src/postgres/server';
import { withSession } from '../../../src/postgres/session';
import { FakeEngine, type FakeExec } from '../engine/fakeEngine';
import { rejectsWith } from '../operations/rejectsWith';

function serverRunning(
  program: (exec: FakeExec) => void,
  published?: PostgresServer['published'],
): { readonly server: PostgresServer; readonly engine: FakeEngine } {
  const engine = new FakeEngine();
  engine.program = program;
  const server: PostgresServer = {
    engine: engine.engine,
    container: 'c1',
    user: 'app',
    maintenanceDatabase: 'postgres',
    port: 5432,
    password: { kind: 'none' },
    ...(published === undefined ? {} : { published }),
  };
  return { engine, server };
}

const never = (): Promise<never> => assert.fail('there is no session');
const noRelay = (exec: FakeExec): void => void exec.stderr('no relay: bash, perl, socat and nc are missing\n').exit(127);

describe('withSession', () => {
  for (const [said, code] of [
    ['bash: line 2: /dev/tcp/127.0.0.1/5432: Connection refused\n', 'SERVER_STARTING'],
    ['no relay: bash, perl, socat and nc are missing\n', 'RELAY_MISSING'],
    ['sh: out of memory\n', 'CONNECTION_LOST'],
  ] as const) {
    it(`fails with ${code} when the relay says "${said.trim()}"`, async () => {
      const { server } = serverRunning((exec) => void exec.stderr(said).exit(1));
      await rejectsWith(code, withSession(server, 'app', {}, never));
    });
  }

  it('goes by the published port when nothing in the container can relay, and only then', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const published = { host: '127.0.0.1', port: (listener.address() as AddressInfo).port };
    try {
      await rejectsWith('CONNECTION_LOST', withSession(serverRunning(noRelay, published).server, 'app', {}, never));
      assert.equal(connections, 1);
      await rejectsWith('CONNECTION_LOST', withSession(serverRunning((exec) => void exec.exit(1), published).server, 'app', {}, never));
      assert.equal(connections, 1);
    } finally {
      listener.close();
    }
  });

  it('can be cancelled while it connects, and leaves no connection', async () => {
    const stop = new AbortController();
    const { server, engine } = serverRunning(() => stop.abort());
    await rejectsWith('CANCELLED', withSession(server, 'app', { signal: stop.signal }, never));
    assert.ok(engine.execs.every(({ socket }) => socket.destroyed));
    await rejectsWith('CANCELLED', withSession(server, 'app', { signal: AbortSignal.abort() }, never));
  });
});
