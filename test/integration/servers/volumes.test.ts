import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensurePostgresImage } from '../../lab/images';
import { loadPostgresImageIntoPodman } from '../../lab/podman';
import { composeDown, composeUp, engineCommand, waitForPostgres, type EngineName } from '../../lab/stacks';
import { cli, cliJson, failureOf, openApp, operation, podmanAddress, serviceOf, type CliResult } from '../support/app';
import { startedAt } from '../support/evidence';
import { atTheEnd, runName, tempFolder } from '../support/shared';
import { sql, type Place } from '../support/sql';

/** A Compose project with one database in a named volume, whose environment says that it is production. */
interface Store extends Place {
  readonly project: string;
  readonly service: string;
  readonly folder: string;
  readonly volume: string;
  readonly backups: string;
  /** The command line, in the project's folder. */
  readonly call: (...args: readonly string[]) => Promise<CliResult>;
  readonly json: <T>(...args: readonly string[]) => Promise<T>;
}

interface Removed {
  readonly removed: boolean;
  readonly backups: readonly string[];
}

async function startStore(engine: EngineName): Promise<Store> {
  await (engine === 'podman' ? loadPostgresImageIntoPodman(17) : ensurePostgresImage(17));
  const project = `${runName}-store${engine === 'podman' ? 'p' : ''}`;
  const folder = await tempFolder('store');
  const image = engine === 'podman' ? 'localhost/postgres:17' : 'postgres:17';
  await writeFile(
    path.join(folder, 'compose.yaml'),
    `name: ${project}
services:
  db:
    image: ${image}
    container_name: ${project}-db
    environment: { POSTGRES_USER: app, POSTGRES_PASSWORD: secret, POSTGRES_DB: app, APP_ENV: production }
    volumes: ['data:/var/lib/postgresql/data', './init.sql:/docker-entrypoint-initdb.d/init.sql:ro']
volumes:
  data: {}
`,
  );
  await writeFile(path.join(folder, 'init.sql'), 'CREATE TABLE fresh (id int);');
  const options = { engine, projectName: project, cwd: folder };
  atTheEnd(() => composeDown('store', options));
  await composeUp('store', options);
  const container = `${project}-db`;
  await waitForPostgres(container, { engine });
  const backups = await tempFolder('backups');
  const endpoint = engine === 'podman' ? ['--endpoint', await podmanAddress()] : [];
  const state = await tempFolder('state');
  const rest = ['--folder', backups, ...endpoint];
  return {
    engine,
    container,
    project,
    service: 'db',
    user: 'app',
    database: 'app',
    folder,
    volume: `${project}_data`,
    backups,
    call: (...args) => cli([...args, ...rest], { cwd: folder, state }),
    json: (...args) => cliJson([...args, ...rest], { cwd: folder, state }),
  };
}

const fill = "CREATE TABLE goods AS SELECT i, 'thing ' || i AS name FROM generate_series(1, 1234) AS i; CREATE DATABASE other";
const count = (store: Store): Promise<string> => sql(store, 'app', 'SELECT count(*), sum(i) FROM goods');
const there = '1234|761995';

async function volumeOf({ volume, engine }: Store): Promise<string | undefined> {
  const { code, stdout } = await engineCommand(['volume', 'inspect', '--format', '{{json .Labels}} {{.Driver}}', volume], { engine });
  return code === 0 ? stdout : undefined;
}

async function containerOf({ container, engine }: Store): Promise<string> {
  return (await engineCommand(['inspect', '--format', '{{.Id}}', container], { engine })).stdout.trim();
}

/** Removes the volume through the product and brings it back, with everything as it was. */
async function removeAndRestore(store: Store): Promise<string> {
  const before = await volumeOf(store);
  assert.ok(before !== undefined);
  const name = `${store.project}/db`;
  const unconfirmed = await store.call('volume', 'rm', name, '--yes', '--json');
  assert.equal(unconfirmed.code, 4, unconfirmed.stdout);
  assert.match(unconfirmed.stdout, /APP_ENV=production/);
  assert.equal(await count(store), there);
  const { removed, backups } = await store.json<Removed>('volume', 'rm', name, '--yes', '--confirm', store.project);
  assert.equal(removed, true);
  assert.equal(await volumeOf(store), undefined, 'the volume is still there');
  assert.equal(await containerOf(store), '');
  const [file = ''] = backups;
  assert.ok((await stat(file)).size > 1000);
  const restored = await store.json<{ name: string; started: boolean }>('restore', name, '--file', file, '--yes');
  assert.deepEqual([restored.name, restored.started], [store.volume, true]);
  await waitForPostgres(store.container, store);
  assert.equal(await count(store), there);
  assert.equal(await volumeOf(store), before, 'the volume has other labels than before');
  return file;
}

