import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../../src/engine/engine';
import { Session, withSession } from '../../../src/postgres/session';
import type { PostgresServer } from '../../../src/postgres/server';
import { ensureDocker } from '../../lab/docker';
import { repositoryRoot } from '../../lab/paths';
import { ensurePodman, loadPostgresImageIntoPodman } from '../../lab/podman';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres, type EngineName } from '../../lab/stacks';
import { backUp, failureOf, openApp, podmanAddress, restore, serviceOf } from '../support/app';
import { assertNothingLeft, foreignProcesses, ourSessions, watchServer, type Watch } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { fingerprint, rowsOf, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';

interface Relay {
  readonly program: string;
  /** Run as root in the container before: takes away what would be chosen first. */
  readonly arrange: string;
}

// Debian's psql and pg_dump are wrappers in perl around the real ones, which stay.
const withoutPerl = 'ln -sf /usr/lib/postgresql/17/bin/* /usr/local/bin/; mv /usr/bin/perl /opt/pearl';
const withoutBash = 'rm -f /bin/bash /usr/bin/bash';
const relays: readonly Relay[] = [
  { program: 'perl', arrange: 'true' },
  { program: 'bash', arrange: withoutPerl },
  { program: 'socat', arrange: `${withoutBash}; ${stub('socat', '[ "$1 $2" = "- TCP:127.0.0.1:5432" ]')}` },
  { program: 'nc', arrange: `rm /usr/local/bin/socat; ${stub('nc', '[ "$1 $2" = "127.0.0.1 5432" ]')}` },
];

/** The images have neither socat nor nc: perl plays them, under another name. */
function stub(name: string, check: string): string {
  return `cat > /usr/local/bin/${name} <<'END'
#!/bin/sh
${check} || exit 64
exec /opt/pearl -e '
  use IO::Socket::INET; use IO::Select;
  my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 5432) or exit 1;
  my $both = IO::Select->new($server, \\*STDIN);
  while (1) { for my $from ($both->can_read) {
    sysread($from, my $bytes, 65536) or exit 0;
    my $to = $from == $server ? \\*STDOUT : $server;
    while (length $bytes) { my $n = syswrite($to, $bytes) or exit 1; substr($bytes, 0, $n) = "" }
  } }' ${name}-stub
END
chmod +x /usr/local/bin/${name}`;
}

for (const engine of ['docker', 'podman'] as const) {
  describe(`sessions relayed by exec, ${engine}`, () => {
    let place: Server;
    let server: PostgresServer;
    let watch: Watch;
    let socket: string;

    before(async function () {
      this.timeout(180_000);
      if (engine === 'podman') await loadPostgresImageIntoPodman(17);
      place = await startServer(`relay-${engine}`, { engine, image: engine === 'podman' ? 'localhost/postgres:17' : 'postgres:17' });
      ({ socket } = await (engine === 'podman' ? ensurePodman() : ensureDocker()));
      const app = await openApp(await endpointOf(engine));
      const { service } = serviceOf(app, place);
      assert.equal(service.published, undefined);
      server = app.inventory.serverOf(service);
      watch = await watchServer(place);
    });

    after(async () => {
      watch?.end();
      await removeServer(place);
    });

    it('closes a session whose server is frozen, in a few seconds', async () => {
      const session = await Session.open(server, 'postgres', { applicationName: 'container-databases:test' });
      const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const signal = (name: string): Promise<unknown> => engineCommand(['exec', place.container, 'sh', '-c', `kill -${name} ${row?.pid}`], place);
      await signal('STOP');
      const start = performance.now();
      await session.close();
      assert.ok(performance.now() - start < 15_000);
      await signal('CONT');
      await assertNothingLeft(place);
    });

    for (const { program, arrange } of engine === 'docker' ? relays : relays.slice(0, 2)) {
      describe(`by ${program}`, () => {
        before(async () => {
          const { code, stderr } = await engineCommand(['exec', '--user', '0', place.container, 'sh', '-c', arrange], place);
          assert.equal(code, 0, stderr);
        });

        afterEach(async () => {
          await watch.assertUntouched();
        });

        it('carries questions and answers whole, with no port published', async () => {
          await withSession(server, 'app', { applicationName: 'container-databases:test' }, async (session) => {
            assert.equal(session.major, 17);
            const text = 'ä€🦊\\\n'.repeat(100_000);
            const [row] = await session.query<{ same: string; long: string }>("SELECT $1::text AS same, repeat('0123456789', 300000) AS long", [text]);
            assert.equal(row?.same === text, true);
            assert.equal(row?.long.length, 3_000_000);
            assert.ok(
              (await foreignProcesses(place)).some((line) => new RegExp(`(^|/| )${program}\\b`).test(line)),
              'another program relays',
            );
            assert.equal((await sessionsNamed(place, 'container-databases:test')).length, 1);
          });
        });

        it(`${program === 'perl' ? 'is one' : 'is another'} for the next session, and ends when none comes`, async () => {
          await assertNothingLeft(place);
          let begun = 0;
          const counted: PostgresServer = { ...server, engine: counting(server.engine, () => (begun += 1)) };
          for (const database of ['app', 'postgres', 'template1']) {
            await withSession(counted, database, {}, async (session) => assert.equal(session.major, 17));
          }
          assert.equal((await failureOf(Session.open(counted, 'nowhere'))).code, 'DATABASE_MISSING');
          assert.equal(begun, program === 'perl' ? 1 : 4);
          await assertNothingLeft(place);
        });

        it('leaves nothing behind when a session is broken off', async () => {
          const session = await Session.open(server, 'postgres', { applicationName: 'container-databases:test' });
          session.abort();
          await assertNothingLeft(place);
          await assert.rejects(session.query('SELECT 1'));
        });

        it('leaves nothing behind when a session is broken off in a query', async () => {
          const session = await Session.open(server, 'postgres', { applicationName: 'container-databases:test' });
          const query = failureOf(session.query('SELECT pg_sleep(1)'));
          await waitFor('the query', async () => (await ourSessions(place)).some((line) => /pg_sleep/.test(line)));
          session.abort();
          assert.equal((await query).code, 'CONNECTION_LOST');
          await assertNothingLeft(place);
        });

        it('leaves nothing behind when the server ends the session', async () => {
          const session = await Session.open(server, 'postgres', { applicationName: 'container-databases:test' });
          await sql(place, 'postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'container-databases:test'");
          await assert.rejects(session.query('SELECT 1'));
          await assertNothingLeft(place);
          await session.close();
        });

        for (const query of ['', 'SELECT pg_sleep(1)']) {
          it(`leaves nothing behind when the client is killed ${query === '' ? 'while it idles' : 'in a query'}`, async () => {
            const holder = path.join(repositoryRoot, 'out/integration/support/sessionHolder.js');
            const child = spawn(process.execPath, [holder, socket, place.container, place.user, query], { stdio: ['ignore', 'pipe', 'inherit'] });
            await event(child.stdout, 'data');
            if (query !== '') await waitFor('the query', async () => (await ourSessions(place)).some((line) => /pg_sleep/.test(line)));
            assert.equal((await sessionsNamed(place, 'container-databases:held')).length, 1);
            child.kill('SIGKILL');
            await event(child, 'exit');
            await assertNothingLeft(place);
          });
        }
      });
    }

    describe('by nothing, for nothing is there', () => {
      it('says what is missing', async () => {
        const take = `${engine === 'podman' ? `${withoutBash}; ` : ''}rm -f /usr/local/bin/nc /usr/local/bin/socat`;
        await engineCommand(['exec', '--user', '0', place.container, 'sh', '-c', take], place);
        const failure = await failureOf(Session.open(server, 'postgres'));
        assert.equal(failure.code, 'RELAY_MISSING');
        assert.match(failure.remedy, /5432/);
        await watch.assertUntouched();
      });
    });
  });
}

describe('the proof that a server did not restart', () => {
  it('fails when an orphan in the container dies of a signal', async () => {
    const place = await startServer('orphan');
    const watch = await watchServer(place);
    await watch.assertUntouched();
    await engineCommand(['exec', place.container, 'sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $! > /tmp/orphan']);
    await engineCommand(['exec', place.container, 'sh', '-c', 'kill -KILL "$(cat /tmp/orphan)"']);
    await waitFor('the restart', async () => /terminating any other active/.test((await engineCommand(['logs', place.container])).stderr));
    await waitForPostgres(place.container);
    await assert.rejects(watch.assertUntouched(), /bystander|restarted/);
    watch.end();
    await removeServer(place);
  });
});

describe('a published port, where nothing can relay', () => {
  it('is the way in, and backup and restore work', async () => {
    const place = await startServer('published', { arguments: ['--publish', '127.0.0.1::5432'] });
    await sql(place, 'app', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i');
    await engineCommand(['exec', '--user', '0', place.container, 'sh', '-c', `${withoutPerl}; ${withoutBash}`]);
    const app = await openApp({ backups: await tempFolder('published') });
    const { service } = serviceOf(app, place);
    assert.equal(service.published?.address, '127.0.0.1');
    assert.deepEqual(
      service.databases.map(({ name }) => name),
      ['app'],
    );
    const { file } = await backUp(app, place, 'app');
    await sql(place, 'app', 'DROP TABLE t');
    await restore(app, place, 'app', file);
    assert.equal(await rowsOf(place, 'app', 't'), 10);
    await removeServer(place);
  });
});

describe('a server that trusts nobody (scram on every connection)', () => {
  const password = `pw "it's" $HOME \\ äß 🦊`;
  const scram = { POSTGRES_HOST_AUTH_METHOD: 'scram-sha-256', POSTGRES_INITDB_ARGS: '--auth-local=scram-sha-256 --auth-host=scram-sha-256' };

  for (const kind of ['environment', 'file'] as const) {
    it(`is entered with the password from the container's ${kind}`, async () => {
      const secret = path.join(await tempFolder('secret'), 'password');
      await writeFile(secret, `${password}\n`);
      await chmod(secret, 0o644);
      const source = kind === 'environment' ? { POSTGRES_PASSWORD: password } : { POSTGRES_PASSWORD: '', POSTGRES_PASSWORD_FILE: '/run/secrets/password' };
      const place = await startServer(`scram-${kind}`, {
        env: { ...scram, ...source },
        arguments: ['--volume', `${secret}:/run/secrets/password:ro`],
        password,
      });
      await assert.rejects(sql({ ...place, password: 'wrong' }, 'app', 'SELECT 1'), /authentication failed/, 'the server ought to ask for the password');
      await sql(place, 'app', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i');
      const before = await fingerprint(place, 'app');
      const backups = await tempFolder('scram');
      const app = await openApp({ backups });
      assert.equal(serviceOf(app, place).service.problem, undefined);
      const backup = await backUp(app, place, 'app');
      await sql(place, 'app', 'DROP TABLE t');
      await restore(app, place, 'app', backup.file);
      assert.deepEqual(await fingerprint(place, 'app'), before);
      const kept = `${JSON.stringify(app.inventory.current)}${await readFile(`${backup.file}.json`, 'utf8')}${app.logged.join('\n')}`;
      assert.equal(kept.includes('$HOME') || kept.includes(JSON.stringify(password).slice(1, -1)), false, 'the password was written down');
      assert.ok(kept.includes(runName));
      await removeServer(place);
    });
  }
});

/** The engine, telling of each program that is begun through it. */
function counting(engine: Engine, onBegin: () => void): Engine {
  const createExec: Engine['createExec'] = (...given) => {
    onBegin();
    return engine.createExec(...given);
  };
  return new Proxy(engine, { get: (target, name) => (name === 'createExec' ? createExec : bound(target, Reflect.get(target, name))) });
}

function bound(target: object, value: unknown): unknown {
  return typeof value === 'function' ? value.bind(target) : value;
}

/** Others may look around on this engine at the same time, and they too have sessions. */
async function sessionsNamed(place: Server, name: string): Promise<readonly string[]> {
  return (await ourSessions(place)).filter((line) => line.startsWith(`${name}|`));
}

async function endpointOf(engine: EngineName): Promise<{ readonly endpoint?: string }> {
  return engine === 'podman' ? { endpoint: await podmanAddress() } : {};
}
