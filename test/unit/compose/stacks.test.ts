import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseComposeFile } from '../../../src/compose/composeFile';
import type { ComposeFile } from '../../../src/compose/composeModel';
import { dependentsOf } from '../../../src/compose/dependents';
import { parseDotenv } from '../../../src/compose/dotenv';
import { withEnvironmentFiles } from '../../../src/compose/environmentFiles';
import { projectDefinitions } from '../../../src/compose/fileNames';
import { composeProjectName, volumeName } from '../../../src/compose/projectName';

const stacks = path.join(process.cwd(), 'test', 'fixtures', 'stacks');

interface Stack {
  readonly file: ComposeFile;
  readonly project: string;
}

function read(stack: string, name: string, dotenv = '.env'): Stack {
  const folder = path.join(stacks, stack);
  const text = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const environment = existsSync(path.join(folder, dotenv)) ? parseDotenv(text(dotenv)).values : {};
  const file = withEnvironmentFiles(parseComposeFile(text(name), environment, name), (one) => parseDotenv(text(one)).values);
  assert.deepEqual(file.errors, []);
  return { file, project: composeProjectName({ folder, environment, ...(file.name === undefined ? {} : { name: file.name }) }) };
}

interface Expected {
  readonly project: string;
  readonly service: string;
  readonly image: string;
  readonly data: string;
  /** Empty for a bind mount. */
  readonly volume: string;
  readonly user: string;
  readonly published: string;
  readonly dependents: readonly string[];
}

const expectations: readonly (readonly [stack: string, file: string, expected: Expected])[] = [
  [
    'reims',
    'docker-compose.yml',
    {
      project: 'reims',
      service: 'postgres',
      image: 'postgres:17',
      data: '/var/lib/postgresql/data',
      volume: 'reims_postgres-data',
      user: 'reims',
      published: '15432',
      dependents: ['db-init', 'backend', 'celery-worker'],
    },
  ],
  [
    'budgie',
    'compose.yml',
    {
      project: 'budgie',
      service: 'db',
      image: 'localhost/postgres:17',
      data: '/var/lib/postgresql/data',
      volume: 'budgie-postgres-data',
      user: 'budgie_user',
      published: '15435',
      dependents: ['backend', 'frontend'],
    },
  ],
  [
    'bigskies',
    'docker-compose.yml',
    {
      project: 'bigskies',
      service: 'postgres',
      image: 'postgres:15',
      data: '/var/lib/postgresql/data',
      volume: 'bigskies_postgres_data',
      user: 'bigskies',
      published: '15433',
      dependents: ['bootstrap', 'datastore', 'security', 'telescope'],
    },
  ],
  [
    'fastapi',
    'docker-compose.yml',
    {
      project: 'fastapi',
      service: 'db',
      image: 'postgres:13',
      data: '/var/lib/postgresql/data',
      volume: 'fastapi_postgres_data',
      user: 'postgres',
      published: '15434',
      dependents: ['backend'],
    },
  ],
  [
    'expenses',
    'docker-compose.yaml',
    {
      project: 'expenses',
      service: 'db',
      image: 'postgres:18',
      data: '/var/lib/postgresql',
      volume: '',
      user: 'expense_admin',
      published: '5433',
      dependents: ['api', 'nginx'],
    },
  ],
  [
    'expenses',
    'docker-compose.prod.yaml',
    {
      project: 'expenses-prod',
      service: 'db',
      image: 'postgres:18',
      data: '/var/lib/postgresql',
      volume: '',
      user: 'expense_admin',
      published: '5432',
      dependents: ['api', 'nginx'],
    },
  ],
];

describe('the five stacks', () => {
  for (const [stack, name, expected] of expectations) {
    it(`${stack}/${name}`, () => {
      const { file, project } = read(stack, name);
      const service = file.services.find((one) => one.name === expected.service);
      const mount = service?.volumes.find(({ target }) => target === expected.data);
      const volume = file.volumes.find(({ key }) => key === mount?.source);
      const links = file.services.map((one) => ({ ...one, dependsOn: one.dependsOn.map((condition) => condition.service) }));
      assert.deepEqual(
        {
          project,
          service: service?.name,
          image: service?.image,
          data: mount?.target,
          volume: volume === undefined ? '' : volumeName(volume, project),
          user: service?.environment['POSTGRES_USER'],
          published: service?.ports.find(({ target }) => target === 5432)?.published,
          dependents: dependentsOf(expected.service, links, service?.hostNames).startOrder.map((one) => one.service),
        },
        expected,
      );
      assert.equal(mount?.kind, expected.volume === '' ? 'bind' : 'volume');
    });
  }

  it('expenses has two definitions, each complete', () => {
    const definitions = projectDefinitions(readdirSync(path.join(stacks, 'expenses')));
    assert.deepEqual(
      definitions.map(({ variant, files }) => [variant, ...files]),
      [
        [undefined, 'docker-compose.yaml'],
        ['prod', 'docker-compose.prod.yaml'],
      ],
    );
  });

  it('finds the same users by environment alone, but for those that never talk to the database', () => {
    const { file } = read('reims', 'docker-compose.yml');
    const links = file.services.map(({ name, environment }) => ({ name, environment, dependsOn: [] }));
    assert.deepEqual(
      dependentsOf('postgres', links, ['postgres']).startOrder.map(({ service, because }) => `${service} ${because}`),
      ['db-init environment', 'backend environment', 'celery-worker environment'],
    );
    const { file: budgie } = read('budgie', 'compose.yml');
    const others = budgie.services.map(({ name, environment }) => ({ name, environment, dependsOn: [] }));
    assert.deepEqual(
      dependentsOf('db', others).startOrder.map(({ service }) => service),
      ['backend'],
    );
  });
});
