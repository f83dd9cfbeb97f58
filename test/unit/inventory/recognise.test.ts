import assert from 'node:assert/strict';
import type { PostgresFlavour } from '../../../src/inventory/imageName';
import { isPostgresProcess, possiblePostgres, recognisePostgres, type InspectedContainer, type Recognition } from '../../../src/inventory/recognise';

const secret = 'hunter2';
/** What every image built from the official one brings along. */
const inherited = { PG_MAJOR: '17', PG_VERSION: '17.2-1.pgdg120+1', PGDATA: '/var/lib/postgresql/data', LANG: 'en_US.utf8' };
const data = '/var/lib/postgresql/data';

interface Sample {
  readonly image: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  readonly mounts?: readonly string[];
}

function inspected({ image, argv, env = {}, ports = [], mounts = [] }: Sample): InspectedContainer {
  const [path = '', ...args] = argv;
  return { image, path, args, entrypoint: [], cmd: [], env, exposedPorts: ports, mountTargets: mounts };
}

/** As the list has it: a word with a blank is quoted, and a stopped container has no ports. */
function possible({ image, argv, ports = [], mounts = [] }: Sample): boolean {
  const command = argv.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
  return possiblePostgres({ image, command, labels: {}, privatePorts: ports, mountTargets: mounts });
}

const official = { env: { ...inherited, POSTGRES_PASSWORD: secret }, ports: [5432], mounts: [data] };
const entrypoint = 'docker-entrypoint.sh';

const servers: readonly (readonly [title: string, flavour: PostgresFlavour, sample: Sample])[] = [
  ['the official image', 'official', { ...official, image: 'postgres:17', argv: [entrypoint, 'postgres'] }],
  ['with settings', 'official', { ...official, image: 'postgres:17', argv: [entrypoint, 'postgres', '-c', 'max_connections=50'] }],
  ['with options only', 'official', { ...official, image: 'postgres:17', argv: [entrypoint, '-c', 'max_connections=50'] }],
  ['under Podman', 'official', { ...official, image: 'localhost/postgres:17', argv: [entrypoint, 'postgres'] }],
  ['that a client uses too', 'official', { ...official, image: 'postgres:17', argv: [entrypoint, 'postgres'], env: { ...inherited, PGHOST: 'replica' } }],
  [
    'through a shell',
    'official',
    { ...official, image: 'postgres:17', argv: ['/bin/sh', '-c', 'chown postgres /certs/key && exec docker-entrypoint.sh postgres'] },
  ],
  ['Postgres 18', 'official', { ...official, image: 'postgres:18', argv: [entrypoint, 'postgres'], mounts: ['/var/lib/postgresql'] }],
  ['an image without a name', 'custom', { ...official, image: 'sha256:67c5a86b6d9f', argv: [entrypoint, 'postgres'] }],
  ['a build of a project', 'custom', { ...official, image: 'shop-db', argv: [entrypoint, 'postgres'] }],
  ['a build called backup', 'custom', { ...official, image: 'backup-postgres', argv: [entrypoint, 'postgres'] }],
  ['a build of postgis', 'postgis', { ...official, image: 'shop-db', argv: [entrypoint, 'postgres'], env: { ...inherited, POSTGIS_MAJOR: '3' } }],
  ['a build of nothing known', 'custom', { image: 'x', argv: ['/opt/pg/bin/postgres', '-D', '/d'] }],
  [
    'bitnami',
    'bitnami',
    {
      image: 'bitnami/postgresql:17',
      argv: ['/opt/bitnami/scripts/postgresql/entrypoint.sh', '/opt/bitnami/scripts/postgresql/run.sh'],
      env: { BITNAMI_APP_NAME: 'postgresql', POSTGRESQL_PASSWORD: secret },
      ports: [5432],
      mounts: ['/bitnami/postgresql'],
    },
  ],
  [
    'a build of bitnami',
    'bitnami',
    {
      image: 'shop-db',
      argv: ['/opt/bitnami/scripts/postgresql/entrypoint.sh', '/opt/bitnami/scripts/postgresql/run.sh'],
      env: { BITNAMI_APP_NAME: 'postgresql' },
    },
  ],
  [
    'supabase',
    'supabase',
    {
      image: 'public.ecr.aws/supabase/postgres:15.8.1',
      argv: [entrypoint, 'postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf', '-c', 'log_min_messages=fatal'],
    },
  ],
  ['timescale', 'timescale', { ...official, image: 'timescale/timescaledb:latest-pg17', argv: [entrypoint, 'postgres'] }],
  [
    'timescale-ha',
    'timescale',
    { image: 'timescale/timescaledb-ha:pg17', argv: ['/docker-entrypoint.sh', 'postgres'], mounts: ['/home/postgres/pgdata/data'] },
  ],
  ['postgis', 'postgis', { ...official, image: 'postgis/postgis:17-3.5', argv: [entrypoint, 'postgres'] }],
  ['kartoza', 'postgis', { image: 'kartoza/postgis:16', argv: ['/bin/sh', '-c', '/scripts/docker-entrypoint.sh'], mounts: ['/var/lib/postgresql'] }],
  ['pgvector', 'pgvector', { ...official, image: 'pgvector/pgvector:pg17', argv: [entrypoint, 'postgres'] }],
  ['ankane', 'pgvector', { ...official, image: 'ankane/pgvector', argv: [entrypoint, 'postgres'] }],
  [
    'immich',
    'pgvector',
    {
      ...official,
      image: 'ghcr.io/immich-app/postgres:14',
      argv: ['/usr/local/bin/immich-docker-entrypoint.sh', 'postgres', '-c', 'config_file=/etc/postgresql/postgresql.conf'],
    },
  ],
  [
    'spilo',
    'spilo',
    { image: 'ghcr.io/zalando/spilo-15:3.0-p1', argv: ['/bin/sh', '/launch.sh', 'init'], ports: [5432, 8008], env: { PGHOME: '/home/postgres' } },
  ],
  [
    'crunchy',
    'crunchy',
    {
      image: 'registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-16',
      argv: ['/opt/crunchy/bin/uid_postgres.sh', '/opt/crunchy/bin/postgres/start.sh'],
      mounts: ['/pgdata'],
    },
  ],
  ['Red Hat', 'redhat', { image: 'quay.io/sclorg/postgresql-15-c9s', argv: ['container-entrypoint', 'run-postgresql'], mounts: ['/var/lib/pgsql/data'] }],
  ['EDB', 'edb', { image: 'quay.io/enterprisedb/postgresql:16', argv: ['postgres', '-D', '/var/lib/postgresql/data'] }],
  ['patroni', 'custom', { image: 'shop-patroni', argv: ['/usr/bin/tini', '--', 'patroni', '/etc/patroni.yml'] }],
];

