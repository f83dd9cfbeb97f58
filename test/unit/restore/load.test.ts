import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { PostgresServer } from '../../../src/postgres/server';
import { createDatabase, loadArchive, loadEverything } from '../../../src/restore/load';
import { loadFailed } from '../../../src/restore/loadFailure';
import { findRoomFor, removeContainerFile } from '../../../src/operations/containerFiles';
import { uploadContent } from '../../../src/backup/upload';
import type { Operation } from '../../../src/operations/operation';
import { readPieces } from '../../../src/operations/readPieces';
import { FakeEngine, type FakeExec } from '../engine/fakeEngine';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';
import { temporaryFolder } from '../operations/temporaryFolder';
import { FakeSession } from '../postgres/fakeSession';
import { properties } from './restoreParts';

function serverRunning(program: (exec: FakeExec) => void | Promise<void>): { readonly server: PostgresServer; readonly engine: FakeEngine } {
  const engine = new FakeEngine();
  engine.program = program;
  return { engine, server: { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'postgres', port: 5432, password: { kind: 'none' } } };
}

describe('createDatabase', () => {
  for (const [title, major, given, expected] of [
    ['libc', 17, properties, `CREATE DATABASE "x" TEMPLATE template0 OWNER "app" ENCODING 'UTF8' LC_COLLATE 'en_US.utf8' LC_CTYPE 'en_US.utf8'`],
    [
      'ICU',
      15,
      { ...properties, provider: 'i', locale: 'de-x-icu' },
      `CREATE DATABASE "x" TEMPLATE template0 OWNER "app" ENCODING 'UTF8' LC_COLLATE 'en_US.utf8' LC_CTYPE 'en_US.utf8' LOCALE_PROVIDER icu ICU_LOCALE 'de-x-icu'`,
    ],
    [
      'the builtin provider',
      17,
      { ...properties, provider: 'b', locale: 'C.UTF-8', collate: 'C', ctype: 'C' },
      `CREATE DATABASE "x" TEMPLATE template0 OWNER "app" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'`,
    ],
    ['a plain one on an old server', 13, { ...properties, collate: '', ctype: '' }, `CREATE DATABASE "x" TEMPLATE template0 OWNER "app" ENCODING 'UTF8'`],
  ] as const) {
    it(`is right for ${title}`, async () => {
      const fake = new FakeSession(undefined, major);
      await createDatabase(fake.session, 'x', given);
      assert.deepEqual(fake.statements, [expected]);
    });
  }

  it('quotes names and texts', async () => {
    const fake = new FakeSession();
    await createDatabase(fake.session, 'a"; DROP DATABASE "b', { ...properties, owner: `o"'x`, collate: `it's` });
    assert.match(fake.statements[0] ?? '', /^CREATE DATABASE "a""; DROP DATABASE ""b" .* OWNER "o""'x" .* LC_COLLATE 'it''s'/);
  });
});

describe('loadArchive', () => {
  const load = (stderr: string, exitCode: number) => {
    const { server, engine } = serverRunning((exec) => void exec.announce().stderr(stderr).exit(exitCode));
    const operation = fakeOperation();
    const loading = loadArchive(
      {
        server,
        socketDirectory: '/run',
        archive: '/tmp/x.dump',
        serverMajor: 17,
        form: { kind: 'archive', packing: 'none', cluster: false },
        wishes: loadEverything,
        database: 'cdb_scratch_1',
        jobs: 3,
        applicationName: 'container-databases:1',
      },
      operation,
    );
    return { loading, engine, operation };
  };

  it('stops at the first error, loads in parallel, and says what it loads', async () => {
    const { loading, engine, operation } = load('pg_restore: processing data for table "public.users"\n', 0);
    await loading;
    const { argv } = engine.exec(0);
    for (const word of ['--exit-on-error', '--jobs=3', `--dbname=dbname='cdb_scratch_1'`, '--no-password']) assert.ok(argv.includes(word), word);
    assert.equal(argv.at(-1), '/tmp/x.dump');
    assert.ok(!argv.includes('--clean') && !argv.includes('--create'), 'it never touches what is there');
    assert.deepEqual(operation.reports, [{ message: 'Loading public.users' }]);
  });

  for (const [stderr, code, part] of [
    ['pg_restore: error: could not execute query: ERROR:  role "boss" does not exist', 'ROLE_MISSING', '"boss"'],
    ['pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available', 'EXTENSION_MISSING', '"postgis"'],
    [
      'pg_restore: error: ERROR:  could not open extension control file "/usr/share/postgresql/17/extension/vector.control": No such file',
      'EXTENSION_MISSING',
      '"vector"',
    ],
    ['pg_restore: error: ERROR:  could not extend file: No space left on device', 'DISK_FULL', ''],
    ['pg_restore: error: unsupported version (1.16) in file header', 'BACKUP_NEWER', '1.16'],
    ['pg_restore: error: could not read from input file: end of file', 'ARCHIVE_UNREADABLE', 'end of file'],
    ['pg_restore: error: could not execute query: ERROR:  could not read block 3 in file "base/1/2"', 'RESTORE_FAILED', 'block 3'],
    ['pg_restore: error: this build does not support compression with LZ4', 'TOOL_MISSING', 'LZ4'],
    ['pg_restore: error: COPY failed for table "users": ERROR:  duplicate key', 'RESTORE_FAILED', 'duplicate key'],
    ['psql: error: server closed the connection unexpectedly', 'CONNECTION_LOST', 'stopped'],
    ['', 'RESTORE_FAILED', ''],
  ] as const) {
    it(`fails with ${code} on "${stderr.slice(0, 80)}"`, async () => {
      const { message } = await rejectsWith(code, load(`pg_restore: connecting to database\n${stderr}\n`, 1).loading);
      assert.ok(message.includes(part), message);
    });
  }
});

