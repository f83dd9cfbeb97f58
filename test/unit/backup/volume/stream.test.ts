import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyVolume } from '../../../../src/backup/volume/copy';
import { packed, readStages, streamPacked } from '../../../../src/backup/volume/stream';
import { Failure } from '../../../../src/protocol/failure';
import { FakeEngine, type FakeExec } from '../../engine/fakeEngine';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';

const tar = Buffer.alloc(5000, 'x');
const sha256 = createHash('sha256').update(tar).digest('hex');
const good = `cdb copy 0\ncdb pack 0\ncdb sha256 ${sha256}\n`;

function run(program: (exec: FakeExec) => void, write: (bytes: Buffer) => Promise<void> = async () => undefined) {
  const engine = new FakeEngine();
  engine.program = program;
  const explain = (exitCode: string, complaint: string): Failure => new Failure('EXPLAINED', `${exitCode}: ${complaint}`, 'do');
  const command = { container: 'c1', argv: packed('zstd', ['tar', '-cf', '-', "it's"]) };
  return { engine, receipt: streamPacked(engine.engine, command, 'zstd', write, fakeOperation(), explain) };
}

const saying = (text: string) => (exec: FakeExec) => void exec.announce().stdout(tar).stderr(text).exit();

describe('streamPacked', () => {
  it('hands over what was packed, and gives its size and checksum', async () => {
    const pieces: Buffer[] = [];
    const { receipt, engine } = run(saying(good), async (bytes) => void pieces.push(Buffer.from(bytes)));
    assert.deepEqual(await receipt, { sizeBytes: tar.length, sha256, compression: 'zstd' });
    assert.ok(Buffer.concat(pieces).equals(tar));
    assert.deepEqual(engine.exec(0).argv.slice(-5), ['zstd', 'tar', '-cf', '-', "it's"]);
  });

  for (const [what, text, code] of [
    ['the copy failed', `tar: gone\ncdb copy 2\ncdb pack 0\ncdb sha256 ${sha256}\n`, 'EXPLAINED'],
    ['the end of the copy was not reported', `cdb pack 0\ncdb sha256 ${sha256}\n`, 'EXPLAINED'],
    ['packing failed', `cdb copy 0\ncdb pack 1\ncdb sha256 ${sha256}\n`, 'COPY_FAILED'],
    ['the end of packing was not reported', `cdb copy 0\ncdb sha256 ${sha256}\n`, 'COPY_FAILED'],
    ['other bytes were sent', `cdb copy 0\ncdb pack 0\ncdb sha256 ${'0'.repeat(64)}\n`, 'STREAM_DIFFERS'],
    ['the hash was not reported', 'cdb copy 0\ncdb pack 0\n', 'STREAM_DIFFERS'],
    ['nothing was reported', '', 'EXPLAINED'],
  ] as const) {
    it(`fails with ${code} when ${what}`, async () => {
      await rejectsWith(code, run(saying(text)).receipt);
    });
  }

  it('takes bytes that were lost on the way for what they are', async () => {
    await rejectsWith('STREAM_DIFFERS', run((exec) => void exec.announce().stdout(tar.subarray(1)).stderr(good).exit()).receipt);
  });

  it('ends the program when its bytes cannot be written', async () => {
    const { receipt, engine } = run(
      (exec) => void exec.announce(42).stdout(tar),
      () => Promise.reject(new Failure('DISK_FULL', 'no space', '')),
    );
    await rejectsWith('DISK_FULL', receipt);
    assert.deepEqual(engine.killed, [42]);
  });
});

describe('readStages', () => {
  it('tells reports from complaints', () => {
    const { results, complaint } = readStages('tar: A lone zero block at 81710\ncdb copy 1\ntar: cdb copy 0\n\nboo\r\ncdb sha256 \n');
    assert.deepEqual([...results], [['copy', '1']]);
    assert.equal(complaint, 'tar: cdb copy 0 boo cdb sha256');
  });
});

describe('copyVolume', () => {
  it('does not copy live what does not run any more', async () => {
    const { engine } = new FakeEngine();
    const plan = { mode: 'live', dataDirectory: '/d', major: 17, packer: 'zstd', dataBytes: 1, extension: 'tar.zst', interrupts: false, remarks: [] } as const;
    const request = { engine, container: { id: 'c', name: 'c' }, dependents: [], remember: async () => undefined, applicationName: 'a' };
    await rejectsWith(
      'SERVICE_NOT_RUNNING',
      copyVolume(plan, request, () => undefined, fakeOperation()),
    );
  });
});
