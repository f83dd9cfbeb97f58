import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureDocker } from '../../lab/docker';
import { run, waitFor } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { cli, cliJson, filesIn, printedByCli, startCli, type CliResult } from '../support/app';
import { assertNothingLeft, ourSessions, watchServer, type Watch } from '../support/evidence';
import { runName, tempFolder } from '../support/shared';
import { holdSession, rowsOf, sql } from '../support/sql';
import { dropDatabases, fillDatabase, slowToLoad, startWorkshop, waitUntilLoading, type Workshop } from '../support/workshop';

interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

describe('the command line', () => {
  let place: Workshop;
  let folder: string;
  let state: string;
  let watch: Watch;
  const argumentsSeen = new Set<string>();

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'contract');
    folder = await tempFolder('contract');
    state = await tempFolder('state');
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await dropDatabases(place, ['contract', 'contract-new']);
  });

  const target = (): string => `${place.project}/db/contract`;
  const inFolder = (...args: readonly string[]): readonly string[] => [...args, '--folder', folder];

  /** The document of a command that fails: one sentence that says what happened, one that says what to do. */
  const failing = (result: CliResult, code: number): ErrorDocument['error'] => {
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
    const document = JSON.parse(result.stdout) as ErrorDocument;
    assert.deepEqual(Object.keys(document), ['error']);
    assert.deepEqual(Object.keys(document.error), ['code', 'message', 'remedy']);
    assert.match(document.error.code, /^[A-Z_]+$/);
    assert.ok(document.error.message.length > 5 && document.error.remedy.length > 5);
    assert.match(result.stderr, new RegExp(document.error.code), 'people read it on standard error');
    return document.error;
  };

  describe('prints documents of the shape that was agreed on', () => {
    it('list', async () => {
      const document = await cliJson<{ endpoints: unknown[]; projects: { name: string; services: Record<string, unknown>[] }[] }>(['list'], { state });
      assert.deepEqual(Object.keys(document), ['endpoints', 'projects']);
      const project = document.projects.find(({ name }) => name === place.project);
      const [service = {}] = project?.services ?? [];
      assert.deepEqual(
        { name: service['name'], container: service['container'], state: service['state'], health: service['health'] },
        { name: 'db', container: place.container, state: 'running', health: null },
      );
      assert.match((service['postgres'] as { version: string }).version, /^17\.\d+$/);
      const databases = service['databases'] as { name: string; sizeBytes: number; tables: number }[];
      const own = databases.find(({ name }) => name === 'contract');
      assert.equal(own?.tables, 1);
      assert.equal(typeof own.sizeBytes, 'number');
      assert.equal((service['volume'] as { kind: string }).kind, 'anonymous');
    });

    it('backup, backups, verify, info', async () => {
      const backup = await cliJson<Record<string, unknown>>(inFolder('backup', target()), { state });
      assert.deepEqual(Object.keys(backup).slice(0, 5), ['file', 'sizeBytes', 'sha256', 'verified', 'seconds']);
      const file = String(backup['file']);
      assert.equal(path.dirname(file), folder);
      assert.equal(backup['verified'], 'read');
      assert.equal((await run('sha256sum', [file])).split(' ')[0], backup['sha256']);
      assert.ok(typeof backup['seconds'] === 'number' && backup['seconds'] > 0);

      const { backups } = await cliJson<{ backups: { file: string; verified: string; manifest: { database: string } }[] }>(inFolder('backups', place.project), {
        state,
      });
      assert.deepEqual(
        backups.map((each) => [each.file, each.verified, each.manifest.database]),
        [[file, 'read', 'contract']],
      );
      const verified = await cliJson<Record<string, unknown>>(['verify', file], { state });
      assert.deepEqual({ file: verified['file'], verified: verified['verified'] }, { file, verified: 'read' });
      const info = await cliJson<Record<string, unknown>>(inFolder('info', target()), { state });
      assert.deepEqual(Object.keys(info).slice(0, 4), ['project', 'service', 'database', 'backups']);
    });

    it('restore and undo', async () => {
      const [name = ''] = (await filesIn(folder)).filter((each) => each.endsWith('.dump'));
      const file = path.join(folder, name);
      await sql(place, 'contract', 'DELETE FROM people');
      const restored = await cliJson<Record<string, unknown>>(inFolder('restore', target(), '--file', file, '--yes'), { state });
      assert.deepEqual(new Set(Object.keys(restored)), new Set(['database', 'undo', 'safetyBackup', 'tables', 'rows', 'seconds']));
      assert.deepEqual({ database: restored['database'], tables: restored['tables'], rows: restored['rows'] }, { database: 'contract', tables: 1, rows: 500 });
      assert.equal(path.dirname(String(restored['safetyBackup'])), folder);
      assert.match(String(restored['undo']), /^cdb_undo_/);
      assert.equal(await rowsOf(place, 'contract', 'people'), 500);

      const undone = await cliJson<Record<string, unknown>>(['undo', target(), '--yes'], { state });
      assert.deepEqual(new Set(Object.keys(undone)), new Set(['database', 'undo', 'replacedAt', 'seconds']));
      assert.equal(await rowsOf(place, 'contract', 'people'), 0);
      await cliJson(['undo', target(), '--yes'], { state });
      assert.equal(await rowsOf(place, 'contract', 'people'), 500);
    });

    it('prune', async () => {
      const own = await tempFolder('pruned');
      const made: string[] = [];
      for (let count = 0; count < 3; count += 1) made.unshift((await cliJson<{ file: string }>(['backup', target(), '--folder', own], { state })).file);
      await writeFile(path.join(own, 'foreign.dump'), 'PGDMP');
      const args = ['prune', target(), '--keep-last', '1', '--folder', own];
      const [newest, ...others] = made;
      const shape = { kept: [{ file: newest, reason: 'the last good one, the newest' }], freedBytes: await sizeOf(others) };
      const removed = others.map((file) => ({ file, reason: 'no rule keeps it' }));
      const before = await filesIn(own);
      assert.deepEqual(await cliJson([...args, '--dry-run'], { state }), { ...shape, removed, dryRun: true });
      const refused = await cli([...args, '--json'], { state });
      assert.equal(failing(refused, 4).code, 'CONFIRMATION_MISSING');
      for (const file of others) assert.match(refused.stderr, new RegExp(`${file}: goes: no rule keeps it`));
      const restoring = await tempFolder('restoring');
      await mkdir(path.join(restoring, 'journal'));
      await writeFile(path.join(restoring, 'journal', 'begun.json'), '{}');
      assert.equal(failing(await cli([...args, '--yes', '--json'], { state: restoring }), 1).code, 'RESTORE_RUNNING');
      assert.deepEqual(await filesIn(own), before);
      assert.deepEqual(await cliJson([...args, '--yes'], { state }), { ...shape, removed, dryRun: false });
      assert.deepEqual(
        (await filesIn(own)).filter((name) => name.endsWith('.dump')),
        [path.basename(newest ?? ''), 'foreign.dump'],
      );
      assert.equal(failing(await cli(['prune', target(), '--keep-last', 'one', '--folder', own, '--json'], { state }), 2).code, 'POLICY_INVALID');
      const everything = await cliJson<{ removed: unknown[] }>(['prune', place.project, '--folder', own, '--yes'], { state });
      assert.deepEqual(everything.removed, []);
    });

    it('restore into a database that is to be made, with nulls for what there is not', async () => {
      const [name = ''] = (await filesIn(folder)).filter((each) => each.endsWith('.dump'));
      const args = inFolder('restore', `${place.project}/db/contract-new`, '--file', path.join(folder, name), '--yes');
      const restored = await cliJson<Record<string, unknown>>(args, { state });
      assert.deepEqual(
        { undo: restored['undo'], safetyBackup: restored['safetyBackup'], rows: restored['rows'] },
        { undo: null, safetyBackup: null, rows: 500 },
      );
      assert.equal(await rowsOf(place, 'contract-new', 'people'), 500);
    });
  });

  describe('ends with the code that was agreed on', () => {
    it('0 for help and version, with words for people', async () => {
      const help = await cli(['--help']);
      assert.equal(help.code, 0);
      for (const command of ['list', 'info', 'backup', 'backups', 'verify', 'prune', 'restore', 'undo'])
        assert.match(help.stdout, new RegExp(`^ +${command}\\b`, 'm'));
      assert.equal((await cli(['--version'])).code, 0);
    });

    it('0 and lines for people, without --json', async () => {
      const { code, stdout, stderr } = await cli(['list'], { state });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^${target()} +running +17`, 'm'));
      assert.equal(stderr.includes('\u001b'), false, 'no progress where nobody watches');
    });

    it('1 for what fails', async () => {
      failing(await cli(['verify', '/nowhere/file.dump', '--json'], { state }), 1);
      assert.equal(failing(await cli(['restore', target(), '--file', '/nowhere/file.dump', '--yes', '--json'], { state }), 1).code, 'FILE_MISSING');
    });

    it('1 with reason and remedy where there is no engine at all', async () => {
      const address = `unix://${await tempFolder('none')}/docker.sock`;
      const { projects } = await cliJson<{ projects: unknown[] }>(['list', '--endpoint', address], { state });
      assert.ok(Array.isArray(projects));
    });

    it('2 for wrong usage', async () => {
      for (const args of [[], ['nonsense'], ['backup'], ['list', '--nonsense'], ['list', 'too', 'many']]) {
        const { code, stdout, stderr } = await cli(args, { state });
        assert.equal(code, 2, `${args.join(' ')}: ${stdout}${stderr}`);
        assert.equal(stdout, '', args.join(' '));
        assert.ok(stderr.length > 10);
      }
      assert.equal(failing(await cli(['restore', target(), '--yes', '--json'], { state }), 2).code, 'USAGE');
    });

    it('3 for a target that is not there, or that fits several', async () => {
      assert.equal(failing(await cli(['backup', `${runName}-nowhere`, '--json'], { state }), 3).code, 'TARGET_NOT_FOUND');
      const several = failing(await cli(['backup', place.project, '--json'], { state }), 3);
      assert.equal(several.code, 'TARGET_AMBIGUOUS');
      assert.match(several.message, new RegExp(target()));
      const elsewhere = failing(await cli(['backup', target(), '--project', 'nowhere', '--json'], { state }), 3);
      assert.match(elsewhere.remedy, /^No project fits --project nowhere\./);
      const folders = failing(await cli(['compare', target(), folder, '--json'], { state }), 3);
      assert.match(folders.message, /the folder of that name cannot be compared/);
    });

    it('4 for what is destructive and not confirmed, and shows what it would do', async () => {
      const [name = ''] = (await filesIn(folder)).filter((each) => each.endsWith('.dump'));
      const args = ['restore', target(), '--file', path.join(folder, name), '--json'];
      const { code } = failing(await cli(args, { state }), 4);
      assert.equal(code, 'CONFIRMATION_MISSING');
      assert.equal(failing(await cli(['undo', target(), '--json'], { state }), 4).code, 'CONFIRMATION_MISSING');
      const { steps } = await cliJson<{ steps: { kind: string }[] }>([...args.slice(0, -1), '--dry-run'], { state });
      assert.deepEqual(
        steps.map(({ kind }) => kind),
        ['check file', 'safety backup', 'load', 'compare rows', 'stop', 'swap', 'start'],
      );
      assert.equal(await rowsOf(place, 'contract', 'people'), 500);
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`130 for a backup that ${signal} ends, and leaves nothing`, async () => {
        const own = await tempFolder('cancelled');
        const holder = await holdSession(place, 'contract');
        try {
          await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE; SELECT 1');
          const { child, ended } = await startCli(['backup', target(), '--folder', own, '--json'], { state });
          await waitFor('the dump to wait', async () => (await ourSessions(place)).some((line) => /LOCK TABLE/.test(line)));
          await rememberArguments(place, argumentsSeen);
          child.kill(signal);
          assert.equal(failing(await ended, 130).code, 'CANCELLED');
          assert.deepEqual(await filesIn(own), []);
          await assertNothingLeft(place);
        } finally {
          holder.close();
        }
      });
    }

    it('130 for a restore that SIGINT ends while it loads', async () => {
      await fillDatabase(place, 'contract-new', slowToLoad(30));
      const { file } = await cliJson<{ file: string }>(inFolder('backup', `${place.project}/db/contract-new`), { state });
      const { child, ended } = await startCli(inFolder('restore', `${place.project}/db/contract-new`, '--file', file, '--yes', '--json'), { state });
      await waitUntilLoading(place);
      await rememberArguments(place, argumentsSeen);
      child.kill('SIGINT');
      assert.equal(failing(await ended, 130).code, 'CANCELLED');
      assert.deepEqual(await readdir(path.join(state, 'journal')), []);
      await assertNothingLeft(place);
      await watch.assertUntouched();
    });
  });

  describe('keeps the password to itself', () => {
    it('by printing it nowhere, writing it nowhere, and passing it in no argument', async () => {
      await cli(['list', '--verbose'], { state });
      await cli(inFolder('backup', target(), '--verbose'), { state });
      const written: string[] = [];
      for (const name of await filesIn(folder)) if (!name.endsWith('.dump')) written.push(await readFile(path.join(folder, name), 'utf8'));
      for (const [where, text] of Object.entries({ printed: printedByCli(), written: written.join('\n'), arguments: [...argumentsSeen].join('\n') })) {
        assert.ok(text.length > 100, where);
        assert.equal(text.includes('pw-Zq7!secret'), false, `${where}: the password is there`);
      }
      assert.ok([...argumentsSeen].some((line) => line.includes('pg_dump')) && [...argumentsSeen].some((line) => line.includes('pg_restore')));
    });
  });
});

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What anybody on the host can see: the processes of the container, and what the engine tells of its execs. */
async function rememberArguments(place: Workshop, seen: Set<string>): Promise<void> {
  const { socket } = await ensureDocker();
  const { stdout } = await engineCommand(['top', place.container, '-eo', 'args']);
  seen.add(stdout);
  const ids = JSON.parse((await engineCommand(['inspect', '--format', '{{json .ExecIDs}}', place.container])).stdout) as readonly string[] | null;
  assert.ok((ids?.length ?? 0) > 0);
  for (const id of ids ?? []) seen.add(await run('curl', ['--silent', '--unix-socket', socket, `http://localhost/exec/${id}/json`]));
}
