import type { ToolId } from '../../../src/migrations/model';

/** A project with three migrations of a tool, as its users would have it, and how the tool tells what it has done. */
export interface MigrationProject {
  readonly tool: ToolId;
  readonly files: Readonly<Record<string, string>>;
  /** What the product calls them. */
  readonly ids: readonly [string, string, string];
  /** The file of the last one. */
  readonly last: string;
  /** The arguments by which the tool tells it; it is run by Node from this package, or by the project's Python. */
  readonly told: { readonly program: 'python' | { readonly package: string; readonly bin: string }; readonly args: readonly string[] };
  readonly read: (output: string) => { readonly applied: readonly string[]; readonly pending: readonly string[] };
  /** Whether it can go forward by one, and back by one. */
  readonly steps: readonly ('forth' | 'back')[];
}

const words = ['one', 'two', 'three'] as const;
const stamps = ['20240101000001', '20240101000002', '20240101000003'] as const;
const times = ['1704067200001', '1704067200002', '1704067200003'] as const;

function three<T>(make: (word: string, index: number) => T): [T, T, T] {
  return [make(words[0], 0), make(words[1], 1), make(words[2], 2)];
}

function entries(name: (word: string, index: number) => string, text: (word: string, index: number) => string): Record<string, string> {
  return Object.fromEntries(three((word, index) => [name(word, index), text(word, index)] as const));
}

function dependingOn(...names: readonly string[]): string {
  return JSON.stringify({ name: 'shop', private: true, dependencies: Object.fromEntries(names.map((name) => [name, '*'])) });
}

function matches(output: string, pattern: RegExp): readonly string[] {
  return [...output.matchAll(pattern)].map(([, found = '']) => found);
}

function marked(output: string): { readonly applied: readonly string[]; readonly pending: readonly string[] } {
  return { applied: matches(output, /^\s*\[X\] (?:\d+ )?(\w+)/gm), pending: matches(output, /^\s*\[ \] (?:\d+ )?(\w+)/gm) };
}

const sequelize: MigrationProject = {
  tool: 'sequelize',
  files: {
    'package.json': dependingOn('sequelize', 'sequelize-cli', 'pg'),
    'config/config.js': "module.exports = { development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' } };",
    ...entries(
      (word, index) => `migrations/${stamps[index]}-${word}.js`,
      (word) =>
        `module.exports = { up: (queryInterface, { INTEGER }) => queryInterface.createTable('${word}', { id: INTEGER }), down: (queryInterface) => queryInterface.dropTable('${word}') };`,
    ),
  },
  ids: three((word, index) => `${stamps[index]}-${word}.js`),
  last: `migrations/${stamps[2]}-three.js`,
  told: { program: { package: 'sequelize-cli', bin: 'lib/sequelize' }, args: ['db:migrate:status'] },
  read: (output) => ({ applied: matches(output, /^up (\S+)/gm), pending: matches(output, /^down (\S+)/gm) }),
  steps: ['forth', 'back'],
};

const knex: MigrationProject = {
  tool: 'knex',
  files: {
    'package.json': dependingOn('knex', 'pg'),
    'knexfile.js': "module.exports = { client: 'pg', connection: process.env.DATABASE_URL, migrations: { directory: './migrations' } };",
    ...entries(
      (word, index) => `migrations/${stamps[index]}_${word}.js`,
      (word) =>
        `exports.up = (knex) => knex.schema.createTable('${word}', (table) => table.increments('id'));\nexports.down = (knex) => knex.schema.dropTable('${word}');`,
    ),
  },
  ids: three((word, index) => `${stamps[index]}_${word}.js`),
  last: `migrations/${stamps[2]}_three.js`,
  told: { program: { package: 'knex', bin: 'bin/cli.js' }, args: ['migrate:list'] },
  read: (output) => {
    const [completed = '', pending = ''] = output.split(/^.*Pending Migration.*$/m);
    return { applied: matches(completed, /^(\d+_\w+\.js)/gm), pending: matches(pending, /^(\d+_\w+\.js)/gm) };
  },
  steps: ['forth', 'back'],
};

