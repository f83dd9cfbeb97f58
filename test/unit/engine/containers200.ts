import { createHash } from 'node:crypto';
import { randomFrom } from '../compose/random';

/** One container as it is described here; what an engine says of it is made from that. */
interface Description {
  readonly name: string;
  readonly image: string;
  /** Entrypoint and command put together, the way the engine runs them. */
  readonly argv: readonly string[];
  readonly state?: 'running' | 'exited' | 'created' | 'paused';
  readonly env?: readonly string[];
  readonly ports?: readonly number[];
  readonly published?: number;
  readonly mounts?: readonly { readonly volume?: string; readonly bind?: string; readonly target: string }[];
  readonly project?: string;
  readonly service?: string;
  readonly dependsOn?: string;
  readonly oneOff?: boolean;
  readonly isServer: boolean;
  /** Told by its processes only. */
  readonly processes?: readonly string[];
}

const official = ['docker-entrypoint.sh', 'postgres'];
const data = '/var/lib/postgresql/data';

/** Twenty Postgres servers of all kinds. */
const servers: readonly Description[] = [
  server('reims', 'postgres', { image: 'postgres:17', published: 5432, mounts: [{ volume: 'reims_postgres_data', target: data }] }),
  server('bigskies', 'db', { image: 'postgres:15-alpine', published: 5433, mounts: [{ volume: 'bigskies_pg', target: data }] }),
  server('expenses', 'db', { image: 'postgres:13', mounts: [{ bind: '/home/me/expenses/pgdata', target: data }] }),
  server('expenses-prod', 'db', { image: 'postgres:13', state: 'exited', mounts: [{ volume: 'expenses-prod_data', target: data }] }),
  server('next', 'pg', { image: 'postgres:18', env: ['PG_MAJOR=18'], mounts: [{ volume: 'next_pg', target: '/var/lib/postgresql' }] }),
  server('next', 'pg-replica', { image: 'postgres:18', argv: ['docker-entrypoint.sh', 'postgres', '-c', 'hot_standby=on'] }),
  server('geo', 'gis', { image: 'postgis/postgis:16-3.4', mounts: [{ volume: 'geo_gis', target: data }] }),
  server('metrics', 'timescale', {
    image: 'timescale/timescaledb-ha:pg16',
    argv: ['/docker-entrypoint.sh', 'postgres'],
    mounts: [{ volume: 'ts', target: '/home/postgres/pgdata' }],
  }),
  server('search', 'vectors', { image: 'pgvector/pgvector:pg17' }),
  server('legacy', 'postgresql', {
    image: 'bitnami/postgresql:16',
    argv: ['/opt/bitnami/scripts/postgresql/entrypoint.sh', '/opt/bitnami/scripts/postgresql/run.sh'],
    env: ['POSTGRESQL_USERNAME=legacy', 'POSTGRESQL_PASSWORD=x', 'BITNAMI_APP_NAME=postgresql'],
    mounts: [{ volume: 'legacy_pg', target: '/bitnami/postgresql' }],
  }),
  server('supa', 'db', { image: 'supabase/postgres:15.6.1', argv: ['docker-entrypoint.sh', 'postgres', '-D', '/etc/postgresql'] }),
  server('photos', 'database', { image: 'ghcr.io/immich-app/postgres:14-vectorchord0.3.0', mounts: [{ bind: '/srv/photos/db', target: data }] }),
  server('fastapi', 'db', { image: 'registry.example.com:5000/mirror/postgres:17', published: 5440 }),
  server('shop', 'database', {
    image: 'shop-database',
    argv: official,
    env: ['PGDATA=/pgdata', 'PG_MAJOR=16'],
    mounts: [{ volume: 'shop_db', target: '/pgdata' }],
  }),
  server('shop', 'analytics', { image: 'shop-database', argv: ['tini', '--', 'docker-entrypoint.sh', 'postgres', '-p', '5455'], ports: [5455] }),
  server('old', 'pg', { image: 'postgres:9.6', state: 'exited' }),
  server('never', 'db', { image: 'postgres:17', state: 'created' }),
  server('paused', 'db', { image: 'postgres:17', state: 'paused' }),
  { ...server('', '', { image: 'postgres:17' }), name: 'scratchpad', mounts: [{ target: data }] },
  {
    ...server('ours', 'store', { image: 'ours/store:3', argv: ['/usr/local/bin/boot'], env: ['POSTGRES_PASSWORD=x'], ports: [5432] }),
    processes: ['/usr/local/bin/boot', '/usr/lib/postgresql/16/bin/postgres -D /data', 'postgres: checkpointer'],
  },
];

