import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readBackup, type Backup } from '../../../src/backup/catalogue';
import { copyBackup } from '../../../src/backup/offsite/copyBackup';
import { fetchBackup } from '../../../src/backup/offsite/fetchBackup';
import { parseLocation } from '../../../src/backup/offsite/location';
import { openStore } from '../../../src/backup/offsite/store';
import { run, tryRun } from '../../lab/process';
import { writeBackup } from '../../unit/backup/backupParts';
import { failureOf, filesIn, operation } from '../support/app';
import { tempFolder } from '../support/shared';

describe('copies on another disk', () => {
  let here: string;
  let disk: string;

  before(async () => {
    here = await tempFolder('here');
    disk = path.join(await tempFolder('disk'), 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  });
  after(async () => {
    await tryRun('umount', [disk]);
  });

  const backupOf = async (name: string, size: number): Promise<Backup> => {
    writeBackup(path.join(here, name), randomBytes(size));
    return (await readBackup(path.join(here, name))) ?? assert.fail();
  };

  it('tell when it is full, leave nothing there, and spare the copies before', async () => {
    const store = await openStore(parseLocation(path.join(disk, 'copies'), '/'));
    const small = await copyBackup(await backupOf('small.dump', 1_000_000), store, operation());
    const before = await filesIn(path.join(disk, 'copies'));
    const large = await backupOf('large.dump', 8_000_000);
    const failure = await failureOf(copyBackup(large, store, operation()));
    assert.equal(failure.code, 'OFFSITE_FULL');
    assert.match(failure.message, new RegExp(disk));
    assert.deepEqual(await filesIn(path.join(disk, 'copies')), before);
    assert.equal((await readBackup(large.file))?.manifest?.offsite, undefined);
    const fetched = await fetchBackup(store, 'small.dump', path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(small.file));
  });

  it('are not fetched to a disk without room for them', async () => {
    const store = await openStore(parseLocation(path.join(here, 'copies'), '/'));
    await copyBackup(await backupOf('large.dump', 8_000_000), store, operation());
    const failure = await failureOf(fetchBackup(store, 'large.dump', path.join(disk, 'again'), operation()));
    assert.equal(failure.code, 'DISK_FULL');
    assert.deepEqual(await filesIn(path.join(disk, 'again')), []);
  });
});