const unrelated: readonly (readonly [title: string, reason: RegExp, sample: Sample])[] = [
  ['a worker on the image', /worker\.sh/, { ...official, image: 'postgres:17', argv: [entrypoint, 'bash', '/scripts/worker.sh'] }],
  ['a prop of the lab', /session\.sh/, { ...official, image: 'postgres:17', argv: ['/bin/bash', '/props/session.sh'] }],
  [
    'a one-shot init',
    /init\.sh/,
    { ...official, image: 'postgres:17', argv: ['/bin/bash', '/db-init/init.sh'], env: { ...inherited, PGHOST: 'postgres', PGPASSWORD: secret } },
  ],
  ['psql', /psql/, { ...official, image: 'postgres:17', argv: [entrypoint, 'psql', '-h', 'db', `postgres://u:${secret}@db/x`] }],
  ['pg_dump in a loop', /runs/, { ...official, image: 'postgres:17', argv: ['sh', '-c', 'while true; do pg_dump $URL > /b/x; sleep 3600; done'] }],
  [
    'a wait for the server',
    /pg_isready|echo|sleep/,
    { ...official, image: 'postgres:17', argv: ['sh', '-c', 'until pg_isready -h db; do sleep 1; done; echo ready'] },
  ],
  ['a shell', /bash/, { ...official, image: 'postgres:17', argv: [entrypoint, 'bash'] }],
  ['a sleeping one', /sleep/, { ...official, image: 'postgres:17', argv: [entrypoint, 'sleep', 'infinity'] }],
  [
    'a backup image',
    /tool/,
    {
      image: 'prodrigestivill/postgres-backup-local:17',
      argv: ['/init.sh'],
      env: { ...inherited, POSTGRES_HOST: 'db', POSTGRES_PASSWORD: secret },
      mounts: [data, '/backups'],
      ports: [5432, 8080],
    },
  ],
  ['another backup image', /elsewhere/, { image: 'acme/nightly', argv: ['/entry'], env: { ...inherited, POSTGRES_HOST: 'db' }, mounts: [data], ports: [5432] }],
  ['a client by URL', /elsewhere/, { image: 'acme/nightly', argv: ['/entry'], env: { ...inherited, DATABASE_URL: `postgres://u:${secret}@db/x` } }],
  ['pgAdmin', /tool/, { image: 'dpage/pgadmin4:9', argv: ['/entrypoint.sh'], env: { PGADMIN_DEFAULT_PASSWORD: secret }, ports: [80, 443] }],
  [
    'pgbouncer',
    /tool/,
    { image: 'edoburu/pgbouncer', argv: ['/entrypoint.sh', '/usr/bin/pgbouncer', '/etc/pgbouncer/pgbouncer.ini'], ports: [5432], env: { DB_HOST: 'db' } },
  ],
  ['pgbouncer of a build', /pgbouncer/, { image: 'shop-pool', argv: ['/usr/bin/pgbouncer', '/etc/pgbouncer.ini'], ports: [5432] }],
  [
    'pgpool',
    /tool/,
    {
      image: 'bitnami/pgpool:4',
      argv: ['/opt/bitnami/scripts/pgpool/entrypoint.sh', '/opt/bitnami/scripts/pgpool/run.sh'],
      env: { BITNAMI_APP_NAME: 'pgpool' },
      ports: [5432],
    },
  ],
  ['an exporter', /tool/, { image: 'quay.io/prometheuscommunity/postgres-exporter', argv: ['/bin/postgres_exporter'], ports: [9187] }],
  ['postgrest', /tool/, { image: 'postgrest/postgrest', argv: ['/bin/postgrest'], ports: [3000] }],
  ['adminer', /tool/, { image: 'adminer', argv: ['entrypoint.sh', 'docker-php-entrypoint', 'php', '-S', '[::]:8080'], ports: [8080] }],
  [
    'an application',
    /node/,
    { image: 'shop-api', argv: [entrypoint, 'node', 'dist/main.js'], env: { DATABASE_URL: `postgres://u:${secret}@db/x`, POSTGRES_PASSWORD: secret } },
  ],
  ['MySQL', /nothing/, { image: 'mysql:8', argv: [entrypoint, 'mysqld'], ports: [3306] }],
  ['redis', /redis-server/, { image: 'redis:7', argv: [entrypoint, 'redis-server'], ports: [6379] }],
  ['an unknown program', /nothing/, { image: 'acme/x', argv: ['/app/server'], ports: [8080] }],
  ["a pod's pause", /tool/, { image: 'localhost/podman-pause:4.3.1-0', argv: ['/catatonit', '-P'], ports: [5432] }],
];

