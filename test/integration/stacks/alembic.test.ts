import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationAction } from '../../../src/migrations/actions/action';
import type { ActionResult } from '../../../src/migrations/migrations';
import type { FoundMigrations } from '../../../src/migrations/survey';
import type { Rehearsal } from '../../../src/migrations/update/rehearse';
import type { UpdateReport } from '../../../src/migrations/update/updates';
import { ensurePackages } from '../../lab/apt';
import { run } from '../../lab/process';
import { cli, cliJson, databaseOf, failureOf, filesIn, openApp, operation, type OpenApp } from '../support/app';
import { tempFolder } from '../support/shared';
import { fingerprint, holdSession, rowsOf, sql } from '../support/sql';
import { startStack, type Stack } from '../support/stack';

const database = 'alembic_copy';

/** What `migrations rehearse --json` prints. */
type Rehearsed = Rehearsal & { readonly state: string; readonly failure?: { readonly code: string } };

/** What `update --json` prints. */
type Update = Pick<UpdateReport, 'state' | 'steps' | 'backup' | 'rehearsal' | 'changes'>;

// Alembic itself, on the host in backend/, as the fastapi stack has it; on a copy of its database.
describe('Alembic on the host', () => {
  let stack: Stack;
  let app: OpenApp;
  let env: NodeJS.ProcessEnv;
  let backend: string;

  before(async function () {
    this.timeout(300_000);
    await ensurePackages(['alembic', 'python3-sqlalchemy', 'python3-psycopg2', 'python3-dateutil']);
    stack = await startStack('fastapi');
    backend = path.join(stack.folder, 'backend');
    await sql(stack, 'postgres', `CREATE DATABASE ${database}`);
    await run('docker', ['exec', stack.container, 'sh', '-c', `pg_dump -U "$1" "$2" | psql -q -U "$1" -d ${database}`, 'sh', stack.user, stack.database]);
    app = await openApp();
    const { published } = app.inventory.serverOf(databaseOf(app, stack, database).service);
    env = { DATABASE_URL: `postgresql+psycopg2://postgres:password@${published?.host}:${published?.port}/${database}` };
  });

  // Others share the stack, and find it as it was.
  after(() => sql(stack, 'postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`));

  const found = async (): Promise<FoundMigrations> => {
    const { migrations } = await app.migrations.of(databaseOf(app, stack, database), { folders: [] });
    assert.equal(migrations.length, 1);
    return migrations[0] as FoundMigrations;
  };
  const act = async (action: MigrationAction, backup = false): Promise<ActionResult> => {
    const plan = await app.migrations.plan(databaseOf(app, stack, database), await found(), action, operation());
    assert.equal(plan.place.kind, 'host');
    return app.migrations.run(plan, { backup }, operation());
  };
  const alembic = (...args: readonly string[]): Promise<string> => run('alembic', args, { cwd: backend, env: { ...process.env, ...env } });
  const firstWords = (text: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line) => /^[0-9a-z_]+(?= |$)/.exec(line)?.[0] ?? [])
      .toSorted();

  /** Holds what the product says against what Alembic prints. */
  const agree = async (): Promise<FoundMigrations['status']> => {
    const { status } = await found();
    const [current, heads, history] = await Promise.all([alembic('current'), alembic('heads'), alembic('history', '--verbose')]);
    assert.deepEqual([...status.current].toSorted(), firstWords(current));
    assert.deepEqual([...status.heads].toSorted(), firstWords(heads));
    const listed = [...history.matchAll(/^Rev: (\w+)/gm)].map(([, id]) => id);
    assert.deepEqual(
      status.revisions.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1)),
      listed.toSorted((a = '', b = '') => (a < b ? -1 : 1)),
    );
    assert.deepEqual(status.pending.length, listed.length - status.applied.length);
    return status;
  };

  it('is at the head, as Alembic says', async () => {
    const status = await agree();
    assert.deepEqual(status.pending, []);
    assert.deepEqual(status.problems, []);
  });

  it('goes back and forth by steps and to revisions', async () => {
    const before = await rowsOf(stack, database, 'users');
    const back = await act({ kind: 'downgrade', to: { kind: 'steps', steps: 2 } }, true);
    assert.equal(back.after.pending.length, 2);
    assert.ok(back.backup !== undefined && (await app.backups.read(back.backup)).manifest?.reason === 'safety');
    await agree();
    const one = await act({ kind: 'upgrade', to: { kind: 'steps', steps: 1 } });
    assert.deepEqual(one.after.pending.length, 1);
    await agree();
    const [next] = one.after.pending;
    const up = await act({ kind: 'upgrade', to: { kind: 'revision', revision: next ?? '' } });
    assert.deepEqual(up.after.pending, []);
    await agree();
    assert.equal(await rowsOf(stack, database, 'users'), before);
    assert.match(await readFile(up.log, 'utf8'), /^\$ alembic upgrade [0-9a-f]+\n[\s\S]*exit code 0\n$/);
  });

  it('shows the SQL of a downgrade without running it', async () => {
    const { stdout, after } = await act({ kind: 'preview', direction: 'downgrade', to: { kind: 'steps', steps: 1 } });
    assert.match(stdout, /DROP |ALTER /);
    assert.deepEqual(after.pending, []);
  });

  it('makes a revision, is branched, refuses "head", is merged and upgraded', async () => {
    const { status } = await found();
    const [head = ''] = status.heads;
    await act({ kind: 'revision', message: "it's new; $(touch x)", autogenerate: false });
    const other = `revision = "feedbeef0001"\ndown_revision = "${head}"\nbranch_labels = ("side",)\ndepends_on = None\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n`;
    await writeFile(path.join(backend, 'alembic/versions/feedbeef0001_side.py'), `"""side"""\n${other}`);
    const branched = await agree();
    assert.equal(branched.heads.length, 2);
    assert.equal(branched.pending.length, 2);
    assert.ok(branched.problems.some(({ code }) => code === 'multiple-heads'));
    const refused = await failureOf(act({ kind: 'upgrade', to: { kind: 'revision', revision: 'head' } }));
    assert.equal(refused.code, 'MIGRATION_HEADS');
    await act({ kind: 'merge', message: 'join them' });
    const merged = await agree();
    assert.equal(merged.heads.length, 1);
    const { after } = await act({ kind: 'upgrade', to: { kind: 'all' } });
    assert.deepEqual(after.current, merged.heads);
    assert.equal(after.revisions.find(({ id }) => id === merged.heads[0])?.parents.length, 2);
    await agree();
    assert.deepEqual(
      (await readdir(backend)).filter((name) => name === 'x'),
      [],
    );
  });

  it('does the same from the command line', async () => {
    const target = `${stack.project}/${stack.service}/${database}`;
    const asked = await cli(['migrations', 'downgrade', target, '--steps', '1', '--json']);
    assert.equal(asked.code, 4);
    const dry = await cliJson<{ command: string; place: string }>(['migrations', 'downgrade', target, '--steps', '1', '--dry-run']);
    assert.match(dry.command, /^alembic downgrade [0-9a-f]+$/, 'from a merge, to one of its parents');
    assert.equal(dry.place, 'host');
    const down = await cliJson<{ after: { pending: readonly string[] } }>(['migrations', 'downgrade', target, '--steps', '1', '--yes', '--no-backup']);
    assert.equal(down.after.pending.length, 1);
    const status = await cliJson<{ databases: readonly { migrations: readonly { pending: readonly string[] }[] }[] }>(['migrations', 'status', target]);
    assert.deepEqual(status.databases[0]?.migrations[0]?.pending, down.after.pending);
    const up = await cliJson<{ after: { pending: readonly string[] }; backup: string }>(['migrations', 'upgrade', target, '--yes', '--folder', stack.folder]);
    assert.deepEqual(up.after.pending, []);
    const history = await cliJson<{ revisions: readonly unknown[]; applied: readonly string[] }>(['migrations', 'history', target]);
    assert.equal(history.revisions.length, history.applied.length);
    const files = await cliJson<{ folders: readonly { tool: string; revisions: readonly unknown[] }[] }>(
      ['migrations', 'status', backend, '--endpoint', 'unix:///nowhere'],
      {
        env: { DOCKER_HOST: '' },
      },
    );
    assert.ok('folders' in files || 'databases' in files);
  });

  it('knows a database that another branch has migrated', async () => {
    const { status } = await found();
    await sql(stack, database, "UPDATE alembic_version SET version_num = 'abc123'");
    const ahead = (await found()).status;
    assert.deepEqual([ahead.unknown, ahead.current], [['abc123'], ['abc123']]);
    const failure = await failureOf(act({ kind: 'upgrade', to: { kind: 'all' } }));
    assert.equal(failure.code, 'MIGRATION_UNKNOWN_REVISION');
    await sql(stack, database, 'DELETE FROM alembic_version');
    const stamped = await act({ kind: 'stamp', revision: status.current[0] ?? '' });
    assert.deepEqual(stamped.after.current, status.current);
    await agree();
  });

  it('rehearses without touching the database, and updates safely: a migration that fails on the copy leaves the database alone, one that fails later is taken back', async () => {
    const { status } = await found();
    const [tip = ''] = status.current;
    const write = (id: string, body: string, back = '    pass'): Promise<void> =>
      writeFile(
        path.join(backend, `alembic/versions/${id}_update.py`),
        `"""update"""\nfrom alembic import context, op\n\nrevision = "${id}"\ndown_revision = "${tip}"\n\n\ndef upgrade():\n${body}\n\n\ndef downgrade():\n${back}\n`,
      );
    const update = async (...more: readonly string[]): Promise<{ code: number; value: Update }> => {
      const { code, stdout, stderr } = await cli(['update', `${stack.project}/${stack.service}/${database}`, '--yes', '--json', ...more], {
        cwd: stack.folder,
      });
      assert.ok(stdout !== '', stderr);
      return { code, value: JSON.parse(stdout) as Update };
    };
    const users = await sql(stack, database, 'SELECT count(*) FROM users');
    const state = await tempFolder('state');
    const target = `${stack.project}/${stack.service}/${database}`;
    const rehearse = async (): Promise<{ code: number; value: Rehearsed }> => {
      const { code, stdout, stderr } = await cli(['migrations', 'rehearse', target, '--json'], { cwd: stack.folder, state });
      assert.ok(stdout !== '', stderr);
      return { code, value: JSON.parse(stdout) as Rehearsed };
    };
    /** What a rehearsal must leave as it is. */
    const surroundings = async (): Promise<readonly string[]> => [
      ...(await fingerprint(stack, database)),
      await sql(stack, 'postgres', 'SELECT string_agg(datname, chr(44) ORDER BY 1) FROM pg_database'),
      ...(await filesIn(path.join(stack.folder, 'backups'))),
      ...(await filesIn(path.join(state, 'copies'))),
    ];
    const untouched = await surroundings();
    const holder = await holdSession(stack, database);

    await write('0aaaaaaaaaaa', '    op.execute("ALTER TABLE users ADD COLUMN must text NOT NULL")');
    const failing = await rehearse();
    assert.deepEqual([failing.code, failing.value.state, failing.value.failure?.code], [1, 'fails', 'MIGRATION_NOT_NULL']);
    assert.match(failing.value.failedAt ?? '', /ADD COLUMN must/);
    await write('0aaaaaaaaaaa', '    op.execute("ALTER TABLE users ADD COLUMN may text")');
    const passing = await rehearse();
    assert.deepEqual([passing.code, passing.value.state], [0, 'runs through']);
    assert.ok(passing.value.changes.schema.includes('added: column public.users.may'), JSON.stringify(passing.value.changes));
    assert.ok(passing.value.locks.some(({ table }) => table === 'public.users'));
    assert.ok(await holder.isAlive(), 'a session of the database was ended');
    holder.close();
    assert.deepEqual(await surroundings(), untouched);

    await write('0aaaaaaaaaaa', '    op.execute("ALTER TABLE users ADD COLUMN must text NOT NULL")');
    const refused = await update();
    assert.deepEqual([refused.code, refused.value.state], [1, 'not begun']);
    assert.match(refused.value.rehearsal?.failedAt ?? '', /ADD COLUMN must/);
    assert.equal(await sql(stack, database, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'must'"), '0');

    // In the SQL that is rehearsed all is well; what it does with a connection shows only later.
    const online =
      '    op.execute("CREATE TABLE half_way ()")\n    if not context.is_offline_mode():\n        op.get_bind().exec_driver_sql("COMMIT")\n        op.execute("SELECT 1/0")';
    await write('0aaaaaaaaaaa', online, '    op.execute("DROP TABLE half_way")');
    const back = await update('--restore-on-failure');
    assert.deepEqual([back.code, back.value.state], [1, 'restored']);
    assert.deepEqual(
      back.value.steps.map(({ name, state }) => `${name} ${state}`),
      ['backup done', 'rehearsal done', 'downgrade done', 'migration failed', 'restore done'],
    );
    assert.equal(await sql(stack, database, "SELECT to_regclass('half_way') IS NULL"), 't');
    assert.equal(await sql(stack, database, 'SELECT count(*) FROM users'), users);
    assert.deepEqual((await found()).status.current, status.current);

    await write(
      '0aaaaaaaaaaa',
      '    op.execute("ALTER TABLE users ALTER COLUMN id TYPE numeric")\n    op.execute("CREATE TABLE fresh (id int)")\n    op.execute("INSERT INTO fresh VALUES (1)")',
      '    op.execute("DROP TABLE fresh")',
    );
    const { code, value } = await update();
    assert.deepEqual([code, value.state], [0, 'updated']);
    assert.deepEqual(
      value.steps.map(({ name, state }) => `${name} ${state}`),
      ['backup done', 'rehearsal done', 'downgrade failed', 'migration done', 'validation done', 'health done'],
    );
    assert.deepEqual(value.rehearsal?.downgrade?.differences, ['changed: column public.users.id']);
    const manifest = JSON.parse(await readFile(`${value.backup}.json`, 'utf8')) as { verified: string };
    assert.equal(manifest.verified, 'restored');
    for (const changes of [value.changes, value.rehearsal?.changes]) {
      assert.ok(changes !== undefined);
      assert.ok(changes.schema.includes('added: table public.fresh'), JSON.stringify(changes));
      assert.ok(changes.schema.includes('changed: column public.users.id'));
      assert.deepEqual(changes.rewritten, ['public.users']);
      assert.deepEqual(
        changes.rows.find(({ table }) => table === 'public.fresh'),
        { table: 'public.fresh', after: 1 },
      );
    }
    assert.ok(value.rehearsal?.locks.some(({ table, mode }) => table === 'public.users' && mode === 'AccessExclusiveLock'));
    assert.deepEqual(
      (await cliJson<{ state: string }>(['update', `${stack.project}/${stack.service}/${database}`], { cwd: stack.folder })).state,
      'nothing to do',
    );
  });

  it('explains what breaks a migration, and nothing of it stays', async () => {
    const { status } = await found();
    const broken = (id: string, down: string, body: string): Promise<void> =>
      writeFile(
        path.join(backend, `alembic/versions/${id}_broken.py`),
        `"""broken"""\nfrom alembic import op\n\nrevision = "${id}"\ndown_revision = "${down}"\n\n\ndef upgrade():\n    op.execute("CREATE TABLE half_way ()")\n    op.execute("""${body}""")\n\n\ndef downgrade():\n    pass\n`,
      );
    const cases = {
      MIGRATION_NOT_NULL: 'ALTER TABLE users ADD COLUMN must text NOT NULL',
      MIGRATION_DUPLICATE_KEY: 'CREATE TABLE d (i int); INSERT INTO d VALUES (1), (1); CREATE UNIQUE INDEX d_i ON d (i)',
      MIGRATION_EXISTS: 'CREATE TABLE users ()',
    };
    for (const [code, body] of Object.entries(cases)) {
      await broken('bad000000001', status.current[0] ?? '', body);
      const failure = await failureOf(act({ kind: 'upgrade', to: { kind: 'all' } }));
      assert.equal(failure.code, code);
      assert.equal(await sql(stack, database, "SELECT to_regclass('half_way') IS NULL"), 't');
      assert.deepEqual((await found()).status.current, status.current);
    }
  });

  it('never runs a tool that is configured for another database', async () => {
    const envFile = path.join(backend, 'alembic/env.py');
    const text = await readFile(envFile, 'utf8');
    await writeFile(envFile, text.replaceAll('DATABASE_URL', 'OTHER_URL'));
    const failure = await failureOf(act({ kind: 'upgrade', to: { kind: 'all' } }));
    assert.equal(failure.code, 'MIGRATION_ELSEWHERE');
    await writeFile(envFile, text);
  });
});
