import assert from 'node:assert/strict';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import { addressOf, certaintyOf, connectionEnvironment } from '../../../src/migrations/actions/environment';
import { explainFailure } from '../../../src/migrations/actions/explain';
import { withoutSecrets } from '../../../src/migrations/actions/output';
import { directoryIn } from '../../../src/migrations/actions/place';
import { toolCommand } from '../../../src/migrations/actions/toolCommands';
import { connectionsIn } from '../../../src/migrations/connections';
import type { MigrationStatus, ToolId } from '../../../src/migrations/model';

const status: MigrationStatus = {
  tool: 'alembic',
  folder: '/work/db/migrations',
  compared: true,
  heads: ['d'],
  current: ['b'],
  applied: ['a', 'b'],
  pending: ['c', 'd'],
  unknown: [],
  dirty: [],
  problems: [],
  revisions: ['a', 'b', 'c', 'd'].map((id, index, all) => ({
    id,
    name: '',
    file: '',
    parents: index === 0 ? [] : [all[index - 1] ?? ''],
    dependsOn: [],
    labels: [],
  })),
};
const all = { kind: 'all' } as const;
const steps = { kind: 'steps', steps: 1 } as const;
const toA = { kind: 'revision', revision: 'a' } as const;
const toC = { kind: 'revision', revision: 'c' } as const;

describe('what tools are told', () => {
  const cases: readonly (readonly [ToolId, MigrationAction, string | undefined])[] = [
    ['alembic', { kind: 'upgrade', to: all }, 'upgrade head'],
    ['alembic', { kind: 'upgrade', to: steps }, 'upgrade +1'],
    ['alembic', { kind: 'downgrade', to: all }, 'downgrade base'],
    ['alembic', { kind: 'downgrade', to: { kind: 'steps', steps: 2 } }, 'downgrade -2'],
    ['alembic', { kind: 'preview', direction: 'upgrade', to: all }, 'upgrade b:head --sql'],
    ['alembic', { kind: 'preview', direction: 'downgrade', to: steps }, 'downgrade b:a --sql'],
    ['alembic', { kind: 'revision', message: 'x y', autogenerate: true }, 'revision --autogenerate -m x y'],
    ['alembic', { kind: 'merge', message: 'm' }, 'merge -m m heads'],
    ['alembic', { kind: 'stamp', revision: 'c' }, 'stamp c'],
    ['sequelize', { kind: 'upgrade', to: steps }, 'db:migrate --to c'],
    ['sequelize', { kind: 'downgrade', to: steps }, 'db:migrate:undo:all --to b'],
    ['sequelize', { kind: 'downgrade', to: toA }, 'db:migrate:undo:all --to b'],
    ['django', { kind: 'upgrade', to: { kind: 'revision', revision: 'shop.0002' } }, 'migrate --noinput shop 0002'],
    ['node-pg-migrate', { kind: 'upgrade', to: toC }, 'up 1'],
    ['node-pg-migrate', { kind: 'downgrade', to: all }, 'down 2'],
    ['goose', { kind: 'upgrade', to: toC }, '-dir migrations up-to c'],
    ['ecto', { kind: 'downgrade', to: toA }, 'ecto.rollback --to-exclusive a'],
    ['golang-migrate', { kind: 'upgrade', to: all }, '-path migrations -database <database> up'],
    ['golang-migrate', { kind: 'upgrade', to: steps }, '-path migrations -database <database> up 1'],
    ['golang-migrate', { kind: 'downgrade', to: toA }, '-path migrations -database <database> goto a'],
    ['golang-migrate', { kind: 'downgrade', to: all }, '-path migrations -database <database> down -all'],
    ['golang-migrate', { kind: 'stamp', revision: 'c' }, '-path migrations -database <database> force c'],
    ['supabase', { kind: 'upgrade', to: all }, 'migration up --db-url <database>'],
    ['supabase', { kind: 'upgrade', to: steps }, undefined],
    ['plain-sql', { kind: 'downgrade', to: all }, undefined],
    ['prisma', { kind: 'downgrade', to: all }, undefined],
  ];
  for (const [tool, action, expected] of cases) {
    it(`${tool}: ${expected ?? `nothing for ${action.kind}`}`, () => assert.equal(toolCommand(tool, action, status)?.args.join(' '), expected));
  }

  it('Alembic: all heads by name where there are several, and a merge alone is undone by its parent', () => {
    assert.deepEqual(toolCommand('alembic', { kind: 'upgrade', to: all }, { ...status, heads: ['d', 'e'] })?.args, ['upgrade', 'heads']);
    const merge = { id: 'm', name: '', file: '', parents: ['b', 'c'], dependsOn: [], labels: [] };
    assert.deepEqual(toolCommand('alembic', { kind: 'downgrade', to: steps }, { ...status, current: ['m'], revisions: [...status.revisions, merge] })?.args, [
      'downgrade',
      'b',
    ]);
  });
});

