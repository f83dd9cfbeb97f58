import assert from 'node:assert/strict';
import type { PasswordSource, PostgresServer } from '../../../src/postgres/server';
import { connectionArguments, inContainer, readToolFacts, toolEnvironment } from '../../../src/postgres/tools';
import { FakeEngine } from '../engine/fakeEngine';
import { rejectsWith } from '../operations/rejectsWith';

const serverWith = (engine: FakeEngine, password: PasswordSource = { kind: 'none' }): PostgresServer => ({
  engine: engine.engine,
  container: 'c1',
  user: 'app',
  maintenanceDatabase: 'postgres',
  port: 5433,
  password,
});

describe('readToolFacts', () => {
  const facts = async (stdout: string, exitCode = 0) => {
    const engine = new FakeEngine();
    engine.program = (exec) => void exec.announce().stdout(stdout).exit(exitCode);
    return readToolFacts(serverWith(engine));
  };

  for (const [stdout, expected] of [
    [
      'pg_dump (PostgreSQL) 17.2 (Debian 17.2-1.pgdg120+1)\n8\ntar zstd gzip \n2000 /var/tmp\nzstd:1\n',
      { version: '17.2', processors: 8, compression: 'zstd:1', programs: ['tar', 'zstd', 'gzip'], room: { folder: '/var/tmp', freeBytes: 2_048_000 } },
    ],
    ['pg_dump (PostgreSQL) 15.6\n2\ngzip \n0 \n1\n', { version: '15.6', processors: 2, compression: '1', programs: ['gzip'] }],
    [
      'pg_dump (PostgreSQL) 18beta1\n4\n\n7 /a b c\nlz4\n',
      { version: '18beta1', processors: 4, compression: 'lz4', programs: [], room: { folder: '/a b c', freeBytes: 7168 } },
    ],
    ['pg_dump (PostgreSQL) 13.1\nnone\n', { version: '13.1', processors: 1, compression: '1', programs: [] }],
  ] as const) {
    it(`reads ${JSON.stringify(stdout)}`, async () => assert.deepEqual(await facts(stdout), expected));
  }

  it('says when there is no pg_dump', async () => {
    await rejectsWith('TOOL_MISSING', facts('', 127));
    await rejectsWith('TOOL_MISSING', facts('something else 1.0\n1\n1\n'));
  });
});

describe('inContainer', () => {
  const argv = ['pg_dump', '--dbname=x y', `it's`];

  it('adds nothing where no password is needed', () => {
    assert.deepEqual(inContainer(serverWith(new FakeEngine()), argv), argv);
  });

  for (const [password, source] of [
    [{ kind: 'env', name: 'POSTGRES_PASSWORD' }, ['env', 'POSTGRES_PASSWORD']],
    [{ kind: 'file', path: '/run/secrets/it is' }, ['file', '/run/secrets/it is']],
  ] as const) {
    it(`has the container look its password up in its ${password.kind}, and passes the program on word by word`, () => {
      const wrapped = inContainer(serverWith(new FakeEngine(), password), argv);
      assert.deepEqual(wrapped.slice(0, 2), ['sh', '-c']);
      assert.deepEqual(wrapped.slice(4), [...source, ...argv]);
      assert.ok(
        argv.every((word) => !(wrapped[2] ?? '').includes(word)),
        'no data in the script',
      );
    });
  }
});

describe('what programs are given', () => {
  it('leads to the socket file, else to TCP, and never asks for a password', () => {
    const server = serverWith(new FakeEngine());
    assert.deepEqual(connectionArguments(server, '/run/pg'), ['--host', '/run/pg', '--port', '5433', '--username', 'app', '--no-password']);
    assert.deepEqual(connectionArguments(server, '').slice(0, 2), ['--host', '127.0.0.1']);
  });

  it('makes them speak English, and findable', () => {
    assert.deepEqual(toolEnvironment('container-databases:1'), { LC_ALL: 'C', PGAPPNAME: 'container-databases:1', PGCONNECT_TIMEOUT: '10' });
  });
});
