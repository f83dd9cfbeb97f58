import assert from 'node:assert/strict';
import { dependentsOf, mentionsHost, type ServiceLinks } from '../../../src/compose/dependents';
import { randomFrom } from './random';

const links = (services: Readonly<Record<string, readonly string[]>>): readonly ServiceLinks[] =>
  Object.entries(services).map(([name, dependsOn]) => ({ name, dependsOn }));

describe('dependentsOf', () => {
  const cases: readonly (readonly [title: string, services: Readonly<Record<string, readonly string[]>>, expected: readonly string[]])[] = [
    ['nobody', { db: [], web: [] }, []],
    ['one', { db: [], web: ['db'] }, ['web']],
    ['through others', { db: [], nginx: ['api'], api: ['db'] }, ['api', 'nginx']],
    [
      'reims',
      { postgres: [], 'db-init': ['postgres'], backend: ['db-init', 'postgres'], 'celery-worker': ['db-init', 'postgres'] },
      ['db-init', 'backend', 'celery-worker'],
    ],
    ['dependents out of order', { c: ['b'], b: ['a'], a: ['db'], db: [] }, ['a', 'b', 'c']],
    ['others that they wait for are not dependents', { db: [], cache: [], web: ['cache', 'db'] }, ['web']],
    ['a cycle among dependents', { db: [], a: ['db', 'b'], b: ['a'] }, ['b', 'a']],
    ['a cycle with the database', { db: ['a'], a: ['db'] }, ['a']],
    ['itself', { db: ['db'] }, []],
    ['services that are not there', { web: ['db', 'ghost'] }, ['web']],
    ['names of object members', { db: [], constructor: ['db'], toString: ['constructor'] }, ['constructor', 'toString']],
  ];
  for (const [title, services, expected] of cases) {
    it(title, () => {
      const { startOrder, stopOrder } = dependentsOf(services['db'] === undefined && 'postgres' in services ? 'postgres' : 'db', links(services));
      assert.deepEqual(
        startOrder.map(({ service }) => service),
        expected,
      );
      assert.deepEqual(
        stopOrder.map(({ service }) => service),
        expected.toReversed(),
      );
    });
  }

  it('says why', () => {
    const { startOrder } = dependentsOf(
      'db',
      [
        { name: 'db', dependsOn: [], environment: { POSTGRES_PASSWORD: 'x' } },
        { name: 'api', dependsOn: ['db'], environment: { DATABASE_URL: 'postgres://u:p@db/x' } },
        { name: 'worker', dependsOn: [], environment: { PGHOST: 'database' } },
        { name: 'proxy', dependsOn: ['worker'] },
        { name: 'mail', dependsOn: [], environment: { SMTP_HOST: 'mail' } },
      ],
      ['db', 'database'],
    );
    assert.deepEqual(startOrder, [
      { service: 'api', because: 'depends_on' },
      { service: 'worker', because: 'environment' },
      { service: 'proxy', because: 'transitive' },
    ]);
  });

  it('puts every dependent after what it depends on, in 500 random graphs without cycles', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = randomFrom(seed);
      const names = ['db', 'a', 'b', 'c', 'd', 'e', 'f'];
      // Dependencies lead to earlier names only, so there is no cycle; then the order is shuffled.
      const services = names.map((name, index) => ({ name, dependsOn: names.slice(0, index).filter(() => random.below(3) === 0) }));
      const shuffled = services.toSorted(() => random.below(3) - 1);
      const order = dependentsOf('db', shuffled).startOrder.map(({ service }) => service);
      const reaches = (name: string): boolean =>
        (services.find((service) => service.name === name)?.dependsOn ?? []).some((other) => other === 'db' || reaches(other));
      assert.deepEqual([...order].sort(), names.filter(reaches), `seed ${seed}`);
      for (const { name, dependsOn } of services.filter((service) => order.includes(service.name))) {
        for (const other of dependsOn.filter((one) => order.includes(one))) assert.ok(order.indexOf(other) < order.indexOf(name), `seed ${seed}`);
      }
    }
  });
});