/** What is near Postgres without being one. */
const neighbours: readonly Description[] = [
  other('reims-db-init-1', 'postgres:17', ['docker-entrypoint.sh', 'sh', '-c', 'psql -h postgres -f /seed.sql'], {
    project: 'reims',
    service: 'db-init',
    state: 'exited',
  }),
  other('reims-backup-1', 'postgres:17', ['docker-entrypoint.sh', 'sh', '/backup.sh'], { project: 'reims', service: 'backup', env: ['PGHOST=postgres'] }),
  other('reims-psql-run-1', 'postgres:17', official, { project: 'reims', service: 'postgres', oneOff: true }),
  other('reims-pgadmin-1', 'dpage/pgadmin4:8', ['/entrypoint.sh'], { project: 'reims', service: 'pgadmin' }),
  other('bigskies-pgbouncer-1', 'edoburu/pgbouncer:1.22', ['/entrypoint.sh', '/usr/bin/pgbouncer'], {
    ports: [5432],
    project: 'bigskies',
    service: 'pgbouncer',
  }),
  other('metrics-exporter-1', 'prometheuscommunity/postgres-exporter', ['/bin/postgres_exporter'], { project: 'metrics', service: 'exporter' }),
  other('legacy-wait-1', 'postgres:17-alpine', ['docker-entrypoint.sh', 'pg_isready', '-h', 'postgresql'], {
    project: 'legacy',
    service: 'wait',
    state: 'exited',
  }),
  other('supa-rest-1', 'postgrest/postgrest:v12', ['postgrest'], { project: 'supa', service: 'rest' }),
  other('ours-sync-1', 'ours/pg-sync:3', ['/usr/local/bin/boot'], {
    env: ['DATABASE_URL=postgres://u:p@store/x', 'POSTGRES_PASSWORD=x'],
    project: 'ours',
    service: 'sync',
  }),
];

const everyday: readonly (readonly [image: string, argv: readonly string[], port: number])[] = [
  ['nginx:1.27', ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'], 80],
  ['redis:7-alpine', ['docker-entrypoint.sh', 'redis-server'], 6379],
  ['node:22', ['docker-entrypoint.sh', 'node', 'server.js'], 3000],
  ['acme/web', ['docker-entrypoint.sh', 'npm', 'start'], 8080],
  ['acme/api', ['uvicorn', 'main:app', '--host', '0.0.0.0'], 8000],
  ['acme/worker', ['celery', '-A', 'tasks', 'worker'], 0],
  ['mysql:8', ['docker-entrypoint.sh', 'mysqld'], 3306],
  ['mongo:7', ['docker-entrypoint.sh', 'mongod'], 27_017],
  ['rabbitmq:3-management', ['docker-entrypoint.sh', 'rabbitmq-server'], 5672],
  ['minio/minio', ['/usr/bin/docker-entrypoint.sh', 'server', '/data'], 9000],
  ['grafana/grafana:11', ['/run.sh'], 3000],
  ['prom/prometheus', ['/bin/prometheus', '--config.file=/etc/prometheus/prometheus.yml'], 9090],
  ['traefik:v3', ['/entrypoint.sh', 'traefik'], 80],
  ['python:3.12', ['python', '-m', 'http.server'], 8000],
];

function server(project: string, service: string, rest: Partial<Description> & { readonly image: string }): Description {
  const place = project === '' ? {} : { project, service };
  return {
    name: `${project}-${service}-1`,
    argv: official,
    env: ['POSTGRES_PASSWORD=secret', 'POSTGRES_DB=app'],
    ports: [5432],
    isServer: true,
    ...place,
    ...rest,
  };
}

function other(name: string, image: string, argv: readonly string[], rest: Partial<Description>): Description {
  return { name, image, argv, isServer: false, ...rest };
}

/** Containers that have nothing to do with Postgres, as many as are needed. */
function crowd(count: number): readonly Description[] {
  const random = randomFrom(200);
  return Array.from({ length: count }, (_, index) => {
    const [image, argv, port] = random.pick(everyday);
    const project = random.pick(['reims', 'bigskies', 'shop', 'search', 'mail', 'ci', 'docs']);
    const service = `${image.replace(/^.*\//, '').replace(/:.*$/, '')}-${index}`;
    const dependsOn = image.startsWith('acme/') && project === 'reims' ? { dependsOn: 'postgres:service_healthy:true' } : {};
    const state = random.below(5) === 0 ? ('exited' as const) : ('running' as const);
    return other(`${project}-${service}-1`, image, argv, { project, service, state, ports: port === 0 ? [] : [port], ...dependsOn });
  });
}

const all = (): readonly Description[] => {
  const known = [...servers, ...neighbours];
  const others = crowd(200 - known.length);
  // Spread evenly, since a list is in order of age.
  return others.flatMap((one, index) => (index % 5 === 0 && index / 5 < known.length ? [one, ...known.slice(index / 5, index / 5 + 1)] : [one]));
};

/** What an engine with 200 containers answers, twenty of them Postgres servers. */
export interface RecordedEngine {
  /** The rows of `GET /containers/json?all=true`. */
  readonly list: readonly Readonly<Record<string, unknown>>[];
  /** The answers of `GET /containers/{id}/json`, by id, for those that come near Postgres. */
  readonly inspections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The command lines of `GET /containers/{id}/top`, by id. */
  readonly processes: Readonly<Record<string, readonly string[]>>;
  /** The names of the servers. */
  readonly servers: readonly string[];
}

/** The fixture, made anew; the same every time. */
export function recordedEngine(): RecordedEngine {
  const descriptions = all();
  const near = descriptions.filter((each) => each.isServer || neighbours.includes(each));
  return {
    list: descriptions.map(listed),
    inspections: Object.fromEntries(near.map((each) => [idOf(each), inspected(each)])),
    processes: Object.fromEntries(near.flatMap((each) => (each.processes === undefined ? [] : [[idOf(each), each.processes]]))),
    servers: servers.map(({ name }) => name).toSorted(),
  };
}

function idOf({ name }: Description): string {
  return createHash('sha256').update(name).digest('hex');
}

function labelsOf({ project, service, dependsOn = '', oneOff = false }: Description): Readonly<Record<string, string>> {
  if (project === undefined || service === undefined) return { maintainer: 'me' };
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.depends_on': dependsOn,
    'com.docker.compose.oneoff': oneOff ? 'True' : 'False',
    'com.docker.compose.project.config_files': `/home/me/${project}/compose.yml`,
    'com.docker.compose.project.working_dir': `/home/me/${project}`,
  };
}

