import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { streamDump, type DumpRequest } from '../../../src/backup/dumpStream';
import type { DumpShape } from '../../../src/backup/format';
import type { PasswordSource, PostgresServer } from '../../../src/postgres/server';
import { Failure } from '../../../src/protocol/failure';
import { FakeEngine, type FakeExec } from '../engine/fakeEngine';
import { fakeOperation } from '../operations/fakeOperation';
import { rejectsWith } from '../operations/rejectsWith';

const archive = Buffer.concat([Buffer.from('PGDMP'), Buffer.alloc(5000, 'x')]);
const sha256 = createHash('sha256').update(archive).digest('hex');
const good = `cdb dump 0\ncdb sha256 ${sha256}\ncdb read 0\n`;

const shape: DumpShape = { format: 'custom', jobs: 1, compression: 'zstd:1', extension: '.dump' };

function run(
  program: (exec: FakeExec) => void,
  write: (bytes: Buffer) => Promise<void> = async () => undefined,
  password: PasswordSource = { kind: 'none' },
  rest: Partial<DumpRequest> = {},
) {
  const engine = new FakeEngine();
  engine.program = program;
  const server: PostgresServer = { engine: engine.engine, container: 'c1', user: 'app', maintenanceDatabase: 'postgres', port: 5432, password };
  const operation = fakeOperation();
  const request: DumpRequest = { server, shape, argv: ['pg_dump', `--dbname=dbname='it\\'s'`], applicationName: 'container-databases:1', ...rest };
  return { engine, operation, receipt: streamDump(request, write, operation) };
}

/** A dump that sends the archive and then says this. */
const saying =
  (text: string, exitCode = 0) =>
  (exec: FakeExec) =>
    void exec.announce().stdout(archive).stderr(text).exit(exitCode);