describe('mentionsHost', () => {
  const yes: readonly Readonly<Record<string, string>>[] = [
    { DATABASE_URL: 'postgres://u:p@db:5432/x' },
    { DATABASE_URL: 'postgresql+psycopg2://reims:reims_dev@db:5432/reims' },
    { DATABASE_URL: 'postgresql+asyncpg://u:p@DB/x' },
    { DATABASE_URL: 'postgres://db/x' },
    { DATABASE_URL: 'postgres://u:p@ss@db:5432/x' },
    { DATABASE_URL: 'postgres://u:p/w@db:5432/x' },
    { DATABASE_URL: 'postgres://u:p@one:5432,db:5432/x' },
    { DATABASE_URL: 'postgres:///x?host=db' },
    { DATABASE_URL: '"postgres://u:p@db/x"' },
    { DATABASE_URI: 'ecto://u:p@db/x' },
    { SPRING_DATASOURCE_URL: 'jdbc:postgresql://db:5432/x' },
    { ConnectionStrings__Default: 'Host=db;Port=5432;Username=u;Password=p' },
    { ConnectionStrings__Default: 'Server=db,5432;Database=x' },
    { ConnectionStrings__Default: 'Username=u;Host=db' },
    { DSN: 'host=db port=5432 dbname=x user=u' },
    { DSN: "user=u host='db'" },
    { PGHOST: 'db' },
    { PGHOST: 'other,db' },
    { DB_HOST: 'db' },
    { DB_HOST: 'db:5432' },
    { DBHOST: 'db' },
    { dbHost: 'db' },
    { 'spring.datasource.host': 'db' },
    { POSTGRES_SERVER: 'db' },
    { WORDPRESS_DB_HOST: 'db' },
    { WAIT_FOR: 'db:5432' },
    { WAIT_HOSTS: 'cache:6379, db:5432' },
    { WAIT_FOR: 'tcp://db:5432' },
    { DATA_SOURCE_NAME: 'postgresql://u:p@db:5432/x?sslmode=disable' },
    { PGRST_DB_URI: 'postgres://authenticator:p@db:5432/app' },
    { PG_ADDR: 'db' },
  ];
  for (const environment of yes) it(`yes: ${JSON.stringify(environment)}`, () => assert.equal(mentionsHost(environment, ['db']), true));

  const no: readonly Readonly<Record<string, string | null>>[] = [
    {},
    { PGHOST: null },
    { PGHOST: '' },
    { PGHOST: 'database' },
    { DATABASE_URL: 'postgres://u:p@mydb:5432/x' },
    { DATABASE_URL: 'postgres://u:p@db.example.com:5432/x' },
    { DATABASE_URL: 'postgres://db:db@localhost:5432/db' },
    { DATABASE_URL: 'sqlite:///db' },
    { REDIS_URL: 'redis://db:6379' },
    { API: 'http://db:8080/x' },
    { POSTGRES_DB: 'db' },
    { DB_NAME: 'db' },
    { POSTGRES_USER: 'db' },
    { PASSWORD: 'db' },
    { PATH: '/usr/db:/bin' },
    { NOTE: 'the db is here' },
    { POSTGRES_HOST_AUTH_METHOD: 'db' },
    { VERSION: 'db2:5432' },
  ];
  for (const environment of no) it(`no: ${JSON.stringify(environment)}`, () => assert.equal(mentionsHost(environment, ['db']), false));

  it('knows a service by all its names, and by none when there is none', () => {
    assert.equal(mentionsHost({ PGHOST: 'reims-postgres' }, ['postgres', 'reims-postgres']), true);
    assert.equal(mentionsHost({ PGHOST: '' }, ['']), false);
    assert.equal(mentionsHost({ PGHOST: 'db' }, []), false);
  });
});
