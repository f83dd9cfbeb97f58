import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Backup } from '../../../src/backup/catalogue';
import { run } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { backUp, filesIn, journalFiles, openApp, operation, placeOf, podmanAddress, restore, serviceOf, type OpenApp } from '../support/app';
import { leftoversOf, startedAt, watchServer, type Watch } from '../support/evidence';
import { databaseNames, fingerprint, rowsOf, sql } from '../support/sql';
import { startStack, waitForDependents, type Stack, type StackName } from '../support/stack';

interface Destruction {
  /** A table to drop, one to empty, and what is to be gone afterwards. */
  readonly script: string;
  readonly probe: string;
  readonly rows: number;
  /** A dependent that somebody stopped by hand, and that therefore has to stay stopped. */
  readonly stoppedByHand?: string;
}

const cases: Readonly<Record<StackName, Destruction>> = {
  reims: {
    script: 'DROP TABLE chart_of_accounts CASCADE; TRUNCATE users CASCADE; SELECT lo_unlink(oid) FROM pg_largeobject_metadata;',
    probe: 'public.chart_of_accounts',
    rows: 330,
    stoppedByHand: 'celery-worker',
  },
  bigskies: {
    script: 'DROP TABLE telemetry CASCADE; TRUNCATE users CASCADE; DROP FUNCTION IF EXISTS nothing(); DELETE FROM sites WHERE false;',
    probe: 'public.telemetry_2025_12',
    rows: 744,
    stoppedByHand: 'security',
  },
  fastapi: {
    script: 'DROP TABLE "Customer ""Feedback"" 🦊"; TRUNCATE orders CASCADE; DROP SCHEMA audit CASCADE;',
    probe: '"Customer ""Feedback"" 🦊"',
    rows: 40,
  },
  expenses: { script: 'TRUNCATE users CASCADE; DROP TABLE expenses CASCADE;', probe: 'public.expenses', rows: 360 },
  'expenses-prod': { script: 'TRUNCATE users CASCADE; DROP TABLE expenses CASCADE;', probe: 'public.expenses', rows: 1200 },
  budgie: { script: 'DROP TABLE transactions CASCADE; TRUNCATE users CASCADE;', probe: 'public.transactions', rows: 1440 },
};

