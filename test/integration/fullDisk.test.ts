import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, tryRun } from '../lab/process';
import { backUp, failureOf, filesIn, openApp, operation, serviceOf, restore, type OpenApp } from './support/app';
import { assertNothingLeft, watchServer, type Watch } from './support/evidence';
import { tempFolder } from './support/shared';
import { fingerprint, sql } from './support/sql';
import { dropDatabases, fillDatabase, startWorkshop, type Workshop } from './support/workshop';

describe('a full disk on the receiving side', () => {
  let place: Workshop;
  let app: OpenApp;
  let disk: string;
  let watch: Watch;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'filling');
    disk = path.join(await tempFolder('disk'), 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    app = await openApp({ backups: disk });
    watch = await watchServer(place);
  });

  after(async () => {
    watch?.end();
    await tryRun('umount', [disk]);
    await dropDatabases(place, ['filling']);
  });

  it('ends a backup with DISK_FULL, leaves nothing of it, and spares the one before', async () => {
    const good = await backUp(app, place, 'filling');
    const before = await filesIn(disk);
    // Noise in a table that the planner of the backup takes to be small: it looks at the last backup's size.
    await sql(place, 'filling', 'CREATE TABLE noise AS SELECT md5(random()::text) || md5(random()::text) AS a FROM generate_series(1, 200000)');
    const failure = await failureOf(backUp(app, place, 'filling'));
    assert.equal(failure.code, 'DISK_FULL');
    assert.match(failure.message, new RegExp(disk));
    assert.ok(failure.remedy.length > 10);
    await assertNothingLeft(place);
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
