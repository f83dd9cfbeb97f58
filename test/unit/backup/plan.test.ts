import assert from 'node:assert/strict';
import path from 'node:path';
import { defaultOptions, type BackupOptions } from '../../../src/backup/options';
import { backupFolder, planBackup, type BackupCircumstances } from '../../../src/backup/plan';
import type { Engine } from '../../../src/engine/engine';
import type { PostgresServer } from '../../../src/postgres/server';
import { databaseOf, projectOf, serviceOf } from '../inventory/inventoryParts';
import { rejectsWith } from '../operations/rejectsWith';

const shop = projectOf('shop', []);
const { folder: _, ...homeless } = projectOf('a/b:c\\d', []);

describe('backupFolder', () => {
  for (const [title, project, wished, setting, expected] of [
    ['the project’s own by default', shop, undefined, '', '/work/shop/backups'],
    ['a relative setting, from the project', shop, undefined, 'data/dumps', '/work/shop/data/dumps'],
    ['a setting that leads upwards', shop, undefined, '../all', '/work/all'],
    ['an absolute setting', shop, undefined, '/srv/dumps', '/srv/dumps'],
    ['a wish before the setting', shop, '/mnt/usb', '/srv/dumps', '/mnt/usb'],
    ['an empty wish as none', shop, '', '/srv/dumps', '/srv/dumps'],
    ['a relative wish, from where the user is', shop, 'here', '/srv/dumps', path.resolve('here')],
    ['the fallback for a project without a folder', homeless, undefined, '', '/fallback/a-b-c-d/backups'],
    ['a relative setting below the fallback', homeless, undefined, 'x', '/fallback/a-b-c-d/x'],
    ['the fallback for a folder of another kind of host', projectOf('win', [], { folder: 'C:\\work\\win' }), undefined, '', '/fallback/win/backups'],
  ] as const) {
    it(`takes ${title}`, function () {
      if (process.platform === 'win32') this.skip();
      assert.equal(backupFolder(project, wished, setting, '/fallback'), expected);
    });
  }
});

const password = 'hunter2';
const server: PostgresServer = {
  engine: {} as Engine,
  container: 'c1',
  user: 'app user',
  maintenanceDatabase: 'postgres',
  port: 5433,
  password: { kind: 'env', name: 'POSTGRES_PASSWORD' },
};
const facts: BackupCircumstances = {
  now: new Date(2026, 10, 7, 3, 0, 0),
  id: '0b8c3f1e',
  encrypted: false,
  tools: { version: '17.2', compression: 'zstd:1', processors: 4, programs: ['tar', 'gzip'], room: { folder: '/tmp', freeBytes: 1e12 } },
  preflight: { socketDirectory: '/var/run/postgresql', connectionsLeft: 90 },
  freeBytes: 1e9,
  lastSizeBytes: undefined,
  taken: () => false,
};
const planOf = (database: string, rest: Partial<BackupCircumstances> = {}, sizeBytes = 2_000_000, options: Partial<BackupOptions> = {}) =>
  planBackup(
    { project: shop, service: serviceOf('shop', 'db', []), database: databaseOf(database, { sizeBytes }) },
    server,
    '/backups',
    { ...defaultOptions, ...options },
    { ...facts, ...rest },
  );

