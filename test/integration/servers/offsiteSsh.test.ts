import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readBackup, type Backup } from '../../../src/backup/catalogue';
import { copyBackup } from '../../../src/backup/offsite/copyBackup';
import { fetchBackup } from '../../../src/backup/offsite/fetchBackup';
import { listOffsite } from '../../../src/backup/offsite/listOffsite';
import { parseLocation } from '../../../src/backup/offsite/location';
import { removeOffsite } from '../../../src/backup/offsite/removeOffsite';
import { openStore, type OffsiteStore } from '../../../src/backup/offsite/store';
import { run, tryRun, waitFor } from '../../lab/process';
import { writeBackup } from '../../unit/backup/backupParts';
import { cliJson, failureOf, filesIn, operation } from '../support/app';
import { startCuttingProxy, type CuttingProxy } from '../support/cuttingProxy';
import { tempFolder } from '../support/shared';
import { makeKey, startSshServer, useSshConfiguration, type SshServer } from '../support/sshServer';

const size = 12_000_000;
const name = 'shop_app_20261107_030000.dump';
const { signal } = new AbortController();

describe('copies on another host', () => {
  let server: SshServer;
  let proxy: CuttingProxy;
  let restorePath: () => void;
  let here: string;
  let there: string;

  before(async function () {
    this.timeout(120_000);
    server = await startSshServer();
    proxy = await startCuttingProxy(server.port);
    restorePath = await useSshConfiguration(server.identity, `lab ${server.hostKey}\n`);
  });
  beforeEach(async () => {
    proxy.reset();
    here = await tempFolder('here');
    there = await tempFolder('there');
  });
  after(() => restorePath?.());

  const storeIn = (folder: string, port = server.port): Promise<OffsiteStore> =>
    openStore(parseLocation(`sftp://root@127.0.0.1:${port}${encodeURI(folder).replace(/[?#]/g, encodeURIComponent)}`, '/'));
  const backupOf = async (content: Buffer, as = name): Promise<Backup> => {
    writeBackup(path.join(here, as), content);
    return (await readBackup(path.join(here, as))) ?? assert.fail();
  };

  it('are made, listed, fetched and removed', async () => {
    const store = await storeIn(path.join(there, 'new', 'folder'));
    const backup = await backupOf(randomBytes(100_000));
    assert.deepEqual(await listOffsite(store, signal), []);
    const copied = await copyBackup(backup, store, operation());
    assert.deepEqual(await filesIn(path.join(there, 'new', 'folder')), [name, `${name}.json`, `${name}.sha256`]);
    assert.equal((await stat(path.join(there, 'new', 'folder'))).mode & 0o777, 0o700);
    assert.equal((await stat(path.join(there, 'new', 'folder', name))).mode & 0o077, 0);
    assert.deepEqual(
      copied.manifest?.offsite?.map(({ location }) => location),
      [store.describe()],
    );
    assert.deepEqual((await readBackup(backup.file))?.manifest, copied.manifest);
    const [listed, ...others] = await listOffsite(store, signal);
    assert.deepEqual([listed?.file, listed?.sizeBytes, listed?.manifest?.id, others.length], [name, 100_000, backup.manifest?.id, 0]);
    const fetched = await fetchBackup(store, name, path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
    assert.equal((await stat(fetched.file)).mode & 0o077, 0);
    assert.deepEqual(await filesIn(path.join(here, 'again')), [name, `${name}.json`, `${name}.sha256`]);
    await run('sha256sum', ['-c', `${name}.sha256`], { cwd: path.join(here, 'again') });
    assert.equal((await failureOf(fetchBackup(store, name, path.join(here, 'again'), operation()))).code, 'FILE_EXISTS');
    await removeOffsite(store, name);
    assert.deepEqual(await filesIn(path.join(there, 'new', 'folder')), []);
    assert.equal((await failureOf(fetchBackup(store, name, here, operation()))).code, 'OFFSITE_MISSING');
  });

  it('keep odd names of folders and files for what they are', async () => {
    const folder = path.join(there, `it's "odd" [a-z] * \\ ü`);
    const store = await storeIn(folder);
    const odd = [`-l "quoted" 'name' *?.dump`, '[ab]{c} #1 $HOME `id` é.dump'];
    for (const each of odd) await copyBackup(await backupOf(randomBytes(500), each), store, operation());
    const expected = odd.flatMap((each) => [each, `${each}.json`, `${each}.sha256`]).toSorted();
    assert.deepEqual(await filesIn(folder), expected);
    assert.deepEqual((await listOffsite(store, signal)).map(({ file }) => file).toSorted(), odd.toSorted());
    for (const each of odd) {
      const fetched = await fetchBackup(store, each, path.join(here, 'again'), operation());
      assert.deepEqual(await readFile(fetched.file), await readFile(path.join(here, each)));
    }
    for (const each of odd) await removeOffsite(store, each);
    assert.deepEqual(await filesIn(folder), []);
  });

  it('go on by themselves when the connection breaks, and send no byte twice', async () => {
    const store = await storeIn(there, proxy.port);
    const backup = await backupOf(randomBytes(size));
    proxy.reset({ after: size / 2 });
    const own = operation();
    await copyBackup(backup, store, own);
    assert.equal(own.warnings.length, 1, own.warnings.join('; '));
    assert.ok(proxy.sent() > size && proxy.sent() < size * 1.35, String(proxy.sent()));
    assert.deepEqual(await readFile(path.join(there, name)), await readFile(backup.file));
    proxy.reset({ after: size / 2 });
    const fetched = await fetchBackup(store, name, path.join(here, 'again'), own);
    assert.equal(own.warnings.length, 2);
    assert.ok(proxy.received() > size && proxy.received() < size * 1.35, String(proxy.received()));
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
  });

  it('that ended with the connection are no backups, and are gone on with the next time', async () => {
    const store = await storeIn(there, proxy.port);
    const backup = await backupOf(randomBytes(size));
    proxy.reset({ after: size / 2, more: 0 });
    assert.equal((await failureOf(copyBackup(backup, store, operation()))).code, 'OFFSITE_UNREACHABLE');
    assert.deepEqual(await filesIn(there), [`${name}.partial`]);
    assert.equal((await readBackup(backup.file))?.manifest?.offsite, undefined);
    proxy.reset();
    assert.deepEqual(await listOffsite(store, signal), []);
    const partial = (await stat(path.join(there, `${name}.partial`))).size;
    assert.ok(partial > size / 4, String(partial));
    proxy.reset();
    await copyBackup(backup, store, operation());
    assert.ok(proxy.sent() < size - partial + 500_000, `${proxy.sent()} bytes, ${partial} were there`);
    assert.deepEqual(await readFile(path.join(there, name)), await readFile(backup.file));
  });

  it('start anew when the beginning that lies there is of something else', async () => {
    const store = await storeIn(there);
    const backup = await backupOf(randomBytes(50_000));
    await writeFile(path.join(there, `${name}.partial`), randomBytes(20_000));
    await copyBackup(backup, store, operation());
    assert.deepEqual(await readFile(path.join(there, name)), await readFile(backup.file));
    await mkdir(path.join(here, 'again'));
    await writeFile(path.join(here, 'again', `${name}.partial`), randomBytes(20_000));
    const fetched = await fetchBackup(store, name, path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
  });

  it('are compared again when they are there already, and never replace another file', async () => {
    const store = await storeIn(there);
    const backup = await backupOf(randomBytes(50_000));
    await copyBackup(backup, store, operation());
    await copyBackup(backup, store, operation());
    const bytes = await readFile(path.join(there, name));
    bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000);
    await writeFile(path.join(there, name), bytes);
    assert.equal((await failureOf(copyBackup(backup, store, operation()))).code, 'OFFSITE_DIFFERS');
    assert.equal((await failureOf(fetchBackup(store, name, path.join(here, 'again'), operation()))).code, 'OFFSITE_DIFFERS');
    assert.deepEqual(await filesIn(path.join(here, 'again')), []);
    assert.deepEqual(await readFile(path.join(there, name)), bytes);
    await truncate(path.join(there, name), 10);
    const [listed] = await listOffsite(store, signal);
    assert.deepEqual([listed?.manifest, listed?.problem?.code], [undefined, 'OFFSITE_DIFFERS']);
    await rm(path.join(there, `${name}.json`));
    assert.deepEqual(await listOffsite(store, signal), []);
    assert.equal((await failureOf(copyBackup(backup, store, operation()))).code, 'OFFSITE_DIFFERS');
    assert.equal((await stat(path.join(there, name))).size, 10);
  });

  it('that are not what they should be never get their name', async () => {
    const { file, sizeBytes } = await backupOf(randomBytes(1000));
    const put = (await storeIn(there)).put({ file, sizeBytes, sha256: '0'.repeat(64) }, name, operation());
    assert.equal((await failureOf(put)).code, 'OFFSITE_DIFFERS');
    assert.deepEqual(await filesIn(there), []);
  });

  it('are not made of a backup that is damaged', async () => {
    const backup = await backupOf(randomBytes(1000));
    await appendFile(backup.file, 'x');
    assert.equal((await failureOf(copyBackup(backup, await storeIn(there), operation()))).code, 'BACKUP_DAMAGED');
    assert.deepEqual(await readdir(there), []);
  });

  it('leave nothing when they are cancelled', async () => {
    const stop = new AbortController();
    const store = await storeIn(there, proxy.port);
    const backup = await backupOf(randomBytes(size * 4));
    proxy.reset();
    const copying = failureOf(copyBackup(backup, store, operation({ signal: stop.signal })));
    await waitFor('the copy to be on its way', () => proxy.sent() > 1_000_000);
    stop.abort();
    assert.equal((await copying).code, 'CANCELLED');
    assert.deepEqual(await filesIn(there), []);
    assert.equal((await readBackup(backup.file))?.manifest?.offsite, undefined);
  });

  it('tell a full disk, and leave nothing there', async () => {
    const disk = path.join(there, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    try {
      const failure = await failureOf(copyBackup(await backupOf(randomBytes(size)), await storeIn(disk), operation()));
      assert.equal(failure.code, 'OFFSITE_FULL', failure.message);
      assert.deepEqual(await filesIn(disk), []);
    } finally {
      await tryRun('umount', [disk]);
    }
  });

  it('need no shell on the host: without one they are read back', async () => {
    const limited = await startSshServer('ForceCommand internal-sftp');
    const restore = await useSshConfiguration(limited.identity, `lab ${limited.hostKey}\n`);
    try {
      const reports = operation();
      const store = await storeIn(there, limited.port);
      await copyBackup(await backupOf(randomBytes(50_000)), store, reports);
      assert.ok(reports.reports.some(({ message }) => message.startsWith('Fetching')));
      await appendFile(path.join(there, name), 'x');
      await truncate(path.join(there, name), 50_000);
      const bytes = await readFile(path.join(there, name));
      await writeFile(path.join(there, name), bytes.fill(0, 10, 20));
      assert.equal((await failureOf(copyBackup(await backupOf(randomBytes(50_000)), store, operation()))).code, 'OFFSITE_DIFFERS');
      assert.deepEqual(await filesIn(here), [name, `${name}.json`, `${name}.sha256`]);
    } finally {
      restore();
    }
  });

  describe('say why a host cannot be used', () => {
    const problemWith = async (identity: string, knownHosts: string, port = server.port): Promise<string> => {
      const restore = await useSshConfiguration(identity, knownHosts);
      try {
        const failure = await failureOf((await storeIn(there, port)).list(signal));
        assert.ok(failure.remedy.length > 10);
        return failure.code;
      } finally {
        restore();
      }
    };

    it('a key that it does not take', async () => {
      const other = path.join(here, 'other');
      await makeKey(other);
      assert.equal(await problemWith(other, `lab ${server.hostKey}\n`), 'OFFSITE_DENIED');
    });

    it('a host that is not known, and stays so', async () => {
      assert.equal(await problemWith(server.identity, ''), 'HOST_KEY_UNKNOWN');
      assert.equal(await problemWith(server.identity, ''), 'HOST_KEY_UNKNOWN');
    });

    it('a host with another key than before', async () => {
      const other = path.join(here, 'other');
      await makeKey(other);
      const key = (await readFile(`${other}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
      assert.equal(await problemWith(server.identity, `lab ${key}\n`), 'HOST_KEY_CHANGED');
    });

    it('a port where nobody listens', async () => {
      assert.equal(await problemWith(server.identity, `lab ${server.hostKey}\n`, 1), 'OFFSITE_UNREACHABLE');
    });
  });

  it('are handled by the command line', async () => {
    const location = `sftp://root@127.0.0.1:${server.port}${there}`;
    const backup = await backupOf(randomBytes(5000));
    const put = await cliJson<{ name: string; sha256: string }>(['offsite', 'put', backup.file, '--to', location]);
    assert.deepEqual([put.name, put.sha256], [name, backup.manifest?.sha256]);
    const { backups } = await cliJson<{ backups: { file: string; verified: string }[] }>(['offsite', 'list', location]);
    assert.deepEqual(
      backups.map(({ file, verified }) => [file, verified]),
      [[name, 'read']],
    );
    const got = await cliJson<{ file: string }>(['offsite', 'get', location, '--name', name, '--folder', path.join(here, 'got')]);
    assert.deepEqual(await readFile(got.file), await readFile(backup.file));
    await cliJson(['offsite', 'remove', location, '--name', name, '--yes']);
    assert.equal(existsSync(path.join(there, name)), false);
  });
});
