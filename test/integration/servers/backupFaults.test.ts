import assert from 'node:assert/strict';
import type { Backup } from '../../../src/backup/catalogue';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { backUp, bytesIn, failureOf, filesIn, openApp, operation, serviceOf, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf, ourSessions, watchServer } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { fillDatabase } from '../support/workshop';

// Two tables of noise, together enough for a parallel dump.
const noise = `
  CREATE TABLE noise_a AS SELECT i, md5(i::text) || md5((i * 7)::text) || md5((i * 13)::text) || md5((i * 17)::text) AS noise
  FROM generate_series(1, 240000) AS i;
  CREATE TABLE noise_b AS TABLE noise_a;`;
const formats = ['custom', 'directory'] as const;

describe('a backup in trouble', () => {
  let place: Server;
  let app: OpenApp;
  let backups: string;

  before(async function () {
    this.timeout(120_000);
    place = await startServer('faults', { command: ['-c', 'max_connections=12'] });
    await fillDatabase(place, 'large', noise);
    backups = await tempFolder('faults');
    app = await openApp({ backups });
  });
  after(() => removeServer(place));
  beforeEach(async () => {
    backups = await tempFolder('faults');
  });
  afterEach(async () => {
    await throttle('2');
    await assertNothingLeft(place);
    assert.deepEqual(await leftoversOf(place), []);
  });

  const throttle = async (processors: string): Promise<unknown> => engineCommand(['update', '--cpus', processors, place.container]);
  const start = async (wishes: { readonly format?: 'custom' | 'directory'; readonly signal?: AbortSignal } = {}): Promise<Backup> => {
    const { signal, ...rest } = wishes;
    return backUp(app, place, 'large', operation(signal === undefined ? {} : { signal }), { folder: backups, ...rest });
  };
  const proven = async (backup: Backup): Promise<number | undefined> => {
    const proof = await app.restores.test(backup, { server: app.inventory.serverOf(serviceOf(app, place).service) }, operation());
    assert.equal(proof.verified, 'restored');
    return proof.rows;
  };
  const dumping = async (): Promise<unknown> =>
    waitFor(
      'the dump',
      async () => (await ourSessions(place)).some((line) => /COPY public.noise/.test(line)) || (await bytesIn(backups, '.partial')) > 500_000,
    );
  const startAgain = async (): Promise<void> => {
    await engineCommand(['start', place.container]);
    await waitForPostgres(place.container);
  };

  for (const verb of ['stop', 'kill'] as const) {
    for (const format of formats) {
      it(`whose container meets "docker ${verb}": the ${format} backup fails, and the next one tidies up`, async () => {
        await throttle('0.2');
        const failure = failureOf(start({ format }));
        await dumping();
        await throttle('2');
        await engineCommand([verb, place.container]);
        const { code, message, remedy } = await failure;
        assert.match(code, /^(CONTAINER_NOT_RUNNING|CONNECTION_LOST|SESSION_ENDED|STREAM_CUT|DUMP_FAILED)$/, message);
        assert.ok(remedy.length > 10);
        assert.deepEqual(await filesIn(backups), []);
        await startAgain();
        const backup = await start({ format: 'custom' });
        assert.equal(backup.manifest?.rows['public.noise_b'], 240_000);
      });
    }
  }

  it('whose container is paused for a moment goes on', async () => {
    await throttle('0.3');
    const backup = start({ format: 'custom' });
    await dumping();
    await engineCommand(['pause', place.container]);
    const size = await bytesIn(backups, '.partial');
    await waitFor('the pause', async () => (await engineCommand(['inspect', '--format', '{{.State.Paused}}', place.container])).stdout.trim() === 'true');
    await engineCommand(['unpause', place.container]);
    await throttle('2');
    assert.ok((await backup).sizeBytes > size);
    assert.equal(await proven(await backup), 480_500);
  });

  it('whose container is paused can be cancelled', async () => {
    await throttle('0.2');
    const stop = new AbortController();
    const failure = failureOf(start({ format: 'directory', signal: stop.signal }));
    await dumping();
    await engineCommand(['pause', place.container]);
    try {
      stop.abort();
      assert.equal((await failure).code, 'CANCELLED');
      assert.deepEqual(await filesIn(backups), []);
    } finally {
      await engineCommand(['unpause', place.container]);
    }
  });

  it('whose container stays paused gives up, and says so', async () => {
    await throttle('0.2');
    const failure = failureOf(start({ format: 'custom' }));
    await dumping();
    await engineCommand(['pause', place.container]);
    try {
      assert.equal((await failure).code, 'CONTAINER_PAUSED');
      assert.deepEqual(await filesIn(backups), []);
    } finally {
      await engineCommand(['unpause', place.container]);
    }
  });

  for (const format of formats) {
    it(`whose table is to be dropped, ${format}: the drop waits, or the backup says why it ended`, async () => {
      await throttle('0.2');
      const outcome = start({ format }).catch((error: unknown) => error);
      await dumping();
      const dropping = sql(place, 'large', 'DROP TABLE people CASCADE');
      await waitFor('the drop to wait', async () => (await sql(place, 'postgres', waiting)) !== '0');
      await throttle('2');
      const made = await outcome;
      await dropping;
      await fillAgain();
      const { code } = made as { code?: string };
      // A worker of a parallel dump that comes to the table after the drop may not wait behind it.
      if (code === undefined || format === 'custom') return assert.equal(await proven(made as Backup), 480_500);
      assert.equal(code, 'TABLE_LOCKED', String(made));
      assert.deepEqual(await filesIn(backups), []);
    });
  }

  const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DROP TABLE people%'";
  const fillAgain = async (): Promise<unknown> =>
    sql(place, 'large', "CREATE TABLE people AS SELECT i AS id, 'person ' || i AS name FROM generate_series(1, 500) AS i");

  it('on a server with few connections left: auto takes one only, a wish for more is refused', async () => {
    assert.equal((await start()).manifest?.format, 'directory', 'with connections to spare, and 64 MB of /dev/shm');
    const idlers = await Promise.all(Array.from({ length: 7 }, () => holdSession(place, 'postgres')));
    try {
      assert.equal((await failureOf(start({ format: 'directory' }))).code, 'CONNECTIONS_FULL');
      assert.equal((await start()).manifest?.format, 'custom');
    } finally {
      idlers.forEach((idler) => idler.close());
    }
  });

  it('of a busy database is proven by a test restore: it counts what it holds', async () => {
    await sql(place, 'large', 'CREATE TABLE busy (i int)');
    const insert = 'INSERT INTO busy SELECT i FROM generate_series(1, 50) AS i';
    const loop = `while [ ! -e /tmp/enough ]; do psql -XqAt -v ON_ERROR_STOP=1 -U app -d large -c "${insert}" >/dev/null || exit 1; done`;
    const writer = engineCommand(['exec', place.container, 'sh', '-c', loop]);
    const made: Backup[] = [];
    try {
      for (const format of formats) made.push(await start({ format }));
    } finally {
      await engineCommand(['exec', place.container, 'touch', '/tmp/enough']);
      assert.equal((await writer).code, 0);
      await engineCommand(['exec', place.container, 'rm', '/tmp/enough']);
    }
    const now = Number(await sql(place, 'large', 'SELECT count(*) FROM busy'));
    for (const backup of made) {
      assert.ok((backup.manifest?.rows['public.busy'] ?? 0) < now);
      assert.equal(await proven(backup), 480_500 + (backup.manifest?.rows['public.busy'] ?? 0));
    }
    await sql(place, 'large', 'DROP TABLE busy');
  });

  it('of a standby is refused', async () => {
    await engineCommand(['exec', place.container, 'sh', '-c', 'touch "$PGDATA/standby.signal"']);
    await engineCommand(['restart', place.container]);
    await waitForPostgres(place.container);
    await app.inventory.refresh();
    for (const format of formats) assert.equal((await failureOf(start({ format }))).code, 'SERVER_RECOVERING');
    assert.deepEqual(await filesIn(backups), []);
  });
});

