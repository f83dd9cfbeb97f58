import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import { connectionEnvironment } from '../../../src/migrations/actions/environment';
import type { MigrationStatus, ToolId } from '../../../src/migrations/model';
import type { FoundMigrations } from '../../../src/migrations/survey';
import { ensurePackages } from '../../lab/apt';
import { ensureMigrationTools } from '../../lab/migrationTools';
import { tryRun } from '../../lab/process';
import { databaseOf, openApp, operation, type OpenApp } from '../support/app';
import { drizzleProject, migrationProjects, type MigrationProject } from '../support/migrationProjects';
import { tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { startStack, type Stack } from '../support/stack';

const all = { kind: 'all' } as const;
const one = { kind: 'steps', steps: 1 } as const;

// The tools themselves, from their packages, run by the product; what it reads has to be what they say.
describe('migration tools', () => {
  let stack: Stack;
  let app: OpenApp;
  let modules: string;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    await ensurePackages(['python3-django', 'python3-psycopg2']);
    modules = await ensureMigrationTools();
    stack = await startStack('fastapi');
    folder = await tempFolder('tools');
    app = await openApp();
  });

  // Others share the stack, and find it as it was.
  after(async () => {
    for (const tool of [...migrationProjects.map((project) => project.tool), 'drizzle'] as const) {
      await sql(stack, 'postgres', `DROP DATABASE IF EXISTS ${databaseFor(tool)} WITH (FORCE)`);
    }
  });

  async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), text);
    }
  }

  /** A project of a tool beside a database of its own. */
  async function lay(tool: ToolId, files: Readonly<Record<string, string>>): Promise<{ readonly root: string; readonly env: NodeJS.ProcessEnv }> {
    const database = databaseFor(tool);
    await sql(stack, 'postgres', `CREATE DATABASE ${database}`);
    await app.inventory.refresh();
    const { published = { host: '', port: 0 } } = app.inventory.serverOf(databaseOf(app, stack, database).service);
    const root = path.join(folder, tool);
    const env = connectionEnvironment({ ...published, user: stack.user, password: 'password', database }, '');
    await write(root, { ...files, '.env': `DATABASE_URL=${env['DATABASE_URL']}\n` });
    await symlink(modules, path.join(root, 'node_modules'));
    await mkdir(path.join(root, '.venv/bin'), { recursive: true });
    await symlink('/usr/bin/python3', path.join(root, '.venv/bin/python')); // Debian's, which has the packages
    return { root, env };
  }

  async function found(tool: ToolId): Promise<FoundMigrations> {
    const { migrations } = await app.migrations.of(databaseOf(app, stack, databaseFor(tool)), { folders: [path.join(folder, tool)] });
    return migrations.find(({ status }) => status.tool === tool) ?? assert.fail(`no migrations of ${tool}`);
  }

  async function act(tool: ToolId, action: MigrationAction): Promise<MigrationStatus> {
    const plan = await app.migrations.plan(databaseOf(app, stack, databaseFor(tool)), await found(tool), action, operation(), 'host');
    return (await app.migrations.run(plan, { backup: false }, operation())).after;
  }

  for (const project of migrationProjects) {
    const { tool, ids, steps } = project;
    const [first, second, third] = ids;

    it(`${tool}: status as it tells it, through every state`, async function () {
      this.timeout(180_000);
      const { root, env } = await lay(tool, project.files);
      const expectAll = async (applied: readonly string[], pending: readonly string[]): Promise<void> => {
        const { status } = await found(tool);
        assert.deepEqual([status.applied, status.pending], [applied, pending]);
        assert.deepEqual(await tell(project, root, env), { applied, pending });
      };
      await expectAll([], ids);
      if (steps.includes('forth')) {
        await act(tool, { kind: 'upgrade', to: one });
        await expectAll([first], [second, third]);
      }
      if (tool === 'django') {
        await act(tool, { kind: 'upgrade', to: { kind: 'revision', revision: second } });
        await expectAll([first, second], [third]);
      }
      await act(tool, { kind: 'upgrade', to: all });
      await expectAll(ids, []);
      if (steps.includes('back')) await act(tool, { kind: 'downgrade', to: one });
      else await act(tool, { kind: 'downgrade', to: { kind: 'revision', revision: second } });
      await expectAll([first, second], [third]);
      await act(tool, { kind: 'upgrade', to: all });
      await rm(path.join(root, project.last));
      const { status } = await found(tool);
      assert.deepEqual([status.applied, status.pending, status.unknown], [[first, second], [], [third]]);
    });
  }

  it('drizzle: applies what it is said to have pending', async function () {
    this.timeout(180_000);
    const { root } = await lay('drizzle', drizzleProject(1));
    assert.deepEqual((await found('drizzle')).status.pending, ['0000_one']);
    assert.deepEqual((await act('drizzle', { kind: 'upgrade', to: all })).applied, ['0000_one']);
    await write(root, drizzleProject(3));
    assert.deepEqual((await found('drizzle')).status.pending, ['0001_two', '0002_three']);
    const { applied, pending } = await act('drizzle', { kind: 'upgrade', to: all });
    assert.deepEqual([applied, pending], [['0000_one', '0001_two', '0002_three'], []]);
    assert.equal(await sql(stack, databaseFor('drizzle'), 'SELECT count(*) FROM drizzle.__drizzle_migrations'), '3');
    await write(root, drizzleProject(2));
    assert.equal((await found('drizzle')).status.unknown.length, 1);
  });

  async function tell({ told: { program, args }, read }: MigrationProject, cwd: string, env: NodeJS.ProcessEnv): Promise<ReturnType<MigrationProject['read']>> {
    const [name, ...before] =
      program === 'python' ? [path.join(cwd, '.venv/bin/python')] : [process.execPath, path.join(modules, program.package, program.bin)];
    const { stdout, stderr } = await tryRun(name ?? '', [...before, ...args], { cwd, env: { ...env, NO_COLOR: '1' } });
    return read(`${stdout}\n${stderr}`);
  }
});

function databaseFor(tool: ToolId): string {
  return `tool_${tool.replaceAll('-', '_')}`;
}
