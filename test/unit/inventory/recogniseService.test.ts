import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseComposeFile } from '../../../src/compose/composeFile';
import type { ComposeService } from '../../../src/compose/composeModel';
import { parseDotenv } from '../../../src/compose/dotenv';
import { withEnvironmentFiles } from '../../../src/compose/environmentFiles';
import { finalImage, recogniseComposeService } from '../../../src/inventory/recogniseService';

function service(body: string): ComposeService {
  const { services, errors } = parseComposeFile(`services:\n  db: ${body}\n`);
  assert.deepEqual(errors, []);
  const [found] = services;
  assert.ok(found);
  return found;
}

describe('recogniseComposeService', () => {
  const cases: readonly (readonly [body: string, verdict: string, dockerfile?: string])[] = [
    ['{ image: "postgres:17" }', 'server official'],
    ['{ image: "postgres:17", command: postgres -c max_connections=50 }', 'server official'],
    ['{ image: "postgres:17", command: [-c, max_connections=50] }', 'server official'],
    ['{ image: "postgres:17", command: bash /scripts/worker.sh }', 'unrelated'],
    ['{ image: "postgres:17", entrypoint: [/bin/bash, /props/session.sh] }', 'unrelated'],
    ['{ image: "postgres:17", command: psql -h db }', 'unrelated'],
    ['{ image: "postgres:17", entrypoint: ["sh", "-c", "exec docker-entrypoint.sh postgres"] }', 'server official'],
    // The same variables for all services, as anchors make it: a host name does not turn a server into a client.
    ['{ image: "postgres:17", environment: { POSTGRES_HOST: db, DATABASE_URL: "postgres://u:p@db/x" } }', 'server official'],
    ['{ image: bitnami/postgresql }', 'server bitnami'],
    ['{ image: "timescale/timescaledb:latest-pg17" }', 'server timescale'],
    ['{ image: "ghcr.io/zalando/spilo-15:3" }', 'server spilo'],
    ['{ image: dpage/pgadmin4 }', 'unrelated'],
    ['{ image: prodrigestivill/postgres-backup-local, environment: { POSTGRES_PASSWORD: x }, volumes: ["b:/backups"] }', 'unrelated'],
    ['{ image: nginx }', 'unrelated'],
    ['{ build: . }', 'unrelated'],
    ['{ build: ., command: npm start, environment: { POSTGRES_PASSWORD: x } }', 'unrelated'],
    ['{ build: ., environment: { POSTGRES_PASSWORD: x } }', 'unclear'],
    ['{ build: ., environment: { POSTGRES_PASSWORD: x, POSTGRES_HOST: other } }', 'unrelated'],
    ['{ build: ., environment: { POSTGRES_PASSWORD: x }, ports: ["5433:5432"] }', 'server custom'],
    ['{ build: ., volumes: ["data:/var/lib/postgresql/data"] }', 'server custom'],
    ['{ image: acme/base, volumes: ["data:/var/lib/postgresql/data"], healthcheck: { test: pg_isready } }', 'server custom'],
    ['{ build: ., tmpfs: /var/lib/postgresql/data }', 'unrelated'],
    ['{ build: ., expose: [5432] }', 'unclear'],
    ['{ build: { dockerfile_inline: "FROM postgis/postgis:17-3.5" } }', 'server postgis'],
    ['{ build: ., image: acme/shop-db }', 'server official', 'ARG V=17\nFROM postgres:${V}\nCOPY x /\n'],
    ['{ build: ., image: acme/shop-api }', 'unrelated', 'FROM postgres:17 AS db\nFROM node:22\n'],
    ['{ build: { context: ., target: db } }', 'server official', 'FROM postgres:17 AS db\nFROM node:22\n'],
  ];
  for (const [body, verdict, dockerfile] of cases) {
    it(`${body}${dockerfile === undefined ? '' : ' with a Dockerfile'}: ${verdict}`, () => {
      const recognition = dockerfile === undefined ? recogniseComposeService(service(body)) : recogniseComposeService(service(body), dockerfile);
      assert.equal(`${recognition.verdict}${recognition.verdict === 'server' ? ` ${recognition.flavour}` : ''}`, verdict);
    });
  }

  it('tells as whom a server will be reached', () => {
    const recognition = recogniseComposeService(
      service('{ image: "postgres:17", command: postgres -p 5433, environment: { POSTGRES_USER: u, POSTGRES_DB: d, POSTGRES_PASSWORD: hunter2 } }'),
    );
    assert.ok(recognition.verdict === 'server');
    assert.deepEqual(recognition.identity, { user: 'u', database: 'd', port: 5433, passwordSource: { kind: 'env', name: 'POSTGRES_PASSWORD' }, files: {} });
    assert.ok(!JSON.stringify(recognition).includes('hunter2'));
  });

  it('counts a check with pg_isready as evidence, by itself not enough', () => {
    const recognition = recogniseComposeService(service('{ build: ., healthcheck: { test: [CMD-SHELL, pg_isready -U u] } }'));
    assert.ok(recognition.verdict === 'unclear');
    assert.ok(recognition.evidence.includes('is checked with pg_isready'));
    assert.equal(recogniseComposeService(service('{ build: ., healthcheck: { test: [CMD, curl, localhost] } }')).verdict, 'unrelated');
  });

  it('finds exactly the database in each of the five stacks', () => {
    const stacks: readonly (readonly [stack: string, file: string, identity: string])[] = [
      ['reims', 'docker-compose.yml', 'postgres reims/reims'],
      ['budgie', 'compose.yml', 'db budgie_user/budgie_dev'],
      ['bigskies', 'docker-compose.yml', 'postgres bigskies/bigskies'],
      ['fastapi', 'docker-compose.yml', 'db postgres/mydb'],
      ['expenses', 'docker-compose.yaml', 'db expense_admin/expenses_db'],
      ['expenses', 'docker-compose.prod.yaml', 'db expense_admin/expenses_db'],
    ];
    for (const [stack, name, expected] of stacks) {
      const folder = path.join(process.cwd(), 'test', 'fixtures', 'stacks', stack);
      const values = (file: string): Readonly<Record<string, string>> => {
        const full = path.join(folder, file);
        return existsSync(full) ? parseDotenv(readFileSync(full, 'utf8')).values : {};
      };
      const file = withEnvironmentFiles(parseComposeFile(readFileSync(path.join(folder, name), 'utf8'), values('.env')), values);
      const found = file.services.flatMap((one) => {
        const recognition = recogniseComposeService(one);
        assert.notEqual(recognition.verdict, 'unclear', `${stack} ${one.name}`);
        return recognition.verdict === 'server' ? [`${one.name} ${recognition.identity.user}/${recognition.identity.database}`] : [];
      });
      assert.deepEqual(found, [expected], stack);
    }
  });
});

describe('finalImage', () => {
  const cases: readonly (readonly [dockerfile: string, target: string | undefined, expected: string | undefined])[] = [
    ['', undefined, undefined],
    ['FROM postgres', undefined, 'postgres'],
    ['# FROM x\nFROM --platform=linux/amd64 postgres:17\n', undefined, 'postgres:17'],
    ['from a as b\nfrom B as c\n', undefined, 'a'],
    ['FROM a AS b\nFROM c\n', 'b', 'a'],
    ['FROM a AS b\nFROM c\n', 'B', 'a'],
    ['FROM a AS b\nFROM c\n', 'gone', undefined],
    ['FROM a AS Base\nFROM base\n', undefined, 'a'],
    ['FROM postgres AS postgres\n', undefined, 'postgres'],
    ['ARG I=postgres\nARG V="17"\nFROM $I:${V}-alpine', undefined, 'postgres:17-alpine'],
    ['ARG V\nFROM postgres:${V:-16}', undefined, 'postgres:16'],
    ['FROM x:${UNKNOWN}', undefined, 'x:${UNKNOWN}'],
  ];
  for (const [dockerfile, target, expected] of cases) it(JSON.stringify([dockerfile, target]), () => assert.equal(finalImage(dockerfile, target), expected));
});
