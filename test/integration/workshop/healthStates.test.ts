import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Health } from '../../../src/health/model';
import { waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, databaseOf, openApp, operation, type OpenApp } from '../support/app';
import { codesOf, healthOf } from '../support/health';
import { tempFolder } from '../support/shared';
import { holdSession, sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { startWorkshop, type Workshop } from '../support/workshop';

/** Runs a line of shell in a container. */
async function inside(container: string, line: string): Promise<void> {
  const { code, stderr } = await engineCommand(['exec', container, 'sh', '-c', line]);
  assert.equal(code, 0, stderr);
}

describe('health of a server and its surroundings, each reason produced for real', () => {
  let place: Server;
  let app: OpenApp;

  before(async function () {
    this.timeout(120_000);
    const healthcheck = ['--health-cmd', 'test ! -e /tmp/sick', '--health-interval', '1s', '--health-retries', '1'];
    // A disk of its own, and a cache that nothing fits into.
    const disk = ['--tmpfs', '/var/lib/postgresql/data:size=700m'];
    place = await startServer('states', { command: ['-c', 'shared_buffers=1MB'], arguments: [...healthcheck, ...disk] });
    app = await openApp();
  });
  after(() => removeServer(place));

  const limits = { backupAgeDays: 0 };
  const health = (): Promise<Health> => healthOf(app, place, { limits });
  const codes = (): Promise<readonly string[]> => codesOf(app, place, { limits });
  const seen = async (): Promise<readonly string[]> => {
    await app.inventory.refresh();
    return codes();
  };

  it('a disk that fills, and has room again', async () => {
    assert.deepEqual(await health(), { state: 'healthy', reasons: [] });
    await inside(place.container, 'head -c 600M /dev/zero >"$PGDATA/ballast"');
    const { state, reasons } = await health();
    assert.deepEqual([state, reasons.map(({ code, severity }) => `${severity} ${code}`)], ['degraded', ['error DISK_LOW']]);
    assert.match(reasons[0]?.message ?? '', /^Only \d+ MB of 734 MB are free /);
    await inside(place.container, 'rm "$PGDATA/ballast"');
    assert.deepEqual(await codes(), []);
  });

  it('a healthcheck that fails, and passes again', async () => {
    await inside(place.container, 'touch /tmp/sick');
    await waitFor('the healthcheck to fail', async () => (await seen()).includes('UNHEALTHY'));
    await inside(place.container, 'rm /tmp/sick');
    await waitFor('it to pass', async () => (await seen()).length === 0);
  });

  it('a cache that is too small', async () => {
    await sql(place, 'app', 'CREATE TABLE wide AS SELECT repeat(md5(g::text), 30) AS t FROM generate_series(1, 20000) AS g');
    const look = 'DO $$ BEGIN FOR i IN 1..60 LOOP PERFORM count(*) FROM wide; END LOOP; END $$; SELECT pg_stat_force_next_flush()';
    await waitFor('enough blocks to be read', async () => {
      await sql(place, 'app', look);
      return (await codes()).join() === 'CACHE_MISSED';
    });
    assert.equal((await health()).state, 'healthy', 'it is worth knowing only');
    await sql(place, 'app', 'DROP TABLE wide; SELECT pg_stat_reset()');
    assert.deepEqual(await codes(), []);
  });

  /** Does something in the container as soon as a session of ours waits for a lock, which it does not do for long. */
  const whenOursWaits = (line: string): Promise<void> => {
    const ours = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'container-databases%' AND wait_event_type = 'Lock'";
    return inside(
      place.container,
      `for i in $(seq 600); do pid=$(psql -XAtU app app -c "${ours}"); if [ -n "$pid" ]; then ${line}; exit; fi; sleep 0.05; done; exit 1`,
    );
  };

  it('a server that is too busy to answer, waited for no longer than a look may take, and one that ends our session', async () => {
    const holder = await holdSession(place, 'postgres');
    try {
      await holder.query('BEGIN; LOCK TABLE pg_catalog.pg_namespace IN ACCESS EXCLUSIVE MODE; SELECT 1');
      const start = performance.now();
      const { state, reasons } = await health();
      assert.deepEqual([state, reasons.map(({ code }) => code)], ['degraded', ['STATEMENT_TIMEOUT']]);
      assert.ok(performance.now() - start < 5000, 'it was waited for');
      const frozen = whenOursWaits('kill -STOP $pid; echo $pid >/tmp/frozen');
      const slow = await healthOf(app, place, { limits, patience: 4000 });
      await frozen;
      assert.deepEqual([slow.state, slow.reasons.map(({ code }) => code)], ['degraded', ['SERVER_SLOW']]);
      await inside(place.container, 'kill -CONT $(cat /tmp/frozen)');
      const terminated = whenOursWaits('psql -XAtqU app app -c "SELECT pg_terminate_backend($pid)"');
      const ended = await health();
      await terminated;
      assert.deepEqual([ended.state, ended.reasons.map(({ code }) => code)], ['unknown', ['SESSION_ENDED']]);
    } finally {
      holder.close();
    }
    await waitFor('the lock to be gone', async () => (await codes()).length === 0);
  });

  it('a password that does not fit, and fits again', async () => {
    const setPassword = (password: string): Promise<string> => sql(place, 'app', `ALTER ROLE app PASSWORD '${password}'`);
    await setPassword('another');
    await inside(place.container, `sed -i -E 's/^(host.*) [a-z0-9-]+$/\\1 scram-sha-256/' "$PGDATA/pg_hba.conf"`);
    await sql(place, 'app', 'SELECT pg_reload_conf()');
    await waitFor('the password to be refused', async () => (await codes()).join() === 'PASSWORD_WRONG');
    assert.equal((await health()).state, 'unknown');
    await setPassword('pw-Zq7!secret');
    assert.deepEqual(await codes(), []);
  });

  it('a server that lets nobody in, and does again', async () => {
    const allow = async (method: string): Promise<void> => {
      await inside(place.container, `sed -i -E 's/^(host.*) [a-z0-9-]+$/\\1 ${method}/' "$PGDATA/pg_hba.conf"`);
      await sql(place, 'app', 'SELECT pg_reload_conf()');
    };
    await allow('reject');
    await waitFor('the entry to be refused', async () => (await codes()).join() === 'ACCESS_DENIED');
    assert.equal((await health()).state, 'unknown');
    await allow('scram-sha-256');
    await waitFor('the entry to be allowed', async () => (await codes()).length === 0);
  });
});

describe('health of what is around a database, each reason produced for real', () => {
  let place: Workshop;
  let app: OpenApp;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    app = await openApp();
  });

  const said = async (urls: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
    // What this server has read before is not what is asked here.
    const { reasons } = await healthOf(app, place, { limits: { backupAgeDays: 0, cacheHitPercent: 0 }, urls });
    return reasons.map(({ code, short }) => `${code} ${short}`);
  };

  it('an address that does not answer, answers with an error, and answers', async () => {
    let status = 503;
    const server = createServer((_, response) => void response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    assert.deepEqual(await said({ worker: url }), ['DEPENDENT_HTTP worker does not answer']);
    status = 200;
    assert.deepEqual(await said({ worker: url }), []);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(await said({ worker: url }), ['DEPENDENT_HTTP worker does not answer']);
  });

  for (const [what, code, options, command] of [
    ['has failed', 'DEPENDENT_FAILED', [], 'exit 3'],
    ['keeps restarting', 'DEPENDENT_FAILED', ['--restart', 'always'], 'exit 3'],
    ['is unhealthy', 'DEPENDENT_UNHEALTHY', ['--health-cmd', 'false', '--health-interval', '1s', '--health-retries', '1'], 'sleep 600'],
  ] as const) {
    it(`a service beside it that ${what}, until it is gone`, async () => {
      assert.deepEqual(await said(), []);
      // A second container of the service.
      const name = `${place.project}-worker-2`;
      const labels = { project: place.project, service: 'worker', oneoff: 'False', 'container-number': '2' };
      const labelled = Object.entries(labels).flatMap(([key, value]) => ['--label', `com.docker.compose.${key}=${value}`]);
      await engineCommand(['run', '--detach', '--name', name, ...labelled, ...options, '--entrypoint', 'sh', 'postgres:17', '-c', command]);
      try {
        await waitFor(`the worker that ${what}`, async () => (await said()).join() === `${code} worker ${what}`);
      } finally {
        await engineCommand(['rm', '--force', '--volumes', name]);
      }
      assert.deepEqual(await said(), []);
    });
  }

  it('a backup that is missing, one that failed on schedule, and one that was not made', async () => {
    const folder = await tempFolder('health-backups');
    const codes = (): Promise<readonly string[]> => codesOf(app, place, { limits: { cacheHitPercent: 0 }, folder });
    assert.deepEqual(await codes(), ['BACKUP_MISSING']);
    await backUp(app, place, 'app', operation(), { folder });
    assert.deepEqual(await codes(), []);

    const later = path.join(folder, 'later');
    await writeFile(later, 'in the way');
    const { id } = await app.schedules.add(databaseOf(app, place, 'app'), { cron: '0 * * * *', installed: 'editor', options: { folder: later } });
    await assert.rejects(app.schedules.run(id, operation()));
    assert.deepEqual(await codes(), ['BACKUP_FAILED']);
    await rm(later);
    await app.schedules.run(id, operation());
    assert.deepEqual(await codes(), []);

    // As if cron, which is not told, should have run it long ago.
    const file = path.join(app.state, 'schedules', `${id}.json`);
    const written = await readFile(file, 'utf8');
    assert.ok(written.includes('"editor"'));
    await writeFile(file, written.replace('"editor"', '"crontab"').replace(/"changedAt": *"[^"]+"/, '"changedAt":"2026-01-01T00:00:00.000Z"'));
    await rm(path.join(app.state, 'schedules', 'runs'), { recursive: true });
    assert.deepEqual(await codes(), ['BACKUP_OVERDUE']);
    await writeFile(file, written);
    assert.deepEqual(await codes(), []);
    await app.schedules.remove(id);
  });
});