describe('a container with no room for a directory archive', () => {
  let place: Server;
  let app: OpenApp;
  const small = ['--tmpfs', '/tmp:size=24m', '--tmpfs', '/var/tmp:size=1m', '--shm-size', '16m'];

  before(async function () {
    this.timeout(120_000);
    place = await startServer('tight', { arguments: small });
    await fillDatabase(place, 'large', noise);
    app = await openApp();
  });
  after(() => removeServer(place));

  it('that shows in the middle only: a clear error, and nothing is left', async () => {
    const watch = await watchServer(place);
    const folder = await tempFolder('tight');
    const failure = await failureOf(backUp(app, place, 'large', operation(), { format: 'directory', folder }));
    assert.equal(failure.code, 'CONTAINER_FULL');
    assert.match(failure.message, /No space left/);
    assert.deepEqual(await filesIn(folder), []);
    assert.deepEqual(await leftoversOf(place), []);
    await watch.assertUntouched();
    watch.end();
  });

  it('that is known beforehand: auto takes another format, a wish for this one is refused', async () => {
    const folder = await tempFolder('tight');
    assert.equal((await backUp(app, place, 'large', operation(), { folder })).manifest?.format, 'custom');
    const before = await filesIn(folder);
    const failure = await failureOf(backUp(app, place, 'large', operation(), { format: 'directory', folder }));
    assert.equal(failure.code, 'CONTAINER_FULL');
    assert.deepEqual(await filesIn(folder), before);
    await assertNothingLeft(place);
  });
});

describe('a password that was changed since the server was found', () => {
  it('is said to be wrong', async () => {
    const scram = { POSTGRES_HOST_AUTH_METHOD: 'scram-sha-256', POSTGRES_INITDB_ARGS: '--auth-local=scram-sha-256 --auth-host=scram-sha-256' };
    const place = await startServer('rotated', { env: { ...scram, POSTGRES_PASSWORD: 'first' }, password: 'first' });
    const backups = await tempFolder('rotated');
    const app = await openApp({ backups });
    await backUp(app, place, 'app');
    const before = await filesIn(backups);
    await sql(place, 'app', "ALTER ROLE app PASSWORD 'second'");
    const { code, remedy } = await failureOf(backUp(app, place, 'app'));
    assert.equal(code, 'PASSWORD_WRONG');
    assert.match(remedy, /ALTER ROLE/);
    assert.deepEqual(await filesIn(backups), before);
    await assertNothingLeft({ ...place, password: 'second' });
    await removeServer(place);
  });
});