const nodePgMigrate: MigrationProject = {
  tool: 'node-pg-migrate',
  files: {
    'package.json': dependingOn('node-pg-migrate', 'pg'),
    ...entries(
      (word, index) => `migrations/${times[index]}_${word}.js`,
      (word) => `exports.up = (pgm) => pgm.createTable('${word}', { id: 'id' });\nexports.down = (pgm) => pgm.dropTable('${word}');`,
    ),
  },
  ids: three((word, index) => `${times[index]}_${word}`),
  last: `migrations/${times[2]}_three.js`,
  told: { program: { package: 'node-pg-migrate', bin: 'bin/node-pg-migrate.js' }, args: ['up', '--dry-run'] },
  // It tells only what it would do.
  read: (output) => {
    const pending = matches(output, /^> - (\w+)$/gm);
    return { applied: three((word, index) => `${times[index]}_${word}`).filter((id) => !pending.includes(id)), pending };
  },
  steps: ['forth', 'back'],
};

const typeorm: MigrationProject = {
  tool: 'typeorm',
  files: {
    'package.json': dependingOn('typeorm', 'pg', 'reflect-metadata'),
    'data-source.js':
      "const { DataSource } = require('typeorm');\nmodule.exports.AppDataSource = new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, migrations: [__dirname + '/migrations/*.js'] });",
    ...entries(
      (word, index) => `migrations/${times[index]}-${word}.js`,
      (word, index) =>
        `class ${word}${times[index]} {\n  async up(runner) { await runner.query('CREATE TABLE ${word} (id int)'); }\n  async down(runner) { await runner.query('DROP TABLE ${word}'); }\n}\nmodule.exports = { ${word}${times[index]} };`,
    ),
  },
  ids: three((word, index) => `${word}${times[index]}`),
  last: `migrations/${times[2]}-three.js`,
  told: { program: { package: 'typeorm', bin: 'cli.js' }, args: ['migration:show', '--dataSource', 'data-source.js'] },
  read: marked,
  steps: ['back'],
};

const django: MigrationProject = {
  tool: 'django',
  files: {
    'manage.py':
      "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_settings.settings')\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
    'site_settings/__init__.py': '',
    'site_settings/settings.py': `import os
SECRET_KEY = 'only for this test'
INSTALLED_APPS = ['shop']
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['PGDATABASE'], 'HOST': os.environ['PGHOST'],
                         'PORT': os.environ['PGPORT'], 'USER': os.environ['PGUSER'], 'PASSWORD': os.environ['PGPASSWORD']}}
`,
    'shop/__init__.py': '',
    'shop/migrations/__init__.py': '',
    ...entries(
      (word, index) => `shop/migrations/000${index + 1}_${word}.py`,
      (word, index) => `from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [${index === 0 ? '' : `('shop', '000${index}_${words[index - 1]}')`}]
    operations = [migrations.RunSQL('CREATE TABLE ${word} (id int)', 'DROP TABLE ${word}')]
`,
    ),
  },
  ids: three((word, index) => `shop.000${index + 1}_${word}`),
  last: 'shop/migrations/0003_three.py',
  told: { program: 'python', args: ['manage.py', 'showmigrations', 'shop'] },
  read: (output) => {
    const { applied, pending } = marked(output);
    const named = (ids: readonly string[]): readonly string[] => ids.map((id) => `shop.${id}`);
    return { applied: named(applied), pending: named(pending) };
  },
  steps: [],
};

/** Projects of the tools that tell themselves what they have done. */
export const migrationProjects: readonly MigrationProject[] = [sequelize, knex, nodePgMigrate, typeorm, django];

/** Drizzle tells nothing of itself; what it has applied shows in its table. */
export function drizzleProject(count: number): Readonly<Record<string, string>> {
  const tags = three((word, index) => `000${index}_${word}`).slice(0, count);
  const journal = {
    version: '7',
    dialect: 'postgresql',
    entries: tags.map((tag, idx) => ({ idx, version: '7', when: Number(times[idx]), tag, breakpoints: true })),
  };
  return {
    'package.json': dependingOn('drizzle-kit', 'drizzle-orm', 'pg'),
    'drizzle.config.js':
      "module.exports = { dialect: 'postgresql', schema: './schema.js', out: './drizzle', dbCredentials: { url: process.env.DATABASE_URL } };",
    'schema.js': '',
    'drizzle/meta/_journal.json': JSON.stringify(journal),
    ...Object.fromEntries(tags.map((tag) => [`drizzle/${tag}.sql`, `CREATE TABLE "${tag.slice(5)}" (id int);`])),
  };
}