describe('volumes', () => {
  let store: Store;

  before(async function () {
    this.timeout(180_000);
    store = await startStore('docker');
    await sql(store, 'app', fill);
  });

  it('are listed, measured and looked into', async () => {
    const { volumes } = await store.json<{ volumes: readonly { name: string; service?: string; users: readonly { name: string }[] }[] }>('volume', 'ls');
    const own = volumes.find(({ name }) => name === store.volume);
    assert.deepEqual([own?.service, own?.users.map(({ name }) => name)], ['db', [store.container]]);
    const { sizeBytes } = await store.json<{ sizeBytes: number }>('volume', 'size', store.volume);
    assert.ok(sizeBytes > 20_000_000, `${sizeBytes} bytes`);
    const { clusters } = await store.json<{ clusters: readonly { folder: string; major: number }[] }>('volume', 'inspect', `${store.project}/db`);
    assert.deepEqual(
      clusters.map(({ folder, major }) => [folder, major]),
      [['', 17]],
    );
    assert.equal((await store.call('volume', 'size', 'nothing-of-this-name', '--json')).code, 3);
  });

  it('are cloned while their server runs, mended, and removed with a backup when nobody has them', async function () {
    this.timeout(400_000);
    const clone = `${runName}-clone`;
    const started = await startedAt(store.container);
    await store.json('volume', 'clone', store.volume, '--into', clone);
    assert.equal(await startedAt(store.container), started);
    await engineCommand(['run', '--rm', '--volume', `${clone}:/v`, '--entrypoint', 'chown', 'postgres:17', '-R', '0:0', '/v']);
    const fixed = await store.json<{ strangers: number; owner: string; fixed: boolean }>('volume', 'fix-owner', clone, '--yes');
    assert.ok(fixed.strangers > 900, `${fixed.strangers} files`);
    assert.equal((await store.json<{ strangers: number }>('volume', 'fix-owner', clone, '--dry-run')).strangers, 0);
    const { backups } = await store.json<Removed>('volume', 'rm', clone, '--yes');
    assert.notEqual((await engineCommand(['volume', 'inspect', clone])).code, 0);
    const imported = await store.json<{ databases: readonly string[]; rows: number }>('volume', 'import', backups[0] ?? '', '--into', `${clone}-2`);
    assert.deepEqual([imported.databases.includes('other'), imported.rows], [true, 1234]);
  });

  it('are not removed when there can be no backup, and what was stopped runs again', async () => {
    const before = await volumeOf(store);
    const id = await containerOf(store);
    const file = path.join(await tempFolder('file'), 'no-folder');
    await writeFile(file, '');
    const app = await openApp({ backups: path.join(file, 'backups'), folders: [store.folder] });
    const target = { action: 'remove volume', ...serviceOf(app, store) } as const;
    const { guards } = app.volumes;
    const plan = await guards.plan(target);
    assert.equal(plan.typed, store.project);
    await failureOf(guards.run(plan, target, { typed: store.project }, operation()));
    assert.equal(await volumeOf(store), before);
    assert.equal(await containerOf(store), id);
    await waitForPostgres(store.container);
    assert.equal(await count(store), there);
    assert.deepEqual(await readdir(path.join(app.state, 'halted')), []);
  });

  it('come back after they were removed, also when the server had been killed', async function () {
    this.timeout(400_000);
    await removeAndRestore(store);
    await engineCommand(['kill', store.container]);
    const { backups } = await store.json<Removed>('volume', 'rm', store.volume, '--yes', '--confirm', store.project);
    assert.equal(await volumeOf(store), undefined);
    await store.json('restore', `${store.project}/db`, '--file', backups[0] ?? '', '--yes');
    await waitForPostgres(store.container);
    assert.equal(await count(store), there);
  });

  it('are made anew by a reset, and get their data back', async function () {
    this.timeout(400_000);
    const app = await openApp({ backups: store.backups, folders: [store.folder] });
    const target = { action: 'reset', project: serviceOf(app, store).project } as const;
    const plan = await app.volumes.guards.plan(target);
    assert.deepEqual(
      plan.losses.map(({ fate, backup }) => [fate, backup]),
      [['lost', 'quiet']],
    );
    const { backups } = await app.volumes.guards.run(plan, target, { typed: store.project }, operation());
    await waitForPostgres(store.container);
    assert.equal(await sql(store, 'app', "SELECT to_regclass('goods') IS NULL AND to_regclass('fresh') IS NOT NULL"), 't');
    await app.inventory.refresh();
    const place = serviceOf(app, store);
    const restore = await app.volumeRestores.plan(place, await app.backups.read(backups[0] ?? ''), { skipSafetyBackup: true }, operation());
    await app.volumeRestores.run(restore, place, { skipSafetyBackup: true }, operation());
    assert.equal(await count(store), there);
  });

  it('are moved to another machine and back, as databases with their roles', async function () {
    this.timeout(300_000);
    await sql(store, 'app', "CREATE ROLE clerk LOGIN PASSWORD 'x'; GRANT SELECT ON goods TO clerk; ALTER TABLE goods OWNER TO clerk");
    const to = path.join(await tempFolder('move'), 'store.tar');
    await store.json('export', `${store.project}/db`, '--to', to);
    await sql(store, 'postgres', 'DROP DATABASE app WITH (FORCE)');
    await sql(store, 'postgres', 'DROP ROLE clerk');
    const back = await store.json<{ roles: number; databases: readonly { database: string }[] }>('import', to, '--into', `${store.project}/db`, '--yes');
    assert.deepEqual([back.roles, back.databases.map(({ database }) => database).toSorted()], [1, ['app', 'other']]);
    assert.equal(await count(store), there);
    assert.equal(await sql(store, 'app', "SELECT tableowner FROM pg_tables WHERE tablename = 'goods'"), 'clerk');
  });
});

describe('volumes on Podman', () => {
  it('come back after they were removed', async function () {
    this.timeout(400_000);
    const store = await startStore('podman');
    await sql(store, 'app', fill);
    const file = await removeAndRestore(store);
    await sql(store, 'app', 'DROP TABLE goods');
    const { undo } = await store.json<{ undo: string }>('restore', `${store.project}/db`, '--file', file, '--yes', '--skip-safety-backup');
    assert.equal(await count(store), there);
    await engineCommand(['volume', 'rm', undo], { engine: 'podman' });
  });
});