describe('streamDump', () => {
  it('hands over what was dumped, and gives its size and checksum', async () => {
    const pieces: Buffer[] = [];
    const { receipt } = run(saying(good), async (bytes) => void pieces.push(Buffer.from(bytes)));
    assert.deepEqual(await receipt, { sizeBytes: archive.length, sha256 });
    assert.ok(Buffer.concat(pieces).equals(archive));
  });

  it('reads reports however they are cut', async () => {
    for (let at = 0; at <= good.length; at += 3) {
      const { receipt } = run((exec) => void exec.announce().stdout(archive).stderr(good.slice(0, at)).stderr(good.slice(at)).exit());
      assert.equal((await receipt).sha256, sha256, `cut at ${at}`);
    }
  });

  it('reads reports in any order, and without a last line end', async () => {
    const { receipt } = run(saying(`cdb sha256 ${sha256}\ncdb read 0\ncdb dump 0`));
    assert.equal((await receipt).sizeBytes, archive.length);
  });

  for (const [packed, expected] of [
    [{ format: 'directory', jobs: 2, compression: 'zstd:1', extension: '.tar' }, 'cdb pack 0\n'],
    [{ format: 'plain', jobs: 1, compression: 'gzip', extension: '.sql.gz' }, 'cdb pack 0\n'],
    [{ format: 'plain', jobs: 1, compression: 'none', extension: '.sql' }, ''],
  ] as const) {
    it(`wants to hear of every stage of ${packed.extension}`, async () => {
      assert.equal((await run(saying(expected + good), undefined, undefined, { shape: packed }).receipt).sha256, sha256);
      if (expected !== '') await rejectsWith('DUMP_FAILED', run(saying(good), undefined, undefined, { shape: packed }).receipt);
    });
  }

  it('says which table is being dumped, and how many bytes came', async () => {
    const lines = 'pg_dump: dumping contents of table "public.größe"\npg_dump: dumping contents of table "a.b "" c"\n';
    const { receipt, operation } = run(
      (exec) => void exec.announce().stdout(archive.subarray(0, 100)).stderr(lines).stdout(archive.subarray(100)).stderr(good).exit(),
    );
    await receipt;
    assert.deepEqual(operation.reports, [
      { message: 'Dumping public.größe', bytes: 100 },
      { message: 'Dumping a.b "" c', bytes: 100 },
    ]);
  });

  for (const [title, text, exitCode, code, part] of [
    ['pg_dump failed', `cdb dump 1\ncdb sha256 ${sha256}\ncdb read 0\n`, 0, 'DUMP_FAILED', 'exit code 1'],
    [
      'pg_dump was killed',
      `pg_restore: error: could not read from input file: end of file\ncdb dump 137\ncdb sha256 ${sha256}\ncdb read 1\n`,
      0,
      'DUMP_FAILED',
      'was killed',
    ],
    ['pg_dump said why', `pg_dump: error: connection to server failed: FATAL:  sorry\ncdb dump 1\n`, 0, 'DUMP_FAILED', 'FATAL:  sorry'],
    ['there is no pg_dump', `sh: pg_dump: not found\ncdb dump 127\n`, 0, 'TOOL_MISSING', 'no pg_dump'],
    ['a lock was held', `pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout\ncdb dump 1\n`, 0, 'TABLE_LOCKED', 'lock timeout'],
    [
      'the password was changed',
      `pg_dump: error: connection to server on socket "/x" failed: FATAL:  password authentication failed for user "app"\ncdb dump 1\n`,
      0,
      'PASSWORD_WRONG',
      'not let in',
    ],
    ['the container’s disk is full', `pg_dump: error: could not write: No space left on device\ncdb dump 1\n`, 0, 'CONTAINER_FULL', 'container is full'],
    ['the packer failed', `cdb dump 0\ncdb pack 1\ncdb sha256 ${sha256}\ncdb read 0\n`, 0, 'DUMP_FAILED', 'exit code 1'],
    ['nothing was reported', '', 2, 'DUMP_FAILED', 'exit code 2'],
    ['the end of the dump was not reported', `cdb sha256 ${sha256}\ncdb read 0\n`, 0, 'DUMP_FAILED', ''],
    ['other bytes were sent', `cdb dump 0\ncdb sha256 ${'0'.repeat(64)}\ncdb read 0\n`, 0, 'STREAM_DIFFERS', ''],
    ['the hash was not reported', 'cdb dump 0\ncdb read 0\n', 0, 'STREAM_DIFFERS', ''],
    ['the hash could not be taken', 'cdb dump 0\ncdb sha256 \ncdb read 0\n', 0, 'STREAM_DIFFERS', ''],
    [
      'pg_restore could not read it',
      `pg_restore: error: corrupt tar header\ncdb dump 0\ncdb sha256 ${sha256}\ncdb read 1\n`,
      0,
      'ARCHIVE_UNREADABLE',
      'corrupt tar header',
    ],
    ['its reading was not reported', `cdb dump 0\ncdb sha256 ${sha256}\n`, 0, 'ARCHIVE_UNREADABLE', ''],
  ] as const) {
    it(`fails with ${code} when ${title}`, async () => {
      const { message } = await rejectsWith(code, run(saying(text, exitCode)).receipt);
      assert.ok(message.includes(part), message);
    });
  }

  it('takes bytes that were lost on the way for what they are', async () => {
    await rejectsWith('STREAM_DIFFERS', run((exec) => void exec.announce().stdout(archive.subarray(0, 4000)).stderr(good).exit()).receipt);
  });

  it('does not take a table’s name for a complaint, nor for a report', async () => {
    const chatter = [
      'pg_dump: finding the columns and types of table "public.error_log"',
      'pg_dump: creating TABLE "public.fatal"',
      'pg_dump: dumping contents of table "public.cdb dump 0"',
      'pg_dump: error: out of memory',
      'cdb dump 1',
    ].join('\n');
    const { message } = await rejectsWith('DUMP_FAILED', run(saying(`${chatter}\n`)).receipt);
    assert.equal(message, 'pg_dump failed: error: out of memory');
  });

  it('stops, and kills the dump, when the host’s disk is full', async () => {
    const { receipt, engine } = run(
      (exec) => void exec.announce(42).stdout(archive),
      () => Promise.reject(new Failure('DISK_FULL', 'no space', '')),
    );
    await rejectsWith('DISK_FULL', receipt);
    assert.deepEqual(engine.killed, [42]);
  });

  it('hands the work folder to the script, and removes it when the script could not', async () => {
    const { receipt, engine } = run(saying('cdb dump 1\n'), undefined, undefined, {
      shape: { format: 'directory', jobs: 2, compression: 'zstd:1', extension: '.tar' },
      workFolder: '/tmp/container-databases-1',
    });
    await rejectsWith('DUMP_FAILED', receipt);
    assert.deepEqual(engine.exec(0).argv.slice(-4, -1), ['/tmp/container-databases-1', '2', 'pg_dump']);
    assert.deepEqual(engine.exec(1).argv.slice(-4), ['rm', '-rf', '--', '/tmp/container-databases-1']);
  });

  it('passes the dump’s arguments on as they are, and no password', async () => {
    const { receipt, engine } = run(saying(good), undefined, { kind: 'env', name: 'POSTGRES_PASSWORD' });
    await receipt;
    const { argv, specification } = engine.exec(0);
    assert.deepEqual([engine.exec(0).argv.slice(-2), specification.env['PGAPPNAME']], [['pg_dump', `--dbname=dbname='it\\'s'`], 'container-databases:1']);
    assert.ok(argv.includes('POSTGRES_PASSWORD'));
    assert.equal(specification.env['PGPASSWORD'], undefined);
  });
});