describe('what tools are never told', () => {
  it('is a revision that is an option', () => {
    for (const action of [
      { kind: 'stamp', revision: '--purge' },
      { kind: 'upgrade', to: { kind: 'revision', revision: '-x' } },
      { kind: 'merge', message: '-m' },
    ] as const)
      assert.throws(() => toolCommand('alembic', action, status), { code: 'REVISION_INVALID' });
    assert.throws(() => toolCommand('sequelize', { kind: 'upgrade', to: steps }, { ...status, pending: ['--url=x'] }), { code: 'REVISION_INVALID' });
  });
});

describe('a failed migration', () => {
  const cases: readonly (readonly [output: string, code: string])[] = [
    ["FAILED: Multiple head revisions are present for given argument 'head'", 'MIGRATION_HEADS'],
    ["FAILED: Can't locate revision identified by 'abc123'", 'MIGRATION_UNKNOWN_REVISION'],
    ['error: Dirty database version 3. Fix and force version.', 'MIGRATION_DIRTY'],
    ['psycopg2.errors.UniqueViolation: could not create unique index "users_email_key"', 'MIGRATION_DUPLICATE_KEY'],
    ['column "must" of relation "users" contains null values', 'MIGRATION_NOT_NULL'],
    ['canceling statement due to lock timeout', 'MIGRATION_LOCK_TIMEOUT'],
    ['relation "users" already exists', 'MIGRATION_EXISTS'],
    ['relation "users" does not exist', 'MIGRATION_MISSING_OBJECT'],
    ['could not translate host name "db" to address', 'MIGRATION_CONNECTION'],
    ['something else', 'MIGRATION_FAILED'],
  ];
  for (const [output, code] of cases) it(`is explained: ${output}`, () => assert.equal(explainFailure('Alembic', `Traceback\n${output}\n`, 1).code, code));
});

describe('a tool on this host', () => {
  const connection = { host: '127.0.0.1', port: 15_432, user: 'u s', password: 'p@/:', database: 'my db' };

  it("gets the connection by variables, with the project's own scheme", () => {
    const env = connectionEnvironment(connection, 'sqlalchemy.url = postgresql+asyncpg://x@y/z');
    assert.equal(env['DATABASE_URL'], 'postgresql+asyncpg://u%20s:p%40%2F%3A@127.0.0.1:15432/my%20db');
    assert.equal(env['PGPASSWORD'], 'p@/:');
  });

  it('is given in arguments without the password only', () => {
    assert.equal(addressOf(connection), 'postgres://u%20s@127.0.0.1:15432/my%20db?sslmode=disable');
    assert.equal(addressOf({ ...connection, host: '::1' }), 'postgres://u%20s@[::1]:15432/my%20db?sslmode=disable');
  });

  it('is sure of its database, or is not run', () => {
    const certain = (text: string): string => certaintyOf(text, connectionsIn(text), connection);
    assert.equal(certain('os.environ["DATABASE_URL"]'), 'environment');
    assert.equal(certain('url = postgresql://u@localhost:15432/my%20db'), 'configured');
    assert.equal(certain('url = postgresql://u@localhost:5432/my%20db'), 'elsewhere');
    assert.equal(certain('url = postgresql://u@prod.example.com:15432/my%20db'), 'elsewhere');
    assert.equal(certain('settings.url'), 'unknown');
  });

  it('shows no secret', () => {
    assert.equal(withoutSecrets('a p@ssw0rd b p%40ssw0rd', ['p@ssw0rd', '']), 'a **** b ****');
  });
});

describe('a folder in a container', () => {
  it('is found by the innermost mount, and as Docker Desktop writes it', () => {
    const mounts = [
      { type: 'bind', source: '/work/shop', destination: '/src' },
      { type: 'bind', source: '/host_mnt/work/shop/backend', destination: '/app/' },
      { type: 'volume', source: '/work/shop/backend/db', destination: '/x' },
    ];
    assert.equal(directoryIn('/work/shop/backend/db', mounts), '/app/db');
    assert.equal(directoryIn('/work/shop', mounts), '/src');
    assert.equal(directoryIn('/work/other', mounts), undefined);
  });
});
