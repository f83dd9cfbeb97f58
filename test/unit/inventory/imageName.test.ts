import assert from 'node:assert/strict';
import { flavourOfImage, isOtherTool, readImageName, suggestsPostgres, type ImageName, type PostgresFlavour } from '../../../src/inventory/imageName';

describe('readImageName', () => {
  const cases: readonly (readonly [reference: string, expected: ImageName])[] = [
    ['postgres', { repository: 'postgres' }],
    ['postgres:17', { repository: 'postgres', tag: '17' }],
    ['docker.io/library/postgres:16-alpine', { repository: 'library/postgres', tag: '16-alpine' }],
    ['localhost/postgres:17', { repository: 'postgres', tag: '17' }],
    ['localhost:5000/postgres', { repository: 'postgres' }],
    ['registry.example:5000/team/db:1@sha256:abc', { repository: 'team/db', tag: '1' }],
    ['Bitnami/PostgreSQL:17', { repository: 'bitnami/postgresql', tag: '17' }],
    ['ghcr.io/immich-app/postgres:14-vectorchord0.3.0@sha256:f00', { repository: 'immich-app/postgres', tag: '14-vectorchord0.3.0' }],
    ['sha256:67c5a86b6d9f', { repository: 'sha256', tag: '67c5a86b6d9f' }],
    ['', { repository: '' }],
  ];
  for (const [reference, expected] of cases) it(reference || '(empty)', () => assert.deepEqual(readImageName(reference), expected));
});

describe('flavourOfImage', () => {
  const cases: readonly (readonly [image: string, expected: PostgresFlavour | undefined])[] = [
    ['postgres:17', 'official'],
    ['docker.io/library/postgres:16-alpine', 'official'],
    ['localhost/postgres:17', 'official'],
    ['public.ecr.aws/docker/library/postgres:17', 'official'],
    ['bitnami/postgresql:17', 'bitnami'],
    ['docker.io/bitnamilegacy/postgresql', 'bitnami'],
    ['bitnami/postgresql-repmgr:16', 'bitnami'],
    ['supabase/postgres:15.8.1.060', 'supabase'],
    ['public.ecr.aws/supabase/postgres:15', 'supabase'],
    ['timescale/timescaledb:latest-pg17', 'timescale'],
    ['timescale/timescaledb-ha:pg17', 'timescale'],
    ['postgis/postgis:17-3.5', 'postgis'],
    ['imresamu/postgis:17', 'postgis'],
    ['kartoza/postgis:16', 'postgis'],
    ['pgvector/pgvector:pg17', 'pgvector'],
    ['ankane/pgvector', 'pgvector'],
    ['tensorchord/pgvecto-rs:pg16-v0.3.0', 'pgvector'],
    ['ghcr.io/immich-app/postgres:14', 'pgvector'],
    ['ghcr.io/zalando/spilo-15:3.0-p1', 'spilo'],
    ['registry.opensource.zalan.do/acid/spilo-cdp-14:2.1', 'spilo'],
    ['registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-16.1-0', 'crunchy'],
    ['crunchydata/crunchy-postgres-gis', 'crunchy'],
    ['quay.io/enterprisedb/postgresql:16', 'edb'],
    ['registry.redhat.io/rhel9/postgresql-15', 'redhat'],
    ['quay.io/sclorg/postgresql-15-c9s', 'redhat'],
    ['ghcr.io/cloudnative-pg/postgresql:17', 'custom'],
    ['citusdata/citus', 'custom'],
    ['shop-db', undefined],
    ['postgres-exporter', undefined],
    ['redis', undefined],
  ];
  for (const [image, expected] of cases) it(`${image}: ${expected ?? 'none'}`, () => assert.equal(flavourOfImage(image), expected));
});

describe('isOtherTool', () => {
  const tools = [
    'dpage/pgadmin4:9',
    'adminer',
    'sosedoff/pgweb',
    'edoburu/pgbouncer',
    'bitnami/pgbouncer',
    'bitnami/pgpool:4',
    'postgrest/postgrest:v12',
    'supabase/postgres-meta:v0.84',
    'quay.io/prometheuscommunity/postgres-exporter',
    'wrouesnel/postgres_exporter',
    'bitnami/postgres-exporter',
    'prodrigestivill/postgres-backup-local:17',
    'schickling/postgres-backup-s3',
    'eeshugerman/postgres-backup-s3',
    'kartoza/pg-backup',
    'ankane/pghero',
    'schemaspy/schemaspy',
    'databasus/databasus',
    'dbeaver/cloudbeaver',
    'localhost/podman-pause:4.3.1-0',
    'registry.k8s.io/pause:3.9',
  ];
  for (const image of tools) it(`${image} is`, () => assert.equal(isOtherTool(image), true));
  const others = ['postgres:17', 'bitnami/postgresql', 'backup-postgres', 'pgadmin-db', 'backup_db', 'shop-postgres-backup-db', 'exporter', 'nginx', ''];
  for (const image of others) it(`${image || '(empty)'} is not`, () => assert.equal(isOtherTool(image), false));
});

describe('suggestsPostgres', () => {
  for (const image of ['shop-postgres', 'team/my_pg:1', 'pg15', 'x/pg-17', 'public.ecr.aws/docker/library/postgres']) {
    it(`${image} does`, () => assert.equal(suggestsPostgres(image), true));
  }
  for (const image of ['shop-db', 'nginx', 'mypgx', 'jpg', 'postfix']) it(`${image} does not`, () => assert.equal(suggestsPostgres(image), false));
});
