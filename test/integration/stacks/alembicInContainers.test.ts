import assert from 'node:assert/strict';
import path from 'node:path';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import type { ActionResult, ToolPlan } from '../../../src/migrations/migrations';
import { ensureDebianImage } from '../../lab/debianImages';
import { run, tryRun } from '../../lab/process';
import { databaseOf, failureOf, openApp, operation, type OpenApp } from '../support/app';
import { copyDatabase, startMigrator } from '../support/migrator';
import { runName } from '../support/shared';
import { sql } from '../support/sql';
import { startStack, type Stack } from '../support/stack';

const database = 'alembic_copy';

// As in the reims stack: Alembic lives in the image of a service that has the backend's folder mounted. The copy of the
// stack has no such image, so a service is added to the project, by the labels that Compose would give it.
describe('Alembic in containers', () => {
  let stack: Stack;
  let app: OpenApp;
  let migrator: string;
  let image: string;

  before(async function () {
    this.timeout(400_000);
    image = await ensureDebianImage('Alembic');
    stack = await startStack('reims');
    await copyDatabase(stack, database);
    migrator = await startMigrator(stack, image, path.join(stack.folder, 'backend'), `postgresql+psycopg2://reims:reims_dev@postgres:5432/${database}`);
    app = await openApp();
  });

  // Others share the stack, and find it as it was.
  after(async () => {
    await tryRun('docker', ['rm', '--force', '--volumes', migrator]);
    await sql(stack, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  });

  const plan = async (action: MigrationAction): Promise<ToolPlan> => {
    const target = databaseOf(app, stack, database);
    const { migrations } = await app.migrations.of(target, { folders: [] });
    const [found] = migrations;
    assert.ok(found !== undefined);
    return app.migrations.plan(target, found, action, operation());
  };
  const act = async (made: ToolPlan): Promise<ActionResult> => app.migrations.run(made, { backup: false }, operation());

  it('runs in the service that has it', async () => {
    const made = await plan({ kind: 'downgrade', to: { kind: 'steps', steps: 1 } });
    assert.deepEqual([made.place.kind, made.place.kind === 'service' ? [made.place.service, made.place.directory] : []], ['service', ['migrator', '/app']]);
    const { after } = await act(made);
    assert.equal(after.pending.length, 1);
    const current = await run('docker', ['exec', '--workdir', '/app', migrator, 'alembic', 'current']);
    assert.equal(current.split(' ')[0]?.trim(), after.current[0]);
    await act(await plan({ kind: 'upgrade', to: { kind: 'all' } }));
  });

  it('runs in a container like that of a service that is stopped, and leaves none', async () => {
    await run('docker', ['stop', '--time', '1', migrator]);
    const target = databaseOf(app, stack, database);
    const { migrations } = await app.migrations.of(target, { folders: [] });
    const [found] = migrations;
    assert.ok(found !== undefined);
    const made = await app.migrations.plan(target, found, { kind: 'downgrade', to: { kind: 'steps', steps: 1 } }, operation(), 'one-off');
    assert.equal(made.place.kind, 'one-off');
    const { after, output } = await act(made);
    assert.equal(after.pending.length, 1, output);
    const left = await run('docker', ['ps', '--all', '--format', '{{.Names}}', '--filter', `ancestor=${image}`]);
    assert.deepEqual(
      left
        .trim()
        .split('\n')
        .filter((name) => name.startsWith(runName) || !/^cdbit/.test(name)),
      [migrator],
    );
  });

  it('ends in the container when it is cancelled', async () => {
    await run('docker', ['start', migrator]);
    const stop = new AbortController();
    const made = await plan({ kind: 'upgrade', to: { kind: 'all' } });
    const failure = await failureOf(
      app.migrations.run(made, { backup: false }, operation({ signal: stop.signal, onReport: ({ message }) => message.startsWith('Running') && stop.abort() })),
    );
    assert.equal(failure.code, 'CANCELLED');
    const { stdout } = await tryRun('docker', ['top', migrator]);
    assert.doesNotMatch(stdout, /alembic/);
  });

  it('runs the service that prepares the database again', async () => {
    const target = databaseOf(app, stack, stack.database);
    const [init] = await app.migrations.initServices(target);
    assert.equal(init?.service, 'db-init');
    const printed = await app.migrations.runInit(target, init, { backup: false }, operation());
    assert.match(printed, /\w/);
  });
});