const unclear: readonly (readonly [title: string, sample: Sample])[] = [
  ['a supervisor on a build of the image', { ...official, image: 'shop-db', argv: ['/usr/bin/supervisord', '-n'] }],
  ['a supervisor on the image itself', { ...official, image: 'postgres:17', argv: ['/usr/bin/supervisord', '-n'] }],
  ['a start script', { ...official, image: 'shop-db', argv: ['/start.sh'] }],
  ['an entrypoint alone', { ...official, image: 'sameersbn/postgresql', argv: ['/sbin/entrypoint.sh'] }],
  ['an own program', { ...official, image: 'shop-db', argv: ['/usr/local/bin/mydb'], env: { ...inherited, PGHOST: '/var/run/postgresql' } }],
  ['s6', { image: 'acme/all-in-one', argv: ['/init'], ports: [80, 5432] }],
];

describe('recognisePostgres', () => {
  for (const [title, flavour, sample] of servers) {
    it(`server: ${title}`, () => {
      const recognition = recognisePostgres(inspected(sample));
      assert.ok(recognition.verdict === 'server', JSON.stringify(recognition));
      assert.equal(recognition.flavour, flavour);
      assert.ok(recognition.evidence.length > 0);
    });
  }
  for (const [title, reason, sample] of unrelated) {
    it(`unrelated: ${title}`, () => {
      const recognition = recognisePostgres(inspected(sample));
      assert.ok(recognition.verdict === 'unrelated', JSON.stringify(recognition));
      assert.match(recognition.reason, reason);
    });
  }
  for (const [title, sample] of unclear) {
    it(`unclear: ${title}`, () => assert.equal(recognisePostgres(inspected(sample)).verdict, 'unclear'));
  }

  it('never shows a secret', () => {
    const samples = [...servers.map(([, , sample]) => sample), ...unrelated.map(([, , sample]) => sample), ...unclear.map(([, sample]) => sample)];
    for (const sample of samples) assert.ok(!JSON.stringify(recognisePostgres(inspected(sample))).includes(secret));
  });

  it('says what it saw', () => {
    const recognition = recognisePostgres(inspected({ ...official, image: 'postgres:17', argv: [entrypoint, 'postgres'] }));
    assert.deepEqual(recognition, {
      verdict: 'server',
      flavour: 'official',
      evidence: ['runs postgres', 'image postgres:17', 'sets PGDATA', 'sets PG_MAJOR', 'sets POSTGRES_PASSWORD', 'exposes port 5432', `mounts ${data}`],
    } satisfies Recognition);
  });

  it('takes entrypoint and command where the engine gives no path', () => {
    const sample = { ...inspected({ ...official, image: 'shop-db', argv: [] }), entrypoint: [entrypoint] };
    assert.equal(recognisePostgres({ ...sample, cmd: ['postgres'] }).verdict, 'server');
    assert.equal(recognisePostgres({ ...sample, cmd: ['psql'] }).verdict, 'unrelated');
  });
});