function mountsOf({ name, mounts = [] }: Description): readonly Readonly<Record<string, unknown>>[] {
  return mounts.map(({ volume, bind, target }) => {
    if (bind !== undefined) return { Type: 'bind', Source: bind, Destination: target, Mode: 'rw', RW: true, Propagation: 'rprivate' };
    const key = volume ?? createHash('sha256').update(`${name} ${target}`).digest('hex');
    return { Type: 'volume', Name: key, Source: `/var/lib/docker/volumes/${key}/_data`, Destination: target, Driver: 'local', Mode: 'z', RW: true };
  });
}

function listed(each: Description): Readonly<Record<string, unknown>> {
  const { state = 'running', ports = [], published } = each;
  const status = { running: 'Up 3 hours', exited: 'Exited (0) 2 days ago', created: 'Created', paused: 'Up 3 hours (Paused)' }[state];
  return {
    Id: idOf(each),
    Names: [`/${each.name}`],
    Image: each.image,
    Command: each.argv.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' '),
    // A stopped container is listed without ports.
    Ports:
      state === 'running' || state === 'paused'
        ? ports.map((port) => ({ ...(published === undefined ? {} : { IP: '0.0.0.0', PublicPort: published }), PrivatePort: port, Type: 'tcp' }))
        : [],
    Labels: labelsOf(each),
    State: state,
    Status: status,
    Mounts: mountsOf(each),
  };
}

function inspected(each: Description): Readonly<Record<string, unknown>> {
  const { state = 'running', ports = [], argv, env = [] } = each;
  const [path = '', ...args] = argv;
  return {
    Id: idOf(each),
    Name: `/${each.name}`,
    Image: `sha256:${createHash('sha256').update(each.image).digest('hex')}`,
    Path: path,
    Args: args,
    State: { Status: state, Running: state === 'running' || state === 'paused', StartedAt: '2026-05-01T08:00:00Z' },
    HostConfig: { ReadonlyRootfs: false },
    Mounts: mountsOf(each),
    Config: {
      Image: each.image,
      Env: ['PATH=/usr/bin', ...env],
      Entrypoint: [path],
      Cmd: args,
      Labels: labelsOf(each),
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
    },
    NetworkSettings: { IPAddress: '', Networks: { default: { IPAddress: state === 'running' ? '172.18.0.9' : '' } } },
  };
}
