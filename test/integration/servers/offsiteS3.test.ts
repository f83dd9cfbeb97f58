import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readBackup, type Backup } from '../../../src/backup/catalogue';
import { copyBackup } from '../../../src/backup/offsite/copyBackup';
import { fetchBackup } from '../../../src/backup/offsite/fetchBackup';
import { listOffsite } from '../../../src/backup/offsite/listOffsite';
import { parseLocation } from '../../../src/backup/offsite/location';
import { removeOffsite } from '../../../src/backup/offsite/removeOffsite';
import { openStore, type OffsiteStore } from '../../../src/backup/offsite/store';
import { waitFor } from '../../lab/process';
import { writeBackup } from '../../unit/backup/backupParts';
import { cli, cliJson, failureOf, filesIn, operation, printedByCli } from '../support/app';
import { startCuttingProxy, type CuttingProxy } from '../support/cuttingProxy';
import { contentOf, inBucket, makeBucket, replaceObject, s3Endpoint } from '../support/s3Server';
import { tempFolder } from '../support/shared';

const megabyte = 1024 * 1024;
const name = 'shop_app_20261107_030000.dump';
const { signal } = new AbortController();
const credentials = { accessKeyId: 'an id', secretAccessKey: 'a secret that nobody may see' };

describe('copies in S3', () => {
  let endpoint: string;
  let proxy: CuttingProxy;
  let bucket: string;
  let here: string;

  before(async function () {
    this.timeout(180_000);
    endpoint = await s3Endpoint();
    proxy = await startCuttingProxy(Number(new URL(endpoint).port));
  });
  beforeEach(async () => {
    proxy.reset();
    bucket = await makeBucket(endpoint);
    here = await tempFolder('here');
  });

  const location = (at = endpoint): string => `s3://${bucket}/team/backups?endpoint=${at}`;
  const storeAt = (at = endpoint): Promise<OffsiteStore> => openStore(parseLocation(location(at), '/'), credentials);
  const throughProxy = (): Promise<OffsiteStore> => storeAt(`http://127.0.0.1:${proxy.port}`);
  const backupOf = async (content: Buffer, as = name): Promise<Backup> => {
    writeBackup(path.join(here, as), content);
    return (await readBackup(path.join(here, as))) ?? assert.fail();
  };
  const keysOf = (each: string): readonly string[] => ['', '.json', '.sha256'].map((end) => `team/backups/${each}${end}`);

  for (const [title, size] of [
    ['at once', 100_000],
    ['in parts', 20 * megabyte],
  ] as const) {
    it(`are made ${title}, listed, fetched and removed`, async () => {
      const store = await storeAt();
      const backup = await backupOf(randomBytes(size));
      assert.deepEqual(await listOffsite(store, signal), []);
      const copied = await copyBackup(backup, store, operation());
      assert.deepEqual(await inBucket(endpoint, bucket), { objects: keysOf(name), uploads: [] });
      assert.deepEqual(
        copied.manifest?.offsite?.map((each) => each.location),
        [store.describe()],
      );
      const [listed] = await listOffsite(store, signal);
      assert.deepEqual([listed?.file, listed?.sizeBytes, listed?.manifest?.id], [name, size, backup.manifest?.id]);
      await copyBackup(copied, store, operation());
      const fetched = await fetchBackup(store, name, path.join(here, 'again'), operation());
      assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
      await removeOffsite(store, name);
      assert.deepEqual(await inBucket(endpoint, bucket), { objects: [], uploads: [] });
    });
  }

  it('keep odd names for what they are', async () => {
    const store = await storeAt();
    const odd = `-l "quoted" 'name' *?%20+&=[ab]{c} #1 é.dump`;
    await copyBackup(await backupOf(randomBytes(500), odd), store, operation());
    assert.deepEqual(
      (await listOffsite(store, signal)).map(({ file }) => file),
      [odd],
    );
    const fetched = await fetchBackup(store, odd, path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(path.join(here, odd)));
  });

  it('that ended with the connection are no backups, and are gone on with the next time', async () => {
    const size = 76 * megabyte + 5;
    const backup = await backupOf(randomBytes(size));
    proxy.reset({ after: 60 * megabyte, more: 0 });
    const failure = await failureOf(copyBackup(backup, await throughProxy(), operation()));
    assert.ok(['OFFSITE_UNREACHABLE', 'OFFSITE_INTERRUPTED'].includes(failure.code), failure.code);
    assert.deepEqual(await inBucket(endpoint, bucket), { objects: [], uploads: [`team/backups/${name}`] });
    assert.deepEqual(await listOffsite(await storeAt(), signal), []);
    assert.equal((await readBackup(backup.file))?.manifest?.offsite, undefined);
    proxy.reset();
    await copyBackup(backup, await throughProxy(), operation());
    assert.ok(proxy.sent() < size - 24 * megabyte, `${proxy.sent()} bytes were sent again`);
    assert.deepEqual(await inBucket(endpoint, bucket), { objects: keysOf(name), uploads: [] });
    const fetched = await fetchBackup(await storeAt(), name, path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
  });

  it('do not go on with an upload of something else', async () => {
    const store = await throughProxy();
    proxy.reset({ after: 60 * megabyte, more: 0 });
    await failureOf(copyBackup(await backupOf(randomBytes(76 * megabyte)), store, operation()));
    proxy.reset();
    const backup = await backupOf(randomBytes(76 * megabyte));
    await copyBackup(backup, store, operation());
    const fetched = await fetchBackup(store, name, path.join(here, 'again'), operation());
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
    assert.deepEqual((await inBucket(endpoint, bucket)).uploads, []);
  });

  it('are fetched on where the connection broke', async () => {
    const size = 30 * megabyte;
    const backup = await backupOf(randomBytes(size));
    await copyBackup(backup, await storeAt(), operation());
    proxy.reset({ after: size / 2 });
    const own = operation();
    const fetched = await fetchBackup(await throughProxy(), name, path.join(here, 'again'), own);
    assert.equal(own.warnings.length, 1);
    assert.ok(proxy.received() < size * 1.35, String(proxy.received()));
    assert.deepEqual(await readFile(fetched.file), await readFile(backup.file));
  });

  it('are compared again when they are there already, and never replace another object', async () => {
    const store = await storeAt();
    const backup = await backupOf(randomBytes(20_000));
    await copyBackup(backup, store, operation());
    const other = randomBytes(20_000);
    const url = `${endpoint}/${bucket}/team/backups/${name}`;
    await replaceObject(url, other, { 'x-amz-meta-sha256': backup.manifest?.sha256 ?? '' });
    assert.equal((await failureOf(copyBackup(backup, store, operation()))).code, 'OFFSITE_DIFFERS');
    assert.equal((await failureOf(fetchBackup(store, name, path.join(here, 'again'), operation()))).code, 'OFFSITE_DIFFERS');
    assert.deepEqual(await filesIn(path.join(here, 'again')), []);
    assert.deepEqual(await contentOf(url), other);
  });

  it('are read back where the server keeps no checksum', async () => {
    const store = await storeAt();
    const backup = await backupOf(randomBytes(20_000));
    await replaceObject(`${endpoint}/${bucket}/team/backups/${name}`, await readFile(backup.file), {});
    await copyBackup(backup, store, operation());
    assert.equal((await listOffsite(store, signal))[0]?.manifest?.id, backup.manifest?.id);
  });

  it('leave nothing when they are cancelled', async () => {
    const stop = new AbortController();
    const store = await throughProxy();
    const backup = await backupOf(randomBytes(64 * megabyte));
    proxy.reset();
    const copying = failureOf(copyBackup(backup, store, operation({ signal: stop.signal })));
    await waitFor('the copy to be on its way', () => proxy.sent() > 10 * megabyte);
    stop.abort();
    assert.equal((await copying).code, 'CANCELLED');
    assert.deepEqual(await inBucket(endpoint, bucket), { objects: [], uploads: [] });
  });

  it('say why a server cannot be used', async () => {
    const missing = await openStore(parseLocation(`s3://no-such-bucket-there?endpoint=${endpoint}`, '/'), credentials);
    assert.equal((await failureOf(missing.list(signal))).code, 'OFFSITE_MISSING');
    const nobody = await openStore(parseLocation(location('http://127.0.0.1:1'), '/'), credentials);
    assert.equal((await failureOf(nobody.list(signal))).code, 'OFFSITE_UNREACHABLE');
    const guarded = await s3Endpoint(['INITIAL_NO_AUTH_ACTION_COUNT=0']);
    const denied = await openStore(parseLocation(location(guarded), '/'), credentials);
    const failure = await failureOf(denied.list(signal));
    assert.equal(failure.code, 'OFFSITE_DENIED', failure.message);
    assert.ok(!`${failure.message} ${failure.remedy}`.includes(credentials.secretAccessKey));
  });

  it('are handled by the command line, with keys of the environment or the profile file', async () => {
    const backup = await backupOf(randomBytes(5000));
    const none = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: path.join(here, 'none'), AWS_SHARED_CREDENTIALS_FILE: path.join(here, 'none') };
    const env = { ...none, AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
    const put = await cliJson<{ name: string; location: string }>(['offsite', 'put', backup.file, '--to', location()], { env });
    assert.deepEqual([put.name, put.location], [name, location()]);
    const { backups } = await cliJson<{ backups: { file: string }[] }>(['offsite', 'list', location()], { env });
    assert.deepEqual(
      backups.map(({ file }) => file),
      [name],
    );
    const profile = path.join(here, 'profile');
    await writeFile(profile, `[lab]\naws_access_key_id = x\naws_secret_access_key = ${credentials.secretAccessKey}\n`);
    const withProfile = { env: { ...none, AWS_SHARED_CREDENTIALS_FILE: profile } };
    const got = await cliJson<{ file: string }>(
      ['offsite', 'get', `${location()}&profile=lab`, '--name', name, '--folder', path.join(here, 'got')],
      withProfile,
    );
    assert.deepEqual(await readFile(got.file), await readFile(backup.file));
    const without = await cli(['offsite', 'list', location()], { env: none });
    assert.equal(without.code, 1);
    assert.match(without.stderr, /^OFFSITE_DENIED/m);
    assert.equal((await cli(['offsite', 'remove', location(), '--name', name], { env })).code, 4);
    assert.ok(!printedByCli().includes(credentials.secretAccessKey));
  });
});