describe('a loading that was killed', () => {
  it('is not blamed on the backup', () => {
    const { code, message } = loadFailed('/tmp/x.dump', ' \n');
    assert.deepEqual([code, message], ['CONNECTION_LOST', 'The loading ended without a word.']);
  });
});

describe('uploads', () => {
  const at = temporaryFolder();
  const upload = (program: (exec: FakeExec) => void | Promise<void>, sha256: string) => {
    writeFileSync(at('a.dump'), 'PGDMP');
    const { server, engine } = serverRunning(program);
    const pieces = (operation: Operation, message: string) => readPieces(at('a.dump'), operation, message);
    return {
      engine,
      done: uploadContent(server, { sizeBytes: 5, sha256, format: 'custom', packing: 'none', pieces }, '/tmp/container-databases-1.dump', fakeOperation()),
    };
  };

  it('send the file and compare its checksum', async () => {
    const { done, engine } = upload(async (exec) => {
      exec.announce();
      await exec.inputReaches(5);
      exec.stdout('abc  -\n').exit();
    }, 'abc');
    await done;
    assert.equal(engine.exec(0).input.toString(), 'PGDMP');
    assert.deepEqual(engine.exec(0).argv.slice(-2), ['/tmp/container-databases-1.dump', '5']);
  });

  for (const [title, program, code] of [
    ['another checksum', (exec: FakeExec) => void exec.announce().stdout('abd  -\n').exit(), 'STREAM_DIFFERS'],
    ['no checksum', (exec: FakeExec) => void exec.announce().exit(), 'STREAM_DIFFERS'],
    ['a program that failed', (exec: FakeExec) => void exec.announce().stdout('abc  -\n').exit(1), 'STREAM_DIFFERS'],
    ['a full disk', (exec: FakeExec) => void exec.announce().stdout('abc  -\n').stderr('tee: /tmp/x: No space left on device\n').exit(), 'CONTAINER_FULL'],
  ] as const) {
    it(`fail with ${code} on ${title}`, () => rejectsWith(code, upload(program, 'abc').done));
  }

  it('fail when the file could not be written, although everything arrived', async () => {
    const { done } = upload(async (exec) => {
      exec.announce();
      await exec.inputReaches(5);
      const [, script = ''] = exec.argv.slice(1);
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', at('missing', 'a.dump'), '5'], { input: 'PGDMP' });
      exec
        .stdout(stdout)
        .stderr(stderr)
        .exit(status ?? 1);
    }, createHash('sha256').update('PGDMP').digest('hex'));
    await rejectsWith('STREAM_DIFFERS', done);
  });

  it('look for room with something to spare', async () => {
    const { server, engine } = serverRunning((exec) => void exec.announce().stdout('/var/tmp\n').exit());
    assert.equal(await findRoomFor(server, 1024 * 1024, new AbortController().signal), '/var/tmp');
    assert.ok(Number(engine.exec(0).argv.at(-1)) > 1024);
    const none = serverRunning((exec) => void exec.announce().exit(1));
    await rejectsWith('CONTAINER_FULL', findRoomFor(none.server, 1, new AbortController().signal));
  });

  it('are removed, but nothing else ever is', async () => {
    const { server, engine } = serverRunning((exec) => void exec.announce().exit());
    await removeContainerFile(server, '/etc/passwd');
    assert.equal(engine.execs.length, 0);
    await removeContainerFile(server, '/tmp/container-databases-1.dump');
    assert.deepEqual(engine.exec(0).argv, ['rm', '-rf', '--', '/tmp/container-databases-1.dump']);
  });
});
