import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { planVolume } from '../../../src/backup/volume/plan';
import { readRunningFacts, readStoppedFacts } from '../../../src/backup/volume/facts';
import { runningContainers, startAgain, type HaltedContainer } from '../../../src/backup/volume/halt';
import { copyVolume } from '../../../src/backup/volume/copy';
import { restoreVolume } from '../../../src/backup/volume/restoreVolume';
import { sweepThrowaways, withThrowaway, writeMaker } from '../../../src/backup/volume/throwaway';
import { run, waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { failureOf, operation, podmanAddress } from '../support/app';
import { startedAt, watchServer } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { fingerprint, holdSession, sql, type Place } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { archiveOf, bootPlainly, copy, inventoryOfPodman, prove, subjectOf, watchDocker, type Copy, type EngineWatch, type Subject } from '../support/volumes';
import { runningDependents, startWorkshop, type Workshop } from '../support/workshop';

let engine: EngineWatch;

const content = `
  CREATE TABLE ledger (side text PRIMARY KEY, total bigint NOT NULL);
  INSERT INTO ledger VALUES ('left', 0);
  CREATE TABLE counter (side text PRIMARY KEY, total bigint NOT NULL);
  INSERT INTO counter VALUES ('right', 0);
  CREATE TABLE growing (id bigserial PRIMARY KEY, noise text);
  CREATE TABLE still AS SELECT i AS id, md5(i::text) || md5((i * 7)::text) AS noise FROM generate_series(1, 200000) AS i;
  CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS one;`;

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
      await sql(place, 'app', content);
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

describe('a volume backup that stops services', () => {
  let place: Workshop;
  let subject: Subject;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startWorkshop();
    subject = await subjectOf(place);
  });

  const dependentsOf = async (): Promise<readonly HaltedContainer[]> => runningContainers(subject.server.engine, place.project, ['api', 'worker', 'idle']);

  it('starts exactly what ran, the server first, and remembers it meanwhile', async () => {
    const running = await runningDependents(place);
    const dependents = await dependentsOf();
    assert.deepEqual(
      dependents.map(({ name }) => name),
      [`${place.project}-api-1`, `${place.project}-worker-1`],
    );
    const remembered: (readonly string[])[] = [];
    const states: string[] = [];
    await copy(subject, 'stopped', {
      dependents,
      remember: async (halted) => {
        remembered.push(halted.map(({ name }) => name));
        assert.ok(halted.every((each) => Object.keys(each).join() === 'id,name'));
        states.push((await startedAt(place.container)).split(' ').at(-1) ?? '');
      },
    });
    assert.deepEqual(remembered, [[place.container, `${place.project}-api-1`, `${place.project}-worker-1`], []]);
    assert.deepEqual(states, ['running', 'running'], 'it was remembered too late, or forgotten too early');
    assert.deepEqual(await runningDependents(place), running);
    const times = await Promise.all([place.container, `${place.project}-api-1`, `${place.project}-worker-1`].map((name) => startedAt(name)));
    assert.deepEqual(times, times.toSorted());
  });

  it('leaves nothing when it is cancelled in the middle, and everything runs', async () => {
    const running = await runningDependents(place);
    const stop = new AbortController();
    const remembered: number[] = [];
    const failure = await failureOf(
      copy(subject, 'stopped', {
        own: operation({ signal: stop.signal }),
        dependents: await dependentsOf(),
        remember: async (halted) => void remembered.push(halted.length),
        onBytes: () => stop.abort(),
      }),
    );
    assert.equal(failure.code, 'CANCELLED');
    assert.deepEqual(remembered, [3, 0]);
    await engine.assertNothingLeft();
    assert.deepEqual(await runningDependents(place), running);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
  });

  it('starts everything when the copy cannot be written', async () => {
    const failure = await failureOf(
      copy(subject, 'stopped', {
        dependents: await dependentsOf(),
        onBytes: () => {
          throw new Error('no space');
        },
      }),
    );
    assert.equal(failure.message, 'no space');
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
  });

  it('is put right after a crash, also when Compose has made a container anew', async () => {
    const halted = [subject.container, ...(await dependentsOf())];
    await engineCommand(['stop', `${place.project}-worker-1`, `${place.project}-api-1`, place.container]);
    const renamed = halted.map(({ id, name }) => (name.includes('worker') ? { id: 'f'.repeat(64), name } : { id, name }));
    await startAgain(subject.server.engine, renamed, subject.server);
    assert.deepEqual(await runningDependents(place), ['api', 'worker']);
    assert.equal(await sql(place, 'postgres', 'SELECT 1'), '1');
    const failure = await failureOf(startAgain(subject.server.engine, [{ id: 'f'.repeat(64), name: `${runName}-nobody` }]));
    assert.equal(failure.code, 'NOT_RESTARTED');
  });

  it('refuses to stop a container that the engine would remove', async () => {
    const server = await startServer('vanishing', { arguments: ['--rm'] });
    try {
      assert.equal((await failureOf(copy(await subjectOf(server), 'stopped'))).code, 'VOLUME_STOP_REFUSED');
      assert.match(await startedAt(server.container), / running$/);
    } finally {
      await removeServer(server);
    }
  });

  it('stops a server that would wait for its sessions', async () => {
    const server = await startServer('patient', { arguments: ['--stop-signal', 'SIGTERM'] });
    const guest = await holdSession(server, 'app');
    const start = performance.now();
    const { receipt } = await copy(await subjectOf(server), 'stopped');
    assert.ok(receipt.sizeBytes > 1_000_000 && performance.now() - start < 60_000);
    assert.equal(await guest.isAlive(), false);
    guest.close();
    await removeServer(server);
  });

  it('does not take the files of a server that was killed', async () => {
    const server = await startServer('killed', {});
    const { container, server: reached } = await subjectOf(server);
    const plan = planVolume(await readRunningFacts(reached, operation()), 'stopped');
    await engineCommand(['kill', server.container]);
    const request = { engine: reached.engine, server: reached, container, dependents: [], remember: async () => undefined, applicationName: 'x' };
    assert.equal((await failureOf(copyVolume(plan, request, () => undefined, operation()))).code, 'STOP_UNCLEAN');
    await removeServer(server);
  });

  it('copies a server that is stopped already, and leaves it so', async () => {
    const server = await startServer('asleep', {});
    const subject = await subjectOf(server);
    const { container, server: reached } = subject;
    await sql(server, 'app', 'CREATE TABLE dreams AS SELECT generate_series(1, 7) AS id');
    await engineCommand(['stop', server.container]);
    const facts = await readStoppedFacts(reached.engine, container.id, '/var/lib/postgresql/data', operation());
    const plan = planVolume(facts, 'auto');
    assert.deepEqual([plan.mode, plan.interrupts], ['stopped', false]);
    const pieces: Buffer[] = [];
    const request = { engine: reached.engine, container, dependents: [], remember: async () => assert.fail('nothing was stopped'), applicationName: 'x' };
    const receipt = await copyVolume(plan, request, (bytes) => void pieces.push(Buffer.from(bytes)), operation());
    const file = path.join(await tempFolder('asleep'), 'copy');
    await writeFile(file, Buffer.concat(pieces));
    const proof = await prove(subject, { plan, receipt, archive: { path: file, ...receipt } });
    assert.equal(proof.rows['app']?.['public.dreams'], 7);
    assert.match(await startedAt(server.container), / exited$/);
    await removeServer(server);
  });
});

