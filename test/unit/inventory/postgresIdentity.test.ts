import assert from 'node:assert/strict';
import type { PostgresFlavour } from '../../../src/inventory/imageName';
import { postgresIdentity, type PostgresIdentity } from '../../../src/inventory/postgresIdentity';
import { readServerOptions } from '../../../src/inventory/serverOptions';

const secret = 'hunter2';
const base: PostgresIdentity = { user: 'postgres', database: 'postgres', port: 5432, passwordSource: { kind: 'none' }, files: {} };

describe('postgresIdentity', () => {
  const cases: readonly (readonly [
    title: string,
    env: Readonly<Record<string, string | null>>,
    args: readonly string[],
    expected: Partial<PostgresIdentity>,
    flavour?: PostgresFlavour,
  ])[] = [
    ['nothing set', {}, [], {}],
    ['a password', { POSTGRES_PASSWORD: secret }, ['postgres'], { passwordSource: { kind: 'env', name: 'POSTGRES_PASSWORD' } }],
    ['a user names the database', { POSTGRES_USER: 'reims' }, [], { user: 'reims', database: 'reims' }],
    [
      'user and database',
      { POSTGRES_USER: 'u', POSTGRES_DB: 'd', POSTGRES_PASSWORD: secret },
      [],
      { user: 'u', database: 'd', passwordSource: { kind: 'env', name: 'POSTGRES_PASSWORD' } },
    ],
    ['a secret file', { POSTGRES_PASSWORD_FILE: '/run/secrets/pw' }, [], { passwordSource: { kind: 'file', path: '/run/secrets/pw' } }],
    ['an empty password and a file', { POSTGRES_PASSWORD: '', POSTGRES_PASSWORD_FILE: '/pw' }, [], { passwordSource: { kind: 'file', path: '/pw' } }],
    ['a null from a Compose file', { POSTGRES_PASSWORD: null, POSTGRES_USER: null }, [], {}],
    ['user and database in files', { POSTGRES_USER_FILE: '/u', POSTGRES_DB_FILE: '/d' }, [], { files: { user: '/u', database: '/d' } }],
    ['trust', { POSTGRES_HOST_AUTH_METHOD: 'trust' }, [], {}],
    ['PGDATA', { PGDATA: '/var/lib/postgresql/data/pgdata' }, ['postgres'], { pgdata: '/var/lib/postgresql/data/pgdata' }],
    ['-D over PGDATA', { PGDATA: '/a' }, ['postgres', '-D', '/b'], { pgdata: '/b' }],
    ['data_directory over PGDATA', { PGDATA: '/a' }, ['-c', 'data_directory=/c'], { pgdata: '/c' }],
    ['PGPORT', { PGPORT: '5433' }, ['postgres'], { port: 5433 }],
    ['-p over PGPORT', { PGPORT: '5433' }, ['postgres', '-p', '5434'], { port: 5434 }],
    ['a port that is none', { PGPORT: 'x' }, ['postgres', '-p', '0'], {}],
    ['arguments without the program', {}, ['-c', 'port=6000'], { port: 6000 }],
    ['arguments behind an entrypoint', {}, ['docker-entrypoint.sh', 'postgres', '--port=6000'], { port: 6000 }],
    ['arguments in a shell text', {}, ['-c', "exec docker-entrypoint.sh postgres -c 'port = 6000'"], { port: 6000 }],
    ['ports of clients do not count', {}, ['psql', '-p', '6000'], {}],
    ['names of object members', { constructor: 'x' }, [], {}],
    [
      'bitnami',
      {
        BITNAMI_APP_NAME: 'postgresql',
        POSTGRESQL_PASSWORD: secret,
        POSTGRESQL_DATABASE: 'shop',
        POSTGRESQL_PORT_NUMBER: '5433',
        POSTGRESQL_DATA_DIR: '/bitnami/postgresql/data',
      },
      ['/opt/bitnami/scripts/postgresql/run.sh'],
      { database: 'shop', port: 5433, pgdata: '/bitnami/postgresql/data', passwordSource: { kind: 'env', name: 'POSTGRESQL_PASSWORD' } },
    ],
    [
      'bitnami with an ordinary user',
      { POSTGRESQL_USERNAME: 'app', POSTGRESQL_PASSWORD: secret },
      [],
      { user: 'app', passwordSource: { kind: 'env', name: 'POSTGRESQL_PASSWORD' } },
    ],
    [
      "bitnami with the superuser's password too",
      { POSTGRESQL_USERNAME: 'app', POSTGRESQL_PASSWORD: secret, POSTGRESQL_POSTGRES_PASSWORD: secret, POSTGRESQL_DATABASE: 'shop' },
      [],
      { database: 'shop', passwordSource: { kind: 'env', name: 'POSTGRESQL_POSTGRES_PASSWORD' } },
    ],
    ['bitnami from files', { POSTGRESQL_USERNAME: 'app', POSTGRESQL_PASSWORD_FILE: '/pw' }, [], { user: 'app', passwordSource: { kind: 'file', path: '/pw' } }],
    [
      'bitnami by its image, with the official names',
      { POSTGRES_USER: 'app', POSTGRES_PASSWORD: secret },
      [],
      { user: 'app', database: 'postgres', passwordSource: { kind: 'env', name: 'POSTGRES_PASSWORD' } },
      'bitnami',
    ],
    [
      'Red Hat',
      { POSTGRESQL_USER: 'app', POSTGRESQL_PASSWORD: secret, POSTGRESQL_DATABASE: 'shop' },
      ['run-postgresql'],
      { user: 'app', database: 'shop', passwordSource: { kind: 'env', name: 'POSTGRESQL_PASSWORD' } },
    ],
    ['Red Hat as administrator', { POSTGRESQL_ADMIN_PASSWORD: secret }, [], { passwordSource: { kind: 'env', name: 'POSTGRESQL_ADMIN_PASSWORD' } }],
    ['spilo', { PGPASSWORD_SUPERUSER: secret, PGUSER_SUPERUSER: 'root' }, [], { user: 'root', passwordSource: { kind: 'env', name: 'PGPASSWORD_SUPERUSER' } }],
  ];
  for (const [title, env, args, expected, flavour] of cases) {
    it(title, () => {
      const identity = postgresIdentity(env, args, flavour);
      assert.deepEqual(identity, { ...base, ...expected });
      assert.ok(!JSON.stringify(identity).includes(secret), 'holds the password');
    });
  }
});

describe('readServerOptions', () => {
  const cases: readonly (readonly [words: readonly string[], expected: object])[] = [
    [[], {}],
    [['-p', '1'], { port: 1 }],
    [['-p1'], { port: 1 }],
    [['-p', ' 1 '], { port: 1 }],
    [['-c', 'port=1'], { port: 1 }],
    [['-cport=1'], { port: 1 }],
    [['-c', ' PORT = 1 '], { port: 1 }],
    [['--port=1'], { port: 1 }],
    [['-p', '1', '-c', 'port=2'], { port: 2 }],
    [['-c', 'port=2', '-p', '1'], { port: 1 }],
    [['-D', '/d', '--data-directory=/e'], { dataDirectory: '/e' }],
    [['-c', "data_directory='/f g'"], { dataDirectory: '/f g' }],
    [['-c', 'config_file=/x', '-c', 'listen_addresses=*'], {}],
    [['-p'], {}],
    [['-c'], {}],
    [['-c', 'port=70000'], {}],
  ];
  for (const [words, expected] of cases) it(JSON.stringify(words), () => assert.deepEqual(readServerOptions(words), expected));
});
