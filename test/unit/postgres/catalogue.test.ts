import assert from 'node:assert/strict';
import { countRows, readProperties, readServerFacts } from '../../../src/postgres/catalogue';
import { rejectsWith } from '../operations/rejectsWith';
import { FakeSession } from './fakeSession';

describe('countRows', () => {
  it('counts in batches, each table by itself and without its children, and tells how far it is', async () => {
    const tables = Array.from({ length: 120 }, (_, index) => `public."t'${index}"`);
    const fake = new FakeSession((sql) =>
      [...sql.matchAll(/SELECT '((?:[^']|'')*)' AS name/g)].map(([, name = '']) => ({ name: name.replaceAll("''", "'"), count: name.length })),
    );
    const progress: number[] = [];
    const counts = await countRows(fake.session, tables, (done) => void progress.push(done));
    assert.deepEqual(Object.keys(counts), tables);
    assert.deepEqual(progress, [50, 100, 120]);
    assert.equal(fake.statements.length, 3);
    assert.ok(fake.statements[0]?.startsWith(`SELECT 'public."t''0"' AS name, count(*) AS count FROM ONLY public."t'0" UNION ALL`));
  });

  it('asks nothing about no tables', async () => {
    const fake = new FakeSession();
    assert.deepEqual([await countRows(fake.session, []), fake.statements], [{}, []]);
  });
});

describe('readServerFacts', () => {
  for (const [row, expected] of [
    [
      { version: '17.2 (Debian 17.2-1)', directory: '/data', sockets: '/var/run/postgresql' },
      { version: '17.2', dataDirectory: '/data', socketDirectory: '/var/run/postgresql' },
    ],
    [
      { version: '13.4', directory: '/data', sockets: '/run/a, /run/b' },
      { version: '13.4', dataDirectory: '/data', socketDirectory: '/run/a' },
    ],
    [
      { version: '18beta1', directory: '/d', sockets: '' },
      { version: '18beta1', dataDirectory: '/d', socketDirectory: '' },
    ],
  ] as const) {
    it(`reads version ${row.version}`, async () => assert.deepEqual(await readServerFacts(new FakeSession(() => [row]).session), expected));
  }
});

describe('readProperties', () => {
  for (const [major, columns] of [
    [13, ["'c' AS provider", 'NULL AS locale', 'NULL AS "collationVersion"']],
    [15, ['datlocprovider AS provider', 'daticulocale AS locale', 'datcollversion AS "collationVersion"']],
    [16, ['datlocprovider AS provider', 'daticulocale AS locale']],
    [17, ['datlocprovider AS provider', 'datlocale AS locale']],
    [18, ['datlocale AS locale', 'datcollversion AS "collationVersion"']],
  ] as const) {
    it(`asks Postgres ${major} only what it has`, async () => {
      const fake = new FakeSession(() => [{ owner: 'app' }], major);
      await readProperties(fake.session, `it's`);
      for (const column of columns) assert.ok(fake.statements[0]?.includes(column), column);
      assert.deepEqual(fake.values, [[`it's`]]);
    });
  }

  it('says when there is no such database', () => rejectsWith('DATABASE_MISSING', readProperties(new FakeSession().session, 'gone')));
});