describe('possiblePostgres', () => {
  for (const [title, , sample] of servers) {
    it(`looks closer at a server: ${title}`, () => {
      assert.equal(possible(sample), true);
      assert.equal(possible({ ...sample, ports: [] }), true, 'stopped');
    });
  }
  for (const [title, sample] of unclear) it(`looks closer at what is unclear: ${title}`, () => assert.equal(possible(sample), true));

  // Those that only inspection can tell apart.
  const hidden = new Set(['another backup image']);
  for (const [title, , sample] of unrelated.filter(([one]) => !hidden.has(one))) it(`leaves alone: ${title}`, () => assert.equal(possible(sample), false));

  it('looks closer where the engine gives no command', () => {
    assert.equal(possible({ image: 'localhost/postgres:17', argv: [] }), true);
    assert.equal(possible({ image: 'shop-db', argv: [], mounts: [data] }), true);
    assert.equal(possible({ image: 'shop-db', argv: [], ports: [5432] }), true);
    assert.equal(possible({ image: 'shop-web', argv: [] }), false);
  });

  it('leaves alone 180 of 200 containers of every kind', () => {
    const kinds: readonly Sample[] = [
      { image: 'nginx:1', argv: ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'], ports: [80] },
      { image: 'redis:7', argv: [entrypoint, 'redis-server'], ports: [6379] },
      { image: 'mysql:8', argv: [entrypoint, 'mysqld'], ports: [3306], mounts: ['/var/lib/mysql'] },
      { image: 'mongo:7', argv: [entrypoint, 'mongod'], ports: [27017], mounts: ['/data/db'] },
      { image: 'rabbitmq:3', argv: [entrypoint, 'rabbitmq-server'], ports: [5672] },
      { image: 'shop-api', argv: [entrypoint, 'node', 'main.js'], ports: [3000] },
      { image: 'minio/minio', argv: ['/usr/bin/docker-entrypoint.sh', 'server', '/data'], ports: [9000] },
      { image: 'traefik', argv: ['/entrypoint.sh', '--api'], ports: [80] },
      { image: 'grafana/grafana', argv: ['/run.sh'], ports: [3000], mounts: ['/var/lib/grafana'] },
    ];
    const all = Array.from({ length: 200 }, (_, index) =>
      index % 10 === 0 ? { ...official, image: 'shop-db', argv: [entrypoint, 'postgres'] } : (kinds[index % 9] ?? { image: 'x', argv: [] }),
    );
    assert.equal(all.filter(possible).length, 20);
  });
});

describe('isPostgresProcess', () => {
  const yes = [
    'postgres',
    'postgres -D /var/lib/postgresql/data',
    '/usr/lib/postgresql/15/bin/postgres -D /d -c port=5433',
    'postgres: checkpointer ',
    'postgres: 17/main: background writer',
    'postgres: app shop 172.18.0.3(5432) idle',
    'postmaster -D /d',
    '  postgres: walwriter',
  ];
  const no = [
    '',
    'psql postgres',
    'bash /scripts/worker.sh',
    'bash docker-entrypoint.sh postgres',
    'pg_dump postgres',
    'postgres_exporter',
    '/bin/postgrest',
    'node postgres',
    'tail -f postgres.log',
    'sh -c postgres',
  ];
  for (const command of yes) it(`yes: ${command}`, () => assert.equal(isPostgresProcess(command), true));
  for (const command of no) it(`no: ${command}`, () => assert.equal(isPostgresProcess(command), false));
});
