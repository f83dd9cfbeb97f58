import assert from 'node:assert/strict';
import { unpackCluster, type VolumeArchive } from '../../../../src/backup/volume/unpack';
import { FakeEngine } from '../../engine/fakeEngine';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';

const sha256 = 'a'.repeat(64);
const bytes = Buffer.from('a packed tar');
const good = `cdb open 0\ncdb tar 0\ncdb entries 3\ncdb sha256 ${sha256}\n`;
const stock = 'cluster 17 999:998 3\n';

function unpack({ room = '1000000\n', stages = good, found = stock }, rest: Partial<VolumeArchive> = {}) {
  const engine = new FakeEngine();
  const answers = [room, '', found];
  engine.program = async (exec) => {
    const step = engine.execs.indexOf(exec);
    exec.announce();
    if (step === 1) await exec.inputReaches(bytes.length);
    exec
      .stdout(answers[step] ?? '')
      .stderr(step === 1 ? stages : '')
      .exit();
  };
  const read = async function* (): AsyncGenerator<Buffer> {
    yield bytes;
  };
  const archive: VolumeArchive = { path: 'copy.tar.zst', sizeBytes: bytes.length, sha256, compression: 'zstd', read, ...rest };
  return { engine, cluster: unpackCluster(engine.engine, 'c1', archive, '/data', fakeOperation()) };
}

describe('unpackCluster', () => {
  it('sends the bytes, and says what there is', async () => {
    const { engine, cluster } = unpack({});
    assert.deepEqual(await cluster, { major: 17, owner: '999:998', files: 3 });
    assert.ok(engine.exec(1).input.equals(bytes));
    assert.deepEqual(engine.exec(1).argv.slice(-3), ['/data', '12', 'zstd']);
  });

  for (const [what, facts, code] of [
    ['the disk filled up', { stages: `tar: x: Cannot write: No space left on device\ncdb open 0\ncdb tar 2\ncdb sha256 ${sha256}\n` }, 'CONTAINER_FULL'],
    ['other bytes arrived', { stages: good.replace(/a{64}/, 'b'.repeat(64)) }, 'STREAM_DIFFERS'],
    ['the hash was not reported', { stages: 'cdb open 0\ncdb tar 0\ncdb entries 3\n' }, 'STREAM_DIFFERS'],
    ['it could not be opened', { stages: good.replace('open 0', 'open 1') }, 'ARCHIVE_UNREADABLE'],
    ['the end of opening was not reported', { stages: good.replace('cdb open 0\n', '') }, 'ARCHIVE_UNREADABLE'],
    ['tar failed', { stages: good.replace('tar 0', 'tar 2') }, 'ARCHIVE_UNREADABLE'],
    ['the end of tar was not reported', { stages: good.replace('cdb tar 0\n', '') }, 'ARCHIVE_UNREADABLE'],
    ['nothing was written', { found: 'no cluster\n' }, 'ARCHIVE_UNREADABLE'],
    ['a file is missing', { found: 'cluster 17 999:998 2\n' }, 'ARCHIVE_UNREADABLE'],
    ['the files were not counted', { stages: good.replace('cdb entries 3\n', '') }, 'ARCHIVE_UNREADABLE'],
    ['root has the files', { found: 'cluster 17 0:0 3\n' }, 'VOLUME_OWNER'],
    ['somebody else has a file', { found: `${stock}./base/1\n` }, 'VOLUME_OWNER'],
  ] as const) {
    it(`fails with ${code} when ${what}`, async () => {
      await rejectsWith(code, unpack(facts).cluster);
    });
  }

  it('sends nothing where there is too little room', async () => {
    const { engine, cluster } = unpack({ room: '1000\n' }, { dataBytes: 1_000_000 });
    await rejectsWith('CONTAINER_FULL', cluster);
    assert.equal(engine.execs.length, 1);
  });

  it('sends it where the room cannot be told', async () => {
    await unpack({ room: '' }, { dataBytes: 1_000_000 }).cluster;
  });
});
