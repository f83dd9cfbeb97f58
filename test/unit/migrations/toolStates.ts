import { createHash } from 'node:crypto';
import type { Comparison, StatusProblem, ToolId, VersionRow } from '../../../src/migrations/model';

/** What is expected of a state; lists that are left out are empty. */
interface Expectation {
  readonly current?: readonly string[];
  readonly pending?: readonly string[];
  readonly unknown?: readonly string[];
  readonly dirty?: readonly string[];
  readonly problems?: readonly StatusProblem['code'][];
}

export interface ToolState {
  readonly state: string;
  /** Undefined while there is no version table. */
  readonly rows?: readonly VersionRow[];
  readonly expected: Expectation;
  /** Files of this state besides the tool's. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One tool with a project of three migrations, in every state that a database may be in. */
export interface ToolCase {
  readonly tool: ToolId;
  readonly root: string;
  readonly files: Readonly<Record<string, string>>;
  readonly schema?: string;
  readonly table: string;
  /** The columns as the tool makes them. */
  readonly columns: Readonly<Record<string, string>>;
  readonly states: readonly ToolState[];
}

/** What a comparison gives, as an expectation. */
export function outcomeOf({ current, pending, unknown, dirty, problems }: Comparison): Required<Expectation> {
  return { current, pending, unknown, dirty, problems: problems.map(({ code }) => code) };
}

export function complete(expected: Expectation): Required<Expectation> {
  return { current: [], pending: [], unknown: [], dirty: [], problems: [], ...expected };
}

/** States that all tools have which note every migration: none, some, all, one too many. */
function usualStates(
  ids: readonly [string, string, string],
  unknown: string,
  row: (id: string) => VersionRow,
  last: readonly string[] = [],
): readonly ToolState[] {
  const [a, b, c] = ids;
  return [
    { state: 'never migrated', expected: { pending: ids } },
    { state: 'good', rows: ids.map(row), expected: { current: [c] } },
    { state: 'pending', rows: [row(a)], expected: { current: [a], pending: [b, c] } },
    { state: 'ahead', rows: [...ids, unknown].map(row), expected: { current: [c, unknown], unknown: [unknown], problems: ['unknown-revision'] } },
    { state: 'late', rows: [row(a), row(c)], expected: { current: [c], pending: [b], problems: last as readonly StatusProblem['code'][] } },
  ];
}

const revision = (id: string, down: string, more = ''): string =>
  `"""revision ${id}\n\nCreate Date: 2026-01-0${id.length} 10:00:00\n"""\nfrom alembic import op\n\nrevision: str = '${id}'\ndown_revision = ${down}\n${more}\n\ndef upgrade() -> None:\n    op.execute("SELECT 1")\n`;

const alembic: ToolCase = {
  tool: 'alembic',
  root: 'backend',
  files: {
    'backend/alembic.ini': '[alembic]\nscript_location = %(here)s/alembic\n',
    'backend/alembic/env.py': '',
    'backend/alembic/versions/__init__.py': '',
    'backend/alembic/versions/1.py': revision('aa', 'None', "branch_labels = ('trunk',)"),
    'backend/alembic/versions/2.py': revision('bb', '"aa"'),
    'backend/alembic/versions/3.py': revision('cc', '("bb",)'),
  },
  table: 'alembic_version',
  columns: { version_num: 'varchar(32) PRIMARY KEY' },
  states: [
    { state: 'never migrated', expected: { pending: ['aa', 'bb', 'cc'] } },
    { state: 'downgraded to base', rows: [], expected: { pending: ['aa', 'bb', 'cc'] } },
    { state: 'good', rows: [{ version_num: 'cc' }], expected: { current: ['cc'] } },
    { state: 'pending', rows: [{ version_num: 'aa' }], expected: { current: ['aa'], pending: ['bb', 'cc'] } },
    {
      state: 'ahead',
      rows: [{ version_num: 'abc123' }],
      expected: { current: ['abc123'], pending: ['aa', 'bb', 'cc'], unknown: ['abc123'], problems: ['unknown-revision'] },
    },
    {
      state: 'two heads',
      files: { 'backend/alembic/versions/4.py': revision('dd', "'bb'") },
      rows: [{ version_num: 'cc' }],
      expected: { current: ['cc'], pending: ['dd'], problems: ['multiple-heads'] },
    },
    {
      state: 'merged',
      files: { 'backend/alembic/versions/4.py': revision('dd', "'bb'"), 'backend/alembic/versions/5.py': revision('ee', "('cc', 'dd')") },
      rows: [{ version_num: 'cc' }, { version_num: 'dd' }],
      expected: { current: ['cc', 'dd'], pending: ['ee'] },
    },
    {
      state: 'depends on a label of another branch',
      files: { 'backend/alembic/versions/4.py': revision('xx', 'None', "depends_on = 'trunk'") },
      rows: [{ version_num: 'xx' }],
      expected: { current: ['aa', 'xx'], pending: ['bb', 'cc'], problems: ['multiple-heads'] },
    },
  ],
};

const golangRow = (version: string, dirty = 'false'): VersionRow => ({ version, dirty });
const golang: ToolCase = {
  tool: 'golang-migrate',
  root: 'db',
  files: Object.fromEntries(
    ['000001_users', '000002_items', '000010_tags'].flatMap((name) => [`${name}.up.sql`, `${name}.down.sql`].map((file) => [`db/migrations/${file}`, ''])),
  ),
  table: 'schema_migrations',
  columns: { version: 'bigint NOT NULL PRIMARY KEY', dirty: 'boolean NOT NULL' },
  states: [
    { state: 'never migrated', expected: { pending: ['1', '2', '10'] } },
    { state: 'good', rows: [golangRow('10')], expected: { current: ['10'] } },
    { state: 'pending', rows: [golangRow('2')], expected: { current: ['2'], pending: ['10'] } },
    { state: 'ahead', rows: [golangRow('11')], expected: { current: ['10', '11'], unknown: ['11'], problems: ['unknown-revision'] } },
    { state: 'dirty', rows: [golangRow('2', 'true')], expected: { current: ['2'], pending: ['10'], dirty: ['2'], problems: ['dirty'] } },
  ],
};

const times = ['20260101100000', '20260102100000', '20260103100000'] as const;
const later = '20260109100000';
const version = (id: string): VersionRow => ({ version: id });

const rails: ToolCase = {
  tool: 'rails',
  root: '',
  files: Object.fromEntries(times.map((time, index) => [`db/migrate/${time}_step_${index}.rb`, ''])),
  table: 'schema_migrations',
  columns: { version: 'varchar NOT NULL PRIMARY KEY' },
  states: usualStates(times, later, version),
};

const dbmate: ToolCase = {
  tool: 'dbmate',
  root: '',
  files: Object.fromEntries(times.map((time, index) => [`db/migrations/${time}_step_${index}.sql`, '-- migrate:up\nSELECT 1;\n-- migrate:down\n'])),
  table: 'schema_migrations',
  columns: { version: 'varchar(128) PRIMARY KEY' },
  states: usualStates(times, later, version),
};

const plain: ToolCase = {
  tool: 'plain-sql',
  root: 'configs',
  files: { 'configs/sql/001_users.sql': '', 'configs/sql/002_items.sql': '', 'configs/sql/010_tags.sql': '' },
  table: 'schema_migrations',
  columns: { version: 'text PRIMARY KEY', name: "text NOT NULL DEFAULT ''", applied_at: 'timestamptz NOT NULL DEFAULT now()' },
  states: [
    ...usualStates(['1', '2', '10'], '11', (id) => ({ version: id.padStart(3, '0') })).map((each) =>
      each.state === 'ahead' ? { ...each, expected: { current: ['10', '011'], unknown: ['011'], problems: ['unknown-revision'] as const } } : each,
    ),
    { state: 'noted by file name', rows: [{ version: '001_users.sql' }, { version: '002_items' }], expected: { current: ['2'], pending: ['10'] } },
  ],
};

const ecto: ToolCase = {
  tool: 'ecto',
  root: '',
  files: { 'mix.exs': '', ...Object.fromEntries(times.map((time, index) => [`priv/repo/migrations/${time}_step_${index}.exs`, ''])) },
  table: 'schema_migrations',
  columns: { version: 'bigint PRIMARY KEY', inserted_at: 'timestamp(0)' },
  states: usualStates(times, later, version),
};

const supabase: ToolCase = {
  tool: 'supabase',
  root: '',
  files: Object.fromEntries(times.map((time, index) => [`supabase/migrations/${time}_step_${index}.sql`, ''])),
  schema: 'supabase_migrations',
  table: 'schema_migrations',
  columns: { version: 'text NOT NULL PRIMARY KEY', statements: 'text[]', name: 'text' },
  states: usualStates(times, later, version),
};

const efIds = times.map((time, index) => `${time}_Step${index}`) as [string, string, string];
const efCore: ToolCase = {
  tool: 'ef-core',
  root: 'Api',
  files: {
    'Api/Api.csproj': '',
    'Api/Migrations/AppContextModelSnapshot.cs': '',
    ...Object.fromEntries(efIds.flatMap((id) => [`${id}.cs`, `${id}.Designer.cs`].map((file) => [`Api/Migrations/${file}`, '']))),
  },
  table: '__EFMigrationsHistory',
  columns: { MigrationId: 'varchar(150) NOT NULL PRIMARY KEY', ProductVersion: "varchar(32) NOT NULL DEFAULT '8.0'" },
  states: usualStates(efIds, `${later}_Later`, (id) => ({ MigrationId: id })),
};

const flywayRow = (rank: number, id: string, checksum: string, success = 'true'): VersionRow => ({
  installed_rank: String(rank),
  version: id,
  description: 'x',
  type: 'SQL',
  script: `V${id}__x.sql`,
  checksum,
  success,
});
const flyway: ToolCase = {
  tool: 'flyway',
  root: 'db',
  files: { 'db/sql/V1__users.sql': 'SELECT 1;\n', 'db/sql/V1.9__items.sql': '', 'db/sql/V1.10__tags.sql': '', 'db/sql/R__views.sql': '' },
  table: 'flyway_schema_history',
  columns: {
    installed_rank: 'int PRIMARY KEY',
    version: 'varchar(50)',
    description: 'varchar(200) NOT NULL',
    type: 'varchar(20) NOT NULL',
    script: 'varchar(1000) NOT NULL',
    checksum: 'int',
    success: 'boolean NOT NULL',
  },
  states: [
    { state: 'never migrated', expected: { pending: ['1', '1.9', '1.10', 'R views'] } },
    {
      state: 'good',
      rows: [
        flywayRow(1, '1', '0'),
        flywayRow(2, '1.9', '0'),
        flywayRow(3, '1.10', '0'),
        { ...flywayRow(4, '', '0'), version: null, description: 'views', script: 'R__views.sql' },
      ].map((row, index) => (index === 0 ? { ...row, checksum: null } : row)),
      expected: { current: ['1.10'] },
    },
    { state: 'pending', rows: [{ ...flywayRow(1, '1', ''), checksum: null }], expected: { current: ['1'], pending: ['1.9', '1.10', 'R views'] } },
    {
      state: 'failed',
      rows: [{ ...flywayRow(1, '1', ''), checksum: null }, flywayRow(2, '1.9', '0', 'false')],
      expected: { current: ['1'], pending: ['1.10', 'R views'], dirty: ['1.9'], problems: ['failed'] },
    },
    {
      state: 'late',
      rows: [{ ...flywayRow(1, '1', ''), checksum: null }, flywayRow(2, '1.10', '0')],
      expected: { current: ['1.10'], pending: ['1.9', 'R views'], problems: ['out-of-order'] },
    },
    { state: 'changed', rows: [flywayRow(1, '1', '12345')], expected: { current: ['1'], pending: ['1.9', '1.10', 'R views'], problems: ['checksum'] } },
    {
      state: 'ahead',
      rows: [{ ...flywayRow(1, '1', ''), checksum: null }, flywayRow(2, '3', '5')],
      expected: { current: ['1', '3'], pending: ['1.9', '1.10', 'R views'], unknown: ['3'], problems: ['unknown-revision'] },
    },
  ],
};

const prismaIds = times.map((time, index) => `${time}_step_${index}`) as [string, string, string];
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const prismaRow = (name: string, parts: VersionRow = {}): VersionRow => ({
  migration_name: name,
  checksum: sha(`-- ${name}\n`),
  started_at: '2026-01-01 00:00:00+00',
  finished_at: '2026-01-01 00:00:01+00',
  rolled_back_at: null,
  ...parts,
});
const prisma: ToolCase = {
  tool: 'prisma',
  root: '',
  files: {
    'prisma/schema.prisma': '',
    'prisma/migrations/migration_lock.toml': '',
    ...Object.fromEntries(prismaIds.map((id) => [`prisma/migrations/${id}/migration.sql`, `-- ${id}\n`])),
  },
  table: '_prisma_migrations',
  columns: {
    id: 'varchar(36) NOT NULL DEFAULT gen_random_uuid()::text PRIMARY KEY',
    checksum: 'varchar(64) NOT NULL',
    finished_at: 'timestamptz',
    migration_name: 'varchar(255) NOT NULL',
    logs: 'text',
    rolled_back_at: 'timestamptz',
    started_at: 'timestamptz NOT NULL DEFAULT now()',
    applied_steps_count: 'int NOT NULL DEFAULT 0',
  },
  states: [
    ...usualStates(prismaIds, `${later}_later`, prismaRow),
    {
      state: 'failed',
      rows: [prismaRow(prismaIds[0]), prismaRow(prismaIds[1], { finished_at: null })],
      expected: { pending: [prismaIds[2]], dirty: [prismaIds[1]], problems: ['failed'] },
    },
    {
      state: 'rolled back and tried again',
      rows: [
        prismaRow(prismaIds[0], { finished_at: null, rolled_back_at: '2026-01-01 00:00:02+00' }),
        prismaRow(prismaIds[0], { started_at: '2026-01-01 01:00:00+00' }),
      ],
      expected: { current: [prismaIds[0]], pending: prismaIds.slice(1) },
    },
    {
      state: 'changed',
      rows: [prismaRow(prismaIds[0], { checksum: sha('other') })],
      expected: { current: [prismaIds[0]], pending: prismaIds.slice(1), problems: ['checksum'] },
    },
  ],
};

const drizzleTimes = [1_767_261_600_000, 1_767_348_000_000, 1_767_434_400_000] as const;
const drizzleRow = (time: number): VersionRow => ({ hash: String(time), created_at: String(time) });
const drizzleTags = ['0000_users', '0001_items', '0002_tags'] as const;
const drizzle: ToolCase = {
  tool: 'drizzle',
  root: '',
  files: {
    'drizzle.config.ts': '',
    'drizzle/meta/_journal.json': JSON.stringify({ entries: drizzleTags.map((tag, index) => ({ idx: index, when: drizzleTimes[index], tag })) }),
    ...Object.fromEntries(drizzleTags.map((tag) => [`drizzle/${tag}.sql`, ''])),
  },
  schema: 'drizzle',
  table: '__drizzle_migrations',
  columns: { id: 'serial PRIMARY KEY', hash: 'text NOT NULL', created_at: 'bigint' },
  states: [
    { state: 'never migrated', expected: { pending: drizzleTags } },
    { state: 'good', rows: drizzleTimes.map(drizzleRow), expected: { current: ['0002_tags'] } },
    { state: 'pending', rows: [drizzleRow(drizzleTimes[0])], expected: { current: ['0000_users'], pending: ['0001_items', '0002_tags'] } },
    { state: 'skipped', rows: [drizzleRow(drizzleTimes[0]), drizzleRow(drizzleTimes[2])], expected: { current: ['0002_tags'], problems: ['skipped'] } },
    {
      state: 'ahead',
      rows: [...drizzleTimes, 1_767_999_999_000].map(drizzleRow),
      expected: { current: ['0002_tags', '1767999999000'], unknown: ['1767999999000'], problems: ['unknown-revision'] },
    },
  ],
};

const scriptText = 'exports.up = async () => {};\nexports.down = async () => {};\n';
const scripts = times.map((time, index) => `${time}-step-${index}.js`) as [string, string, string];
const sequelize: ToolCase = {
  tool: 'sequelize',
  root: 'api',
  files: { 'api/package.json': '{"dependencies":{"sequelize":"6"}}', ...Object.fromEntries(scripts.map((file) => [`api/migrations/${file}`, scriptText])) },
  table: 'SequelizeMeta',
  columns: { name: 'varchar(255) NOT NULL PRIMARY KEY' },
  states: usualStates(scripts, `${later}-later.js`, (name) => ({ name })),
};

const knexFiles = times.map((time, index) => `${time}_step_${index}.js`) as [string, string, string];
const knex: ToolCase = {
  tool: 'knex',
  root: 'api',
  files: { 'api/knexfile.js': '', ...Object.fromEntries(knexFiles.map((file) => [`api/migrations/${file}`, scriptText])) },
  table: 'knex_migrations',
  columns: { id: 'serial PRIMARY KEY', name: 'varchar(255)', batch: 'int', migration_time: 'timestamptz' },
  states: usualStates(knexFiles, `${later}_later.js`, (name) => ({ name, batch: '1' })),
};

const typeormIds = ['Users1767261600000', 'Items1767348000000', 'Tags1767434400000'] as const;
const typeorm: ToolCase = {
  tool: 'typeorm',
  root: 'api',
  files: {
    'api/package.json': '{"dependencies":{"typeorm":"0.3"}}',
    ...Object.fromEntries(
      typeormIds.map((id) => [`api/src/migrations/${id.slice(-13)}-${id.slice(0, -13)}.ts`, `export class ${id} implements MigrationInterface {}\n`]),
    ),
  },
  table: 'migrations',
  columns: { id: 'serial PRIMARY KEY', timestamp: 'bigint NOT NULL', name: 'varchar NOT NULL' },
  states: usualStates(typeormIds, 'Later1767999999000', (name) => ({ timestamp: name.slice(-13), name })),
};

const pgIds = ['1767261600000_users', '1767348000000_items', '1767434400000_tags'] as const;
const nodePgMigrate: ToolCase = {
  tool: 'node-pg-migrate',
  root: 'api',
  files: { 'api/package.json': '{"dependencies":{"node-pg-migrate":"7"}}', ...Object.fromEntries(pgIds.map((id) => [`api/migrations/${id}.js`, scriptText])) },
  table: 'pgmigrations',
  columns: { id: 'serial PRIMARY KEY', name: 'varchar(255) NOT NULL', run_on: 'timestamp NOT NULL DEFAULT now()' },
  states: usualStates(pgIds, '1767999999000_later', (name) => ({ name }), ['out-of-order']),
};

const gooseRow = (id: number, versionId: string, isApplied = 'true'): VersionRow => ({ id: String(id), version_id: versionId, is_applied: isApplied });
const goose: ToolCase = {
  tool: 'goose',
  root: 'db',
  files: Object.fromEntries(
    ['00001_users', '00002_items', '00010_tags'].map((name) => [`db/migrations/${name}.sql`, '-- +goose Up\nSELECT 1;\n-- +goose Down\n']),
  ),
  table: 'goose_db_version',
  columns: { id: 'int PRIMARY KEY', version_id: 'bigint NOT NULL', is_applied: 'boolean NOT NULL', tstamp: 'timestamp DEFAULT now()' },
  states: [
    { state: 'never migrated', expected: { pending: ['1', '2', '10'] } },
    { state: 'good', rows: ['0', '1', '2', '10'].map((each, index) => gooseRow(index, each)), expected: { current: ['10'] } },
    { state: 'pending', rows: [gooseRow(1, '0'), gooseRow(2, '1')], expected: { current: ['1'], pending: ['2', '10'] } },
    {
      state: 'undone again',
      rows: [gooseRow(1, '0'), gooseRow(2, '1'), gooseRow(3, '2'), gooseRow(4, '2', 'false')],
      expected: { current: ['1'], pending: ['2', '10'] },
    },
    { state: 'late', rows: [gooseRow(1, '0'), gooseRow(2, '1'), gooseRow(3, '10')], expected: { current: ['10'], pending: ['2'], problems: ['out-of-order'] } },
    {
      state: 'ahead',
      rows: ['0', '1', '2', '10', '11'].map((each, index) => gooseRow(index, each)),
      expected: { current: ['10', '11'], unknown: ['11'], problems: ['unknown-revision'] },
    },
  ],
};

const djangoText = (dependencies: string): string =>
  `from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    dependencies = [${dependencies}]\n    operations = []\n`;
const djangoRow = (id: string): VersionRow => ({ app: id.split('.')[0] ?? '', name: id.split('.')[1] ?? '' });
const django: ToolCase = {
  tool: 'django',
  root: '',
  files: {
    'manage.py': '',
    'shop/migrations/__init__.py': '',
    'shop/migrations/0001_initial.py': djangoText(''),
    'shop/migrations/0002_items.py': djangoText('("shop", "0001_initial")'),
    'shop/migrations/0003_tags.py': djangoText("('shop', '0002_items'), ('auth', '0001_initial')"),
  },
  table: 'django_migrations',
  columns: { id: 'serial PRIMARY KEY', app: 'varchar(255) NOT NULL', name: 'varchar(255) NOT NULL', applied: 'timestamptz NOT NULL DEFAULT now()' },
  states: [
    ...usualStates(['shop.0001_initial', 'shop.0002_items', 'shop.0003_tags'], 'shop.0009_later', djangoRow).map((each) =>
      each.state === 'late' ? { ...each, expected: { ...each.expected, current: ['shop.0001_initial', 'shop.0003_tags'] } } : each,
    ),
    {
      state: 'of other packages too',
      rows: [djangoRow('auth.0001_initial'), djangoRow('shop.0001_initial')],
      expected: { current: ['shop.0001_initial'], pending: ['shop.0002_items', 'shop.0003_tags'] },
    },
    {
      state: 'conflicting',
      files: { 'shop/migrations/0003_prices.py': djangoText('("shop", "0002_items")') },
      rows: ['shop.0001_initial', 'shop.0002_items', 'shop.0003_tags'].map(djangoRow),
      expected: { current: ['shop.0003_tags'], pending: ['shop.0003_prices'], problems: ['multiple-heads'] },
    },
  ],
};

export const toolCases: readonly ToolCase[] = [
  alembic,
  golang,
  rails,
  dbmate,
  plain,
  ecto,
  supabase,
  efCore,
  flyway,
  prisma,
  drizzle,
  sequelize,
  knex,
  typeorm,
  nodePgMigrate,
  goose,
  django,
];
