import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Backup } from '../../../src/backup/catalogue';
import { run, tryRun } from '../../lab/process';
import { backUp, failureOf, filesIn, openApp, operation, serviceOf, restore, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf, watchServer, type Watch } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { fingerprint, sql } from '../support/sql';
import { dropDatabases, fillDatabase, startWorkshop, type Workshop } from '../support/workshop';

describe('a full disk on the receiving side', () => {
  let place: Workshop;
  let app: OpenApp;
  let disk: string;
  let watch: Watch;
  let good: Backup;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'filling');
    disk = path.join(await tempFolder('disk'), 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    app = await openApp({ backups: disk });
    good = await backUp(app, place, 'filling');
    // Noise in a table that the planner of the backup takes to be small: it looks at the last backup's size.
    await sql(place, 'filling', 'CREATE TABLE noise AS SELECT md5(random()::text) || md5(random()::text) AS a FROM generate_series(1, 200000)');
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await tryRun('umount', [disk]);
    await dropDatabases(place, ['filling']);
  });

  for (const [title, wishes] of [
    ['custom', { format: 'custom' }],
    ['directory', { format: 'directory' }],
    ['plain', { format: 'plain', compression: 'none' }],
    ['packed plain', { format: 'plain' }],
    ['encrypted', { format: 'custom', key: { kind: 'passphrase', passphrase: 'correct horse' } }],
  ] as const) {
    it(`ends a ${title} backup with DISK_FULL, leaves nothing of it, and spares the one before`, async () => {
      const before = await filesIn(disk);
      const failure = await failureOf(backUp(app, place, 'filling', operation(), wishes));
      assert.equal(failure.code, 'DISK_FULL');
      assert.match(failure.message, new RegExp(disk));
      assert.ok(failure.remedy.length > 10);
      await assertNothingLeft(place);
      assert.deepEqual(await leftoversOf(place), []);
      assert.deepEqual(await filesIn(disk), before);
      assert.equal(
        createHash('sha256')
          .update(await readFile(good.file))
          .digest('hex'),
        good.manifest?.sha256,
      );
      const server = app.inventory.serverOf(serviceOf(app, place).service);
      assert.deepEqual(await app.backups.verify(good, { server }, operation()), { verified: 'read' });
    });
  }

  it('refuses beforehand what surely does not fit', async () => {
    await writeFile(path.join(disk, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
    assert.ok((await stat(path.join(disk, 'ballast'))).size > 1_000_000);
    const before = await filesIn(disk);
    const failure = await failureOf(backUp(app, place, 'filling'));
    assert.equal(failure.code, 'DISK_FULL');
    assert.deepEqual(await filesIn(disk), before);
  });

  it('stops a restore whose safety backup has no room, before anything is touched', async () => {
    const [file = ''] = (await filesIn(disk)).filter((name) => name.endsWith('.dump'));
    const before = await fingerprint(place, 'filling');
    const failure = await failureOf(restore(app, place, 'filling', path.join(disk, file)));
    assert.equal(failure.code, 'DISK_FULL');
    assert.deepEqual(await fingerprint(place, 'filling'), before);
    await assertNothingLeft(place);
    await watch.assertUntouched();
  });
});
