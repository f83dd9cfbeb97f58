import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { restoreVolume } from '../../../src/backup/volume/restoreVolume';
import { sweepThrowaways, withThrowaway, writeMaker } from '../../../src/backup/volume/throwaway';
import { run } from '../../lab/process';
import { engineCommand } from '../../lab/stacks';
import { failureOf, operation } from '../support/app';
import { runName, tempFolder } from '../support/shared';
import { sql } from '../support/sql';
import { removeServer, startServer, type Server } from '../support/stack';
import { archiveOf, copy, prove, subjectOf, volumeContent, watchDocker, type Copy, type EngineWatch, type Subject } from '../support/volumes';

let engine: EngineWatch;

describe('the proof of a volume backup', () => {
  let place: Server;
  let subject: Subject;
  let whole: Copy;

  before(async function () {
    this.timeout(120_000);
    engine = await watchDocker();
    place = await startServer('volume-proof', {});
    await sql(place, 'app', volumeContent);
    subject = await subjectOf(place);
    whole = await copy(subject, 'live');
  });

  after(() => removeServer(place));

  afterEach(async () => {
    await engine.assertNothingLeft('the proof left something behind');
  });

  /** The copy, packed anew by a script that finds it unpacked in its working directory. */
  const repacked = async (name: string, script: string, tarOptions = ''): Promise<Copy> => {
    const folder = path.join(await tempFolder(name), 'data');
    const file = `${folder}.tar.zst`;
    await mkdir(folder);
    await run('tar', ['-xpf', whole.archive.path, '-C', folder]);
    await run('sh', ['-c', `cd "$1" && ${script} && tar --numeric-owner ${tarOptions} -cf - . | zstd -q -1 > "$2"`, 'sh', folder, file]);
    await rm(folder, { recursive: true });
    return { ...whole, archive: await archiveOf(file) };
  };

  it('refuses a file that is not the one that was written', async () => {
    const bytes = await readFile(whole.archive.path);
    const middle = Math.floor(bytes.length / 2);
    const file = path.join(await tempFolder('damaged'), 'copy.tar.zst');
    await writeFile(file, Buffer.concat([bytes.subarray(0, middle), Buffer.from([(bytes[middle] ?? 0) ^ 1]), bytes.subarray(middle + 1)]));
    assert.equal((await failureOf(prove(subject, { ...whole, archive: { ...whole.archive, path: file } }))).code, 'STREAM_DIFFERS');
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
    await writeFile(file, bytes.subarray(0, middle));
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
    await writeFile(file, '');
    assert.equal((await failureOf(prove(subject, { ...whole, archive: await archiveOf(file) }))).code, 'ARCHIVE_UNREADABLE');
  });

  for (const [what, script, options, code, said] of [
    [
      'a file of which one byte is another',
      `printf x | dd of="$(ls base/*/1259 | head -n 1)" bs=1 seek=100 conv=notrunc 2>/dev/null`,
      '',
      'ARCHIVE_UNREADABLE',
      /manifest/,
    ],
    ['a missing file', `rm "$(ls base/*/1259 | head -n 1)"`, '', 'ARCHIVE_UNREADABLE', /1259/],
    [
      'missing WAL',
      `rm backup_manifest && rm -r pg_wal && mkdir -p pg_wal/archive_status && chown -R --reference=PG_VERSION pg_wal`,
      '',
      'VOLUME_UNBOOTABLE',
      /checkpoint record/,
    ],
    ['files of root', 'true', '--owner=0 --group=0', 'VOLUME_OWNER', /root/],
    ['a file of somebody else', 'chown 4711:4711 global/1262', '', 'VOLUME_OWNER', /global\/1262/],
    ['no cluster', 'find . -mindepth 1 -delete && echo hello > README', '', 'ARCHIVE_UNREADABLE', /no cluster/],
    ['another major version', 'echo 15 > PG_VERSION', '', 'VOLUME_VERSION', /15/],
  ] as const) {
    it(`refuses a copy with ${what}`, async () => {
      const { code: found, message } = await failureOf(prove(subject, await repacked('repacked', script, options)));
      assert.equal(found, code, message);
      assert.match(message, said);
    });
  }

  it('refuses a copy that lacks a database, or rows', async () => {
    assert.equal((await failureOf(prove(subject, whole, { databases: ['app', 'other'] }))).code, 'DATABASES_DIFFER');
    const { code, message } = await failureOf(prove(subject, whole, { rows: { app: { 'public.still': 200_001 } } }));
    assert.equal(code, 'ROWS_DIFFER');
    assert.match(message, /public\.still: 200000 instead of 200001/);
  });

  it('does not begin what would fill the disk', async () => {
    assert.ok(whole.plan.dataBytes > 30_000_000, `${whole.plan.dataBytes} bytes`);
    const archive = { ...whole.archive, dataBytes: 1e15 };
    assert.equal((await failureOf(prove(subject, { ...whole, archive }))).code, 'CONTAINER_FULL');
  });

  it('leaves nothing when it is cancelled, whenever that is', async () => {
    for (const message of ['Unpacking', 'Comparing', 'Booting', 'Counting']) {
      const stop = new AbortController();
      const onReport = (progress: { readonly message: string }): void => void (progress.message.startsWith(message) && stop.abort());
      assert.equal((await failureOf(prove(subject, whole, {}, operation({ signal: stop.signal, onReport })))).code, 'CANCELLED', message);
      await engine.assertNothingLeft(message);
    }
  });

  it('does not put a damaged copy into a volume', async () => {
    const { archive } = await repacked('half', 'rm PG_VERSION');
    const request = { engine: subject.server.engine, image: subject.container.imageId, archive, major: 17, volume: `${runName}-never`, labels: {}, folder: '' };
    assert.equal((await failureOf(restoreVolume(request, operation()))).code, 'ARCHIVE_UNREADABLE');
  });

  it('sweeps what killed processes left, and nothing that is in use', async () => {
    const maker = writeMaker({ host: 'abc', pid: 1, seconds: 1 });
    const named = (name: string, label: string): Promise<unknown> =>
      engineCommand(['create', '--name', `${runName}-${name}`, '--label', `container-databases.throwaway=${label}`, 'postgres:17']);
    await named('old', maker);
    const labels = await withThrowaway(subject.server.engine, { image: 'postgres:17' }, operation(), async (container) => {
      // Others that start at the same time sweep as well, so what is gone counts, and not who removed it.
      await sweepThrowaways(subject.server.engine);
      assert.notEqual((await engineCommand(['container', 'inspect', `${runName}-old`])).code, 0);
      return (await subject.server.engine.inspect(container)).labels;
    });
    const { pid: dead } = spawnSync('true');
    const own = labels['container-databases.throwaway'] ?? '';
    await named('killed-maker', own.replace(`.${process.pid}.`, `.${dead}.`));
    const volume = (await engineCommand(['inspect', '--format', '{{range .Mounts}}{{.Name}}{{end}}', `${runName}-killed-maker`])).stdout.trim();
    assert.equal((await engineCommand(['volume', 'inspect', volume])).code, 0);
    await named('newer', 'something newer');
    await named('fresh', writeMaker({ host: 'abc', pid: 1, seconds: Math.floor(Date.now() / 1000) }));
    await sweepThrowaways(subject.server.engine);
    const { stdout } = await engineCommand(['ps', '--all', '--filter', `name=${runName}-(old|newer|fresh|killed-maker)$`, '--format', '{{.Names}}']);
    assert.deepEqual(stdout.trim().split('\n').toSorted(), [`${runName}-fresh`, `${runName}-newer`]);
    assert.notEqual((await engineCommand(['volume', 'inspect', volume])).code, 0);
    await engineCommand(['rm', '--force', '--volumes', `${runName}-fresh`, `${runName}-newer`]);
  });
});