describe('planBackup', () => {
  it('dumps whole, compressed, in custom format, through the socket, and waits only so long for locks', () => {
    assert.deepEqual(planOf('app'), {
      folder: '/backups',
      fileName: 'shop_app_20261107_030000.dump',
      shape: { format: 'custom', jobs: 1, compression: 'zstd:1', extension: '.dump' },
      dumpArguments: [
        'pg_dump',
        '--host',
        '/var/run/postgresql',
        '--port',
        '5433',
        '--username',
        'app user',
        '--no-password',
        '--verbose',
        '--format=custom',
        '--compress=zstd:1',
        '--lock-wait-timeout=60000',
        `--dbname=dbname='app'`,
      ],
      needsBytes: 100_000,
    });
  });

  for (const [title, options, expected, fileName] of [
    ['the structure alone', { scope: 'schema' }, ['--schema-only'], '_schema.dump'],
    ['the rows alone', { scope: 'data' }, ['--data-only'], '_data.dump'],
    ['one table', { scope: 'tables', tables: ['public.users'] }, ['--strict-names', '--table=public.users'], '_users.dump'],
    [
      'a table called like what lies beside a backup',
      { scope: 'tables', tables: ['auth.roles'] },
      ['--strict-names', '--table=auth.roles'],
      '_auth-roles.dump',
    ],
    [
      'several tables, whatever they are called',
      { scope: 'tables', tables: ['a."b ""c"', '"x*".y'] },
      ['--strict-names', '--table=a."b ""c"', '--table="x*".y'],
      '_2-tables.dump',
    ],
    ['a parallel dump', { format: 'directory' }, ['--format=directory', '--jobs=4'], '030000.tar'],
    ['SQL', { format: 'plain', compression: 'gzip' }, ['--format=plain'], '030000.sql.gz'],
  ] as const) {
    it(`dumps ${title}`, () => {
      const plan = planOf('app', {}, 2_000_000, options);
      for (const word of expected) assert.ok(plan.dumpArguments.includes(word), word);
      assert.ok(plan.fileName.endsWith(fileName), plan.fileName);
    });
  }

  it('says in the name that it is encrypted', () => {
    assert.equal(planOf('app', { encrypted: true }).fileName, 'shop_app_20261107_030000.dump.age');
  });

  it('gathers a parallel dump in a folder of its own', () => {
    assert.equal(planOf('app', {}, 2_000_000, { format: 'directory' }).workFolder, '/tmp/container-databases-0b8c3f1e');
  });

  it('refuses to dump no table at all', () => rejectsWith('TABLES_MISSING', () => planOf('app', {}, 1, { scope: 'tables' })));

  it('goes by TCP where the server has no socket file', () => {
    assert.deepEqual(planOf('app', { preflight: { socketDirectory: '', connectionsLeft: 90 } }).dumpArguments.slice(1, 3), ['--host', '127.0.0.1']);
  });

  it('has no password in its arguments, whatever the source', () => {
    assert.ok(!JSON.stringify(planOf('app')).includes(password));
    assert.ok(planOf('app').dumpArguments.includes('--no-password'));
  });

  for (const [name, expected] of [
    ['app', `dbname='app'`],
    [`it's`, String.raw`dbname='it\'s'`],
    ['back\\slash', String.raw`dbname='back\\slash'`],
    ['a=b', `dbname='a=b'`],
    ['postgres://evil/x?sslmode=off', `dbname='postgres://evil/x?sslmode=off'`],
    [`x' host='evil`, String.raw`dbname='x\' host=\'evil'`],
    ['with space', `dbname='with space'`],
    ['🐘', `dbname='🐘'`],
    ['-Fp', `dbname='-Fp'`],
    ['', `dbname=''`],
  ] as const) {
    it(`names the database ${JSON.stringify(name)} so that libpq takes it for a name`, () => {
      assert.equal(planOf(name).dumpArguments.at(-1), `--dbname=${expected}`);
    });
  }

  for (const [title, rest, sizeBytes, refused] of [
    ['there is too little for what is plausible', { freeBytes: 99_999 }, 2_000_000, true],
    ['there is just enough for what is plausible', { freeBytes: 100_000 }, 2_000_000, false],
    ['there is less than the last backup took', { freeBytes: 499_999, lastSizeBytes: 500_000 }, 2_000_000, true],
    ['there is as much as the last backup took', { freeBytes: 500_000, lastSizeBytes: 500_000 }, 2e12, false],
    ['the disk is full', { freeBytes: 0 }, 8_000_000, true],
    ['free space cannot be told', { freeBytes: undefined }, 2e12, false],
  ] as const) {
    it(`${refused ? 'refuses' : 'goes on'} when ${title}`, async () => {
      if (refused) assert.ok((await rejectsWith('DISK_FULL', () => planOf('app', rest, sizeBytes))).message.includes('/backups'));
      else assert.doesNotThrow(() => planOf('app', rest, sizeBytes));
    });
  }
});