describe('a volume backup that runs', () => {
  let place: Server;
  let subject: Subject;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startServer('volume-cancel', {});
    await sql(place, 'app', content);
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

describe('the proof of a volume backup', () => {
  let place: Server;
  let subject: Subject;
  let whole: Copy;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startServer('volume-proof', {});
    await sql(place, 'app', content);
    subject = await subjectOf(place);
    whole = await copy(subject, 'live');
  });

  after(() => removeServer(place));

  afterEach(async () => {
    await engine.assertNothingLeft('the proof left something behind');
  });

  /** The copy, packed anew by a script that finds it unpacked in its working directory. */
  const repacked = async (name: string, script: string, tarOptions = ''): Promise<Copy> => {
    const folder = path.join(await tempFolder(name), 'data');
    const file = `${folder}.tar.zst`;
    await mkdir(folder);
    await run('tar', ['-xpf', whole.archive.path, '-C', folder]);
    await run('sh', ['-c', `cd "$1" && ${script} && tar --numeric-owner ${tarOptions} -cf - . | zstd -q -1 > "$2"`, 'sh', folder, file]);
    await rm(folder, { recursive: true });
    return { ...whole, archive: await archiveOf(file) };
  };

  it('refuses a file that is not the one that was written', async () => {
    const bytes = await readFile(whole.archive.path);
    const middle = Math.floor(bytes.length / 2);
    const file = path.join(await tempFolder('damaged'), 'copy.tar.zst');
    await writeFile(file, Buffer.concat([bytes.subarray(0, middle), Buffer.from([(bytes[middle] ?? 0) ^ 1]), bytes.subarray(middle + 1)]));
    assert.equal((await failureOf(prove(subject, { ...whole, archive: { ...whole.archive, path: file } }))).code, 'STREAM_DIFFERS');
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
    await writeFile(file, bytes.subarray(0, middle));
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
    await writeFile(file, '');
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
  });

  for (const [what, script, options, code, said] of [
    [
      'a file of which one byte is another',
      `printf x | dd of="$(ls base/*/1259 | head -n 1)" bs=1 seek=100 conv=notrunc 2>/dev/null`,
      '',
      'ARCHIVE_UNREADABLE',
      /manifest/,
    ],
    ['a missing file', `rm "$(ls base/*/1259 | head -n 1)"`, '', 'ARCHIVE_UNREADABLE', /1259/],
    [
      'missing WAL',
      `rm backup_manifest && rm -r pg_wal && mkdir -p pg_wal/archive_status && chown -R --reference=PG_VERSION pg_wal`,
      '',
      'VOLUME_UNBOOTABLE',
      /checkpoint record/,
    ],
    ['files of root', 'true', '--owner=0 --group=0', 'VOLUME_OWNER', /root/],
    ['a file of somebody else', 'chown 4711:4711 global/1262', '', 'VOLUME_OWNER', /global\/1262/],
    ['no cluster', 'find . -mindepth 1 -delete && echo hello > README', '', 'ARCHIVE_UNREADABLE', /no cluster/],
    ['another major version', 'echo 15 > PG_VERSION', '', 'VOLUME_VERSION', /15/],
  ] as const) {
    it(`refuses a copy with ${what}`, async () => {
      const { code: found, message } = await failureOf(prove(subject, await repacked('repacked', script, options)));
      assert.equal(found, code, message);
      assert.match(message, said);
    });
  }

  it('refuses a copy that lacks a database, or rows', async () => {
    assert.equal((await failureOf(prove(subject, whole, { databases: ['app', 'other'] }))).code, 'DATABASES_DIFFER');
    const { code, message } = await failureOf(prove(subject, whole, { rows: { app: { 'public.still': 200_001 } } }));
    assert.equal(code, 'ROWS_DIFFER');
    assert.match(message, /public\.still: 200000 instead of 200001/);
  });

  it('does not begin what would fill the disk', async () => {
    assert.ok(whole.plan.dataBytes > 30_000_000, `${whole.plan.dataBytes} bytes`);
    const archive = { ...whole.archive, dataBytes: 1e15 };
    assert.equal((await failureOf(prove(subject, { ...whole, archive }))).code, 'CONTAINER_FULL');
  });

  it('leaves nothing when it is cancelled, whenever that is', async () => {
    for (const message of ['Unpacking', 'Comparing', 'Booting', 'Counting']) {
      const stop = new AbortController();
      const onReport = (progress: { readonly message: string }): void => void (progress.message.startsWith(message) && stop.abort());
      assert.equal((await failureOf(prove(subject, whole, {}, operation({ signal: stop.signal, onReport })))).code, 'CANCELLED', message);
      await engine.assertNothingLeft(message);
    }
  });

  it('does not put a damaged copy into a volume', async () => {
    const { archive } = await repacked('half', 'rm PG_VERSION');
    const request = { engine: subject.server.engine, image: subject.container.imageId, archive, major: 17, volume: `${runName}-never`, labels: {}, folder: '' };
    assert.equal((await failureOf(restoreVolume(request, operation()))).code, 'ARCHIVE_UNREADABLE');
  });

  it('sweeps what killed processes left, and nothing that is in use', async () => {
    const maker = writeMaker({ host: 'abc', pid: 1, seconds: 1 });
    const named = (name: string, label: string): Promise<unknown> =>
      engineCommand(['create', '--name', `${runName}-${name}`, '--label', `container-databases.throwaway=${label}`, 'postgres:17']);
    await named('old', maker);
    const labels = await withThrowaway(subject.server.engine, { image: 'postgres:17' }, operation(), async (container) => {
      assert.equal(await sweepThrowaways(subject.server.engine), 1);
      return (await subject.server.engine.inspect(container)).labels;
    });
    const { pid: dead } = spawnSync('true');
    const own = labels['container-databases.throwaway'] ?? '';
    await named('killed-maker', own.replace(`.${process.pid}.`, `.${dead}.`));
    const volume = (await engineCommand(['inspect', '--format', '{{range .Mounts}}{{.Name}}{{end}}', `${runName}-killed-maker`])).stdout.trim();
    assert.equal((await engineCommand(['volume', 'inspect', volume])).code, 0);
    await named('newer', 'something newer');
    await named('fresh', writeMaker({ host: 'abc', pid: 1, seconds: Math.floor(Date.now() / 1000) }));
    assert.equal(await sweepThrowaways(subject.server.engine), 1);
    const { stdout } = await engineCommand(['ps', '--all', '--filter', `name=${runName}-(old|newer|fresh|killed-maker)$`, '--format', '{{.Names}}']);
    assert.deepEqual(stdout.trim().split('\n').toSorted(), [`${runName}-fresh`, `${runName}-newer`]);
    assert.notEqual((await engineCommand(['volume', 'inspect', volume])).code, 0);
    await engineCommand(['rm', '--force', '--volumes', `${runName}-fresh`, `${runName}-newer`]);
  });
});

describe('a volume backup on Podman', () => {
  it('works in both ways, and proves itself', async function () {
    this.timeout(180_000);
    const endpoint = await podmanAddress();
    const place = await startServer('volume', { engine: 'podman', image: 'localhost/postgres:17' });
    await sql(place, 'app', content);
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