for (const name of Object.keys(cases) as StackName[]) {
  describe(`${name}: backup, destruction, restore`, () => {
    const { script, probe, rows, stoppedByHand } = cases[name];
    let stack: Stack;
    let app: OpenApp;
    let watch: Watch;
    let whole: readonly string[];
    let damaged: readonly string[];
    let backup: Backup;

    before(async function () {
      this.timeout(240_000);
      stack = await startStack(name);
      app = await openApp({ ...(stack.engine === 'podman' ? { endpoint: await podmanAddress() } : {}) });
      const { database } = stack;
      // What lies beside the content, and has to come back as well.
      await sql(
        stack,
        'postgres',
        `COMMENT ON DATABASE "${database}" IS 'Words with ''quotes'', "more" and 🦊';
         ALTER DATABASE "${database}" CONNECTION LIMIT 90;
         ALTER ROLE "${stack.user}" IN DATABASE "${database}" SET work_mem = '5MB';`,
      );
      whole = await fingerprint(stack, database);
      watch = await watchServer(stack);
    });

    after(async () => {
      watch?.end();
      if (stoppedByHand !== undefined) {
        await engineCommand(['start', containerOf(stack, stoppedByHand)], stack);
        await waitForDependents(stack);
      }
    });

    it('backs up into the project, for its owner only, with checksum and manifest', async () => {
      const { expected } = stack;
      const reported = operation();
      backup = await backUp(app, stack, stack.database, reported);
      const folder = path.join(stack.folder, 'backups');
      assert.equal(path.dirname(backup.file), folder);
      assert.match(path.basename(backup.file), new RegExp(`^${stack.project}_${stack.database}_\\d{8}_\\d{6}\\.dump$`));
      assert.equal(
        (await filesIn(folder)).some((file) => file.endsWith('.partial')),
        false,
      );
      assert.equal(await readFile(path.join(folder, '.gitignore'), 'utf8'), '*\n');
      for (const file of [backup.file, `${backup.file}.sha256`, `${backup.file}.json`, `${backup.file}.roles.sql`]) {
        assert.equal((await stat(file)).mode & 0o777, 0o600, file);
      }
      // The real tool, from the folder, as a user would.
      const checked = await run('sha256sum', ['-c', `${path.basename(backup.file)}.sha256`], { cwd: folder });
      const name = path.basename(backup.file);
      assert.equal(checked.trim(), `${name}: OK\n${name}.roles.sql: OK`);

      const text = await readFile(`${backup.file}.json`, 'utf8');
      assert.doesNotMatch(text, /password|reims_dev|bigskies_dev|_password_dev/);
      const manifest = JSON.parse(text) as NonNullable<Backup['manifest']>;
      assert.deepEqual(manifest, backup.manifest);
      assert.equal(manifest.project, stack.project);
      assert.equal(manifest.service, expected.service);
      assert.equal(manifest.database, expected.database);
      assert.equal(manifest.image, expected.image);
      assert.match(manifest.serverVersion, new RegExp(`^${expected.major}\\.`));
      assert.match(manifest.toolVersion, new RegExp(`^${expected.major}\\.`));
      assert.equal(manifest.properties.owner, expected.user);
      assert.equal(manifest.verified, 'read');
      assert.equal(manifest.reason, 'manual');
      assert.equal(manifest.sizeBytes, (await stat(backup.file)).size);
      assert.deepEqual(manifest.rows, rowsByQualifiedName(stack));
      const revision = expected.migrations.tool === 'alembic' ? expected.migrations.versionRows.join(',') : undefined;
      assert.equal(manifest.migrationRevision, revision);
      assert.ok(
        reported.reports.some(({ message }) => /Dumping/.test(message)),
        'no progress was reported',
      );
    });

    it('brings every row and everything else back, and restarts exactly what ran', async () => {
      await sql(stack, stack.database, script);
      damaged = await fingerprint(stack, stack.database);
      assert.notDeepEqual(damaged, whole);
      if (stoppedByHand !== undefined) await engineCommand(['stop', containerOf(stack, stoppedByHand)], stack);
      await app.inventory.refresh();
      const before = await startTimes(stack);

      const result = await restore(app, stack, stack.database, backup.file);

      assert.deepEqual(await fingerprint(stack, stack.database), whole);
      assert.equal(await rowsOf(stack, stack.database, probe), rows);
      assert.equal(result.tables, Object.keys(rowsByQualifiedName(stack)).length);
      assert.equal(result.rows, sum(Object.values(rowsByQualifiedName(stack))));
      assertRestarted(stack, before, await startTimes(stack), stoppedByHand);
      assert.deepEqual(await journalFiles(app.state), []);
      assert.deepEqual(await leftoversOf(stack), []);
      const safety = await app.backups.read(result.safetyBackup ?? '');
      assert.equal(safety.manifest?.reason, 'safety');
      assert.equal((await databaseNames(stack)).includes(result.undo ?? '?'), true);
    });

    it('undoes the restore, and the undo', async () => {
      await app.inventory.refresh();
      const before = await startTimes(stack);
      const undone = await app.restores.undo(placeOf(app, stack, stack.database), operation());
      assert.deepEqual(await fingerprint(stack, stack.database), damaged);
      assertRestarted(stack, before, await startTimes(stack), stoppedByHand);

      await app.inventory.refresh();
      assert.ok(serviceOf(app, stack).service.undos.some((each) => each.name === undone.undo && each.of === stack.database));
      await app.restores.undo(placeOf(app, stack, stack.database), operation());
      assert.deepEqual(await fingerprint(stack, stack.database), whole);
      assert.deepEqual(await journalFiles(app.state), []);
    });

    it('restores a second time, over what the first has left', async () => {
      await app.inventory.refresh();
      const undosBefore = serviceOf(app, stack).service.undos.length;
      await restore(app, stack, stack.database, backup.file, operation(), { skipSafetyBackup: true });
      assert.deepEqual(await fingerprint(stack, stack.database), whole);
      await app.inventory.refresh();
      const { service } = serviceOf(app, stack);
      assert.equal(service.undos.length, undosBefore + 1);
      assert.equal(service.hasScratch, false);
      assert.deepEqual(
        service.databases.map((each) => each.name),
        [stack.database],
      );
    });

    it('brings back a database that was dropped as a whole', async () => {
      await sql(stack, 'postgres', `DROP DATABASE "${stack.database}" WITH (FORCE)`);
      await app.inventory.refresh();
      assert.deepEqual(serviceOf(app, stack).service.databases, []);
      const result = await restore(app, stack, stack.database, backup.file);
      assert.equal(result.undo, undefined);
      assert.equal(result.safetyBackup, undefined);
      const restored = await fingerprint(stack, stack.database);
      // All but the content comes from the manifest, which has no settings that may hold secrets.
      assert.deepEqual(
        restored,
        whole.filter((line) => !/^setting \S+ \w+\./.test(line)),
      );
      assert.deepEqual(await leftoversOf(stack), []);
    });

    it('has done all that without the server restarting', async () => {
      await watch.assertUntouched();
    });
  });
}

function containerOf({ expected, containerNamed }: Stack, service: string): string {
  const all = [...expected.dependents, ...expected.servicesWithoutSessions, ...expected.initServices];
  return containerNamed(all.find((each) => each.service === service)?.container ?? '');
}

async function startTimes(stack: Stack): Promise<ReadonlyMap<string, string>> {
  const { expected } = stack;
  const services = [...expected.dependents, ...expected.servicesWithoutSessions, ...expected.initServices].map(({ service }) => service);
  return new Map(await Promise.all(services.map(async (service) => [service, await startedAt(containerOf(stack, service), stack)] as const)));
}

/** What ran has been started anew and runs; what did not run was left alone. */
function assertRestarted({ expected }: Stack, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, stopped: string | undefined): void {
  const idle = new Set([...expected.initServices.map(({ service }) => service), stopped]);
  for (const [service, time] of before) {
    if (idle.has(service)) assert.equal(after.get(service), time, `${service} did not run, and was started`);
    else {
      assert.notEqual(after.get(service), time, `${service} was not restarted`);
      assert.match(after.get(service) ?? '', / running$/);
    }
  }
}

/** The rows of the tables that hold any themselves, by the names that a manifest has. */
function rowsByQualifiedName({ expected }: Stack): Readonly<Record<string, number>> {
  const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  return Object.fromEntries(
    Object.entries(expected.rows)
      .flatMap(([schema, tables]) => Object.entries(tables).map(([table, count]) => [`${quoted(schema)}.${quoted(table)}`, count] as const))
      .filter(([table]) => table !== 'public.telemetry'), // its rows are those of its partitions
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
