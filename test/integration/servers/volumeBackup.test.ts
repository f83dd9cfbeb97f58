import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { readRunningFacts } from '../../../src/backup/volume/facts';
import { restoreVolume } from '../../../src/backup/volume/restoreVolume';
import { waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { failureOf, operation, podmanAddress } from '../support/app';
import { startedAt, watchServer } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { fingerprint, sql, type Place } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { bootPlainly, copy, inventoryOfPodman, prove, subjectOf, volumeContent, watchDocker, type EngineWatch, type Subject } from '../support/volumes';

let engine: EngineWatch;

// Two tables that agree in every moment that anybody can see, and one that makes WAL.
const writerLoop = `
  DO $$ BEGIN LOOP
    UPDATE ledger SET total = total + 1;
    UPDATE counter SET total = total + 1;
    INSERT INTO growing (noise) SELECT md5(i::text) FROM generate_series(1, 20) AS i;
    COMMIT;
  END LOOP; END $$`;

function startWriter(place: Place): ChildProcess {
  const child = spawn('docker', ['exec', place.container, 'psql', '-XqAt', '-U', place.user, '-d', place.database, '-c', writerLoop], { stdio: 'ignore' });
  child.on('error', () => undefined);
  return child;
}

async function stopWriter(place: Place): Promise<void> {
  await sql(place, 'postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LOOP%' AND pid <> pg_backend_pid()");
}

interface Layout {
  readonly major: 13 | 15 | 17 | 18;
  readonly what: string;
  readonly dataDirectory: string;
  readonly arguments: (folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const layouts: readonly Layout[] = [
  {
    major: 13,
    what: 'in a named volume',
    dataDirectory: '/var/lib/postgresql/data',
    arguments: () => ['--volume', `${runName}-v13:/var/lib/postgresql/data`],
  },
  {
    major: 15,
    what: 'in a folder of a volume',
    dataDirectory: '/var/lib/postgresql/data/pgdata',
    arguments: () => ['--volume', `${runName}-v15:/var/lib/postgresql/data`],
    env: { PGDATA: '/var/lib/postgresql/data/pgdata' },
  },
  { major: 17, what: 'on the host', dataDirectory: '/var/lib/postgresql/data', arguments: (folder) => ['--volume', `${folder}:/var/lib/postgresql/data`] },
  {
    major: 18,
    what: 'where images of 18 have it',
    dataDirectory: '/var/lib/postgresql/18/docker',
    arguments: () => ['--volume', `${runName}-v18:/var/lib/postgresql`],
  },
];

for (const layout of layouts) {
  describe(`a volume backup of Postgres ${layout.major}, ${layout.what}`, () => {
    const { major } = layout;
    let place: Server;
    let subject: Subject;

    before(async function () {
      this.timeout(120_000);
      engine = await watchDocker();
      const folder = path.join(await tempFolder('bind'), 'data');
      place = await startServer(`volume-${major}`, { image: `postgres:${major}`, arguments: layout.arguments(folder), ...(layout.env && { env: layout.env }) });
      await sql(place, 'app', volumeContent);
      subject = await subjectOf(place);
    });

    after(async () => {
      await removeServer(place);
    });

    it('is taken while the server runs and is written to, proves itself, and boots without us', async function () {
      this.timeout(180_000);
      const watch = await watchServer(place);
      startWriter(place);
      await waitFor('the writer', async () => Number(await sql(place, 'app', 'SELECT total FROM ledger')) > 50);
      const start = Number(await sql(place, 'app', 'SELECT total FROM ledger'));
      const made = await copy(subject, 'live');
      await stopWriter(place);
      await watch.assertUntouched();
      watch.end();
      assert.deepEqual([made.plan.mode, made.plan.dataDirectory, made.plan.major, made.plan.interrupts], ['live', layout.dataDirectory, major, false]);
      assert.match(made.plan.remarks.join(' '), /Unlogged.*app: public\.fleeting/);
      const proof = await prove(subject, made, { databases: ['app', 'postgres'], rows: { app: { 'public.still': 200_000, 'public.fleeting': 1 } } });
      assert.deepEqual([proof.databases, proof.manifestVerified, proof.rows['app']?.['public.fleeting']], [['app', 'postgres'], true, 0]);
      await engine.assertNothingLeft();
      const plain = await bootPlainly(`plain-live-${major}`, made, place);
      const [left, right] = (await sql(plain, 'app', 'SELECT total FROM ledger UNION ALL SELECT total FROM counter')).split('\n').map(Number);
      assert.equal(left, right);
      assert.ok(Number(left) >= start, `${left} is older than ${start}`);
      assert.equal(Number(await sql(plain, 'app', 'SELECT count(*) FROM growing')), proof.rows['app']?.['public.growing']);
      assert.equal(
        await sql(plain, 'app', 'SELECT md5(string_agg(s::text, chr(10) ORDER BY id)) FROM still AS s'),
        await sql(place, 'app', 'SELECT md5(string_agg(s::text, chr(10) ORDER BY id)) FROM still AS s'),
      );
      await engineCommand(['rm', '--force', '--volumes', plain.container]);
    });

    it('is taken stopped, is all that was there, and goes back into a new volume only', async function () {
      this.timeout(180_000);
      const content = await fingerprint(place, 'app');
      const startedBefore = await startedAt(place.container);
      const made = await copy(subject, 'stopped');
      assert.equal(made.plan.interrupts, true);
      assert.match(await startedAt(place.container), / running$/);
      assert.notEqual(await startedAt(place.container), startedBefore);
      assert.deepEqual(await fingerprint(place, 'app'), content);
      const { rows, manifestVerified } = await prove(subject, made);
      assert.deepEqual([rows['app']?.['public.still'], rows['app']?.['public.fleeting'], manifestVerified], [200_000, 1, false]);
      await engine.assertNothingLeft();
      const volume = `${runName}-back-${major}`;
      const folder = major === 18 ? '18/docker' : '';
      const request = { engine: subject.server.engine, image: subject.container.imageId, archive: made.archive, major, volume, labels: {}, folder };
      const { files, owner } = await restoreVolume(request, operation());
      assert.ok(files > 900 && owner !== '0:0', `${files} files of ${owner}`);
      assert.equal((await failureOf(restoreVolume(request, operation()))).code, 'VOLUME_EXISTS');
      await engine.assertNothingLeft();
      const mount = major === 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
      const again = { ...place, container: await startOn(`again-${major}`, major, volume, mount) };
      assert.deepEqual(await fingerprint(again, 'app'), content);
      const plain = await bootPlainly(`plain-stopped-${major}`, made, place);
      assert.deepEqual(await fingerprint(plain, 'app'), content);
      await engineCommand(['rm', '--force', '--volumes', again.container, plain.container]);
    });
  });
}

async function startOn(label: string, major: number, volume: string, mount: string): Promise<string> {
  const container = `${runName}-${label}`;
  await engineCommand(['run', '--detach', '--name', container, '--volume', `${volume}:${mount}`, `postgres:${major}`]);
  await waitForPostgres(container);
  return container;
}

describe('a volume backup that runs', () => {
  let place: Server;
  let subject: Subject;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startServer('volume-cancel', {});
    await sql(place, 'app', volumeContent);
    subject = await subjectOf(place);
  });

  after(() => removeServer(place));

  it('leaves nothing when it is cancelled in the middle, and the server never notices', async () => {
    const watch = await watchServer(place);
    const stop = new AbortController();
    await engineCommand(['update', '--cpus', '0.3', place.container]);
    const failure = await failureOf(copy(subject, 'live', { own: operation({ signal: stop.signal }), onBytes: () => stop.abort() }));
    await engineCommand(['update', '--cpus', '2', place.container]);
    assert.equal(failure.code, 'CANCELLED');
    await watch.assertUntouched();
    watch.end();
    assert.equal(await sql(place, 'postgres', 'SELECT count(*) FROM pg_replication_slots'), '0');
    await engine.assertNothingLeft();
  });

  it('takes WAL along that lies in a volume of its own, and is not taken stopped then', async () => {
    const wal = ['--volume', `${runName}-wal:/wal`, '--env', 'POSTGRES_INITDB_WALDIR=/wal/17'];
    const server = await startServer('volume-wal', { arguments: wal });
    const other = await subjectOf(server);
    assert.equal((await failureOf(copy(other, 'stopped'))).code, 'VOLUME_STOP_REFUSED');
    const { databases } = await prove(other, await copy(other, 'live'));
    assert.deepEqual(databases, ['app', 'postgres']);
    await removeServer(server);
  });

  it('is refused where a tablespace would be missing from it', async () => {
    await engineCommand(['exec', place.container, 'install', '-d', '-o', 'postgres', '/mnt/fast']);
    await sql(place, 'postgres', "CREATE TABLESPACE fast LOCATION '/mnt/fast'");
    assert.equal((await failureOf(copy(subject, 'live'))).code, 'TABLESPACE_OUTSIDE');
    assert.equal((await failureOf(copy(subject, 'stopped'))).code, 'TABLESPACE_OUTSIDE');
    await sql(place, 'postgres', 'DROP TABLESPACE fast');
  });

  it('says when it may not replicate', async () => {
    await sql(place, 'postgres', "CREATE ROLE reader LOGIN PASSWORD 'x'; GRANT pg_read_all_settings TO reader");
    const facts = await readRunningFacts({ ...subject.server, user: 'reader', password: { kind: 'none' } }, operation());
    assert.equal(facts.server?.mayReplicate, false);
    const { dataDirectory } = facts;
    await engineCommand(['exec', place.container, 'sh', '-c', `sed -i 's/^\\(local\\|host\\) *replication.*//' ${dataDirectory}/pg_hba.conf && kill -HUP 1`]);
    await waitFor(
      'the new rules',
      async () => (await sql(place, 'postgres', "SELECT count(*) FROM pg_hba_file_rules WHERE 'replication' = ANY (database)")) === '0',
    );
    assert.equal((await failureOf(copy(subject, 'live'))).code, 'REPLICATION_DENIED');
  });
});

describe('a volume backup on Podman', () => {
  it('works in both ways, and proves itself', async function () {
    this.timeout(180_000);
    const endpoint = await podmanAddress();
    const place = await startServer('volume', { engine: 'podman', image: 'localhost/postgres:17' });
    await sql(place, 'app', volumeContent);
    const subject = await subjectOf(place, { endpoint });
    const before = await inventoryOfPodman();
    for (const mode of ['live', 'stopped'] as const) {
      const made = await copy(subject, mode);
      const proof = await prove(subject, made, { rows: { app: { 'public.still': 200_000 } } });
      assert.equal(proof.manifestVerified, mode === 'live');
      assert.deepEqual(await inventoryOfPodman(), before);
    }
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
  });
});
