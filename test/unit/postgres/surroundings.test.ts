import assert from 'node:assert/strict';
import { applySurroundings, isBuiltIn, portableSurroundings, settingStatement, type Surroundings } from '../../../src/postgres/surroundings';
import { FakeSession } from './fakeSession';

describe('settingStatement', () => {
  for (const [setting, expected] of [
    ['work_mem=5MB', `ALTER DATABASE "a ""b""" SET "work_mem" TO '5MB'`],
    ['search_path="$user", "odd, ""name""", public', `ALTER DATABASE "a ""b""" SET "search_path" TO '$user', 'odd, "name"', 'public'`],
    ['search_path=""', `ALTER DATABASE "a ""b""" SET "search_path" TO ''`],
    ['search_path=', `ALTER DATABASE "a ""b""" SET "search_path" TO ''`],
    ['DateStyle=ISO, DMY', `ALTER DATABASE "a ""b""" SET "DateStyle" TO 'ISO, DMY'`],
    [`app.words=it's = "so"`, `ALTER DATABASE "a ""b""" SET "app"."words" TO 'it''s = "so"'`],
  ] as const) {
    it(`says ${setting} again`, () => assert.equal(settingStatement('a "b"', { role: null, setting }), expected));
  }

  it('says for whom', () =>
    assert.equal(settingStatement('app', { role: 'r"1', setting: 'jit=off' }), `ALTER ROLE "r""1" IN DATABASE "app" SET "jit" TO 'off'`));
});

const surroundings: Surroundings = {
  connectionLimit: 7,
  grants: [
    { grantor: 'app', grantee: 'lender', privilege: 'CREATE', grantable: true },
    { grantor: 'lender', grantee: null, privilege: 'CREATE', grantable: false },
  ],
  settings: [
    { role: null, setting: 'jit=off' },
    { role: null, setting: 'app.token=secret' },
    { role: 'reader', setting: 'work_mem=5MB' },
  ],
};

describe('applySurroundings', () => {
  it('takes everything from everybody, then grants in the name of who did', async () => {
    const fake = new FakeSession();
    await applySurroundings(fake.session, 'shop', 'app', { ...surroundings, settings: [] });
    assert.deepEqual(fake.statements, [
      'BEGIN; ALTER DATABASE "shop" CONNECTION LIMIT 7; REVOKE ALL ON DATABASE "shop" FROM PUBLIC, "app"; ' +
        'GRANT CREATE ON DATABASE "shop" TO "lender" WITH GRANT OPTION; SET LOCAL ROLE "lender"; GRANT CREATE ON DATABASE "shop" TO PUBLIC; RESET ROLE; COMMIT',
    ]);
  });

  it('takes nothing where nothing was ever granted, and all where all was taken', async () => {
    const fake = new FakeSession();
    await applySurroundings(fake.session, 'shop', 'app', { connectionLimit: -1, grants: null, settings: [] });
    await applySurroundings(fake.session, 'shop', 'app', { connectionLimit: -1, grants: [], settings: [] });
    assert.deepEqual(
      fake.statements.map((sql) => sql.includes('REVOKE ALL')),
      [false, true],
    );
  });
});

describe('portableSurroundings', () => {
  it('leaves out roles that are not there, and variables that may hold secrets', () => {
    assert.deepEqual(portableSurroundings(surroundings, ['app', 'lender']), { ...surroundings, settings: [{ role: null, setting: 'jit=off' }] });
    assert.deepEqual(portableSurroundings(surroundings, ['app']).grants, []);
    assert.equal(portableSurroundings({ ...surroundings, grants: null }, []).grants, null);
    assert.deepEqual(['a.b=c', 'ab=c.d'].map(isBuiltIn), [false, true]);
  });
});
