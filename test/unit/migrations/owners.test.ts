import assert from 'node:assert/strict';
import { connectionsIn } from '../../../src/migrations/connections';
import { decideOwners, type FolderFacts, type OwnerCandidate } from '../../../src/migrations/owners';

const folder: FolderFacts = { root: '/work/shop/backend', locations: ['/work/shop/backend/alembic/versions'], connections: [] };
const main: OwnerCandidate = {
  name: 'shop/db/app',
  project: 'shop',
  projectFolder: '/work/shop',
  database: 'app',
  isMain: true,
  published: 15432,
  hostNames: ['db'],
  services: [],
  table: 'none',
};
const other: OwnerCandidate = { ...main, name: 'shop/db/reports', database: 'reports', isMain: false };

describe('whose migrations are', () => {
  const cases: readonly (readonly [what: string, FolderFacts, readonly OwnerCandidate[], readonly string[], readonly string[]])[] = [
    ["the project's only database", folder, [main], ['shop/db/app'], []],
    ["the application's database, where nothing else is known", folder, [main, other], ['shop/db/app'], []],
    [
      'unclear among several that are no better than each other',
      folder,
      [other, { ...other, name: 'shop/db/x', database: 'x' }],
      [],
      ['shop/db/reports', 'shop/db/x'],
    ],
    ['the one whose version table knows them', folder, [main, { ...other, table: 'known' }], ['shop/db/reports'], []],
    [
      'the one that the configuration names by its published port',
      { ...folder, connections: connectionsIn('postgresql://u:p@localhost:15432/reports') },
      [main, other],
      ['shop/db/reports'],
      [],
    ],
    [
      'the one that the configuration names by its service',
      { ...folder, connections: connectionsIn('postgresql://u:p@db/reports') },
      [main, other],
      ['shop/db/reports'],
      [],
    ],
    ['not that of another port', { ...folder, connections: connectionsIn('postgresql://u:p@localhost:5432/reports') }, [main, other], ['shop/db/app'], []],
    [
      'the one that the service with their files connects to',
      folder,
      [main, other].map((each) => ({
        ...each,
        services: [{ folders: ['/work/shop/backend'], connections: connectionsIn('DATABASE_URL=postgresql://u@db:5432/reports') }],
      })),
      ['shop/db/reports'],
      [],
    ],
    [
      'both, development and production, where both have a version table',
      folder,
      [
        { ...main, table: 'known' },
        { ...main, name: 'prod/db/app', project: 'prod', table: 'strange' },
      ],
      ['shop/db/app', 'prod/db/app'],
      [],
    ],
    ['nobody in another folder', folder, [{ ...main, projectFolder: '/work/blog' }], [], []],
    [
      'not certain by numbers that any files may have',
      folder,
      [
        { ...main, table: 'none' },
        { ...other, table: 'numbers' },
      ],
      ['shop/db/reports'],
      [],
    ],
  ];
  for (const [what, facts, candidates, owners, unclear] of cases) {
    it(`is ${what}`, () => assert.deepEqual(decideOwners(facts, candidates), { owners, unclear }));
  }

  it('is what the user said, as long as that is there', () => {
    const known = [{ ...main, table: 'known' as const }, other];
    assert.deepEqual(decideOwners(folder, known, ['shop/db/reports']).owners, ['shop/db/reports']);
    assert.deepEqual(decideOwners(folder, known, ['gone/db/reports']).owners, ['shop/db/app']);
  });
});

describe('connections in configuration', () => {
  const cases: readonly (readonly [text: string, expected: ReturnType<typeof connectionsIn>])[] = [
    ['sqlalchemy.url = postgresql+psycopg2://postgres:p%40ss@localhost:15434/mydb', [{ host: 'localhost', port: 15_434, database: 'mydb' }]],
    ['# sqlalchemy.url = postgresql://u@old/x', []],
    ['DATABASE_URL="postgres://u:p@ssword@db/my%20db?sslmode=off"', [{ host: 'db', port: 5432, database: 'my db' }]],
    ['flyway.url=jdbc:postgresql://db:5433/app', [{ host: 'db', port: 5433, database: 'app' }]],
    ['url: postgresql://%(user)s@%(host)s/x', []],
    ['"ConnectionStrings": "Host=db;Port=5433;Database=app;Username=u"', [{ host: 'db', port: 5433, database: 'app' }]],
    ['PGHOST=localhost\nPGPORT=15432\nPGDATABASE=shop', [{ host: 'localhost', port: 15_432, database: 'shop' }]],
    ['nothing here', []],
  ];
  for (const [text, expected] of cases) it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(connectionsIn(text), expected));
});
