import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readBackup, type Backup } from '../../../../src/backup/catalogue';
import { copyBackup } from '../../../../src/backup/offsite/copyBackup';
import { fetchBackup } from '../../../../src/backup/offsite/fetchBackup';
import { listOffsite } from '../../../../src/backup/offsite/listOffsite';
import { parseLocation } from '../../../../src/backup/offsite/location';
import { persistently } from '../../../../src/backup/offsite/persistently';
import { interrupted } from '../../../../src/backup/offsite/problems';
import { removeOffsite } from '../../../../src/backup/offsite/removeOffsite';
import { openStore, type OffsiteStore } from '../../../../src/backup/offsite/store';
import type { Manifest } from '../../../../src/backup/manifest';
import { fakeOperation } from '../../operations/fakeOperation';
import { rejectsWith } from '../../operations/rejectsWith';
import { temporaryFolder } from '../../operations/temporaryFolder';
import { writeBackup } from '../backupParts';

const content = Buffer.from('PGDMP and more');
const { signal } = new AbortController();
const namesIn = (folder: string): readonly string[] => readdirSync(folder).toSorted();

/** A store's methods, for one that does some of them differently. */
function methodsOf(store: OffsiteStore): OffsiteStore {
  return {
    list: store.list.bind(store),
    put: store.put.bind(store),
    get: store.get.bind(store),
    read: store.read.bind(store),
    remove: store.remove.bind(store),
    describe: store.describe.bind(store),
  };
}

describe('copies in a folder', () => {
  const at = temporaryFolder();
  beforeEach(() => mkdirSync(at('here')));

  const store = (): Promise<OffsiteStore> => openStore(parseLocation(at('there'), '/'));
  const backup = async (rest: Partial<Manifest> = {}): Promise<Backup> => {
    writeBackup(at('here', 'a.dump'), content, rest);
    return (await readBackup(at('here', 'a.dump'))) ?? assert.fail();
  };
  const copy = async (rest: Partial<Manifest> = {}): Promise<Backup> => copyBackup(await backup(rest), await store(), fakeOperation());

  it('are made, noted, listed, fetched and removed', async () => {
    const { manifest } = await copy();
    assert.deepEqual(namesIn(at('there')), ['a.dump', 'a.dump.json', 'a.dump.sha256']);
    assert.equal(statSync(at('there')).mode & 0o777, 0o700);
    assert.equal(statSync(at('there', 'a.dump')).mode & 0o777, 0o600);
    assert.equal(manifest?.offsite?.[0]?.location, at('there'));
    assert.deepEqual((await readBackup(at('here', 'a.dump')))?.manifest, manifest);
    const [listed] = await listOffsite(await store(), signal);
    assert.deepEqual([listed?.file, listed?.sizeBytes, listed?.manifest?.sha256], ['a.dump', content.length, manifest?.sha256]);
    const fetched = await fetchBackup(await store(), 'a.dump', at('again'), fakeOperation());
    assert.deepEqual(readFileSync(fetched.file), content);
    assert.deepEqual(namesIn(at('again')), ['.gitignore', 'a.dump', 'a.dump.json', 'a.dump.sha256']);
    await removeOffsite(await store(), 'a.dump');
    assert.deepEqual(namesIn(at('there')), []);
    assert.ok(existsSync(at('here', 'a.dump')));
  });

  it('hold the roles too, and only those that were written', async () => {
    const roles = Buffer.from('CREATE ROLE app;');
    const rolesSha256 = createHash('sha256').update(roles).digest('hex');
    writeFileSync(at('here', 'a.dump.roles.sql'), roles);
    await copy({ rolesSha256 });
    await fetchBackup(await store(), 'a.dump', at('again'), fakeOperation());
    assert.deepEqual(readFileSync(at('again', 'a.dump.roles.sql')), roles);
    writeFileSync(at('there', 'a.dump.roles.sql'), 'CREATE ROLE evil;');
    await rejectsWith('OFFSITE_DIFFERS', fetchBackup(await store(), 'a.dump', at('third'), fakeOperation()));
    assert.deepEqual(namesIn(at('third')), ['.gitignore', 'a.dump.partial']);
    await removeOffsite(await store(), 'a.dump');
    assert.deepEqual(namesIn(at('there')), []);
  });

  it('are noted once for each place', async () => {
    await copy();
    const again = await copyBackup((await readBackup(at('here', 'a.dump'))) ?? assert.fail(), await store(), fakeOperation());
    const elsewhere = await openStore(parseLocation(at('elsewhere'), '/'));
    const third = await copyBackup(again, elsewhere, fakeOperation());
    assert.deepEqual(
      third.manifest?.offsite?.map(({ location }) => location),
      [at('there'), at('elsewhere')],
    );
  });

  it('never replace another file', async () => {
    mkdirSync(at('there'));
    writeFileSync(at('there', 'a.dump'), 'other');
    await rejectsWith('OFFSITE_DIFFERS', copy());
    assert.equal(readFileSync(at('there', 'a.dump'), 'utf8'), 'other');
    rmSync(at('there', 'a.dump'));
    await copy();
    await rejectsWith('OFFSITE_DIFFERS', copy({ id: 'another' }));
  });

  it('are found to differ when they were changed there', async () => {
    await copy();
    writeFileSync(at('there', 'a.dump'), Buffer.from('PGDMP and m0re'));
    await rejectsWith('OFFSITE_DIFFERS', fetchBackup(await store(), 'a.dump', at('again'), fakeOperation()));
    assert.deepEqual(namesIn(at('again')), ['.gitignore']);
    writeFileSync(at('there', 'a.dump'), 'short');
    const [listed] = await listOffsite(await store(), signal);
    assert.deepEqual([listed?.manifest, listed?.problem?.code], [undefined, 'OFFSITE_DIFFERS']);
  });

  it('are listed only when they are whole', async () => {
    await copy();
    rmSync(at('there', 'a.dump.json'));
    assert.deepEqual(await listOffsite(await store(), signal), []);
    await copy();
    rmSync(at('there', 'a.dump'));
    assert.deepEqual(await listOffsite(await store(), signal), []);
    writeFileSync(at('there', 'b.dump'), content);
    writeFileSync(at('there', 'b.dump.json'), 'no manifest');
    const [listed] = await listOffsite(await store(), signal);
    assert.deepEqual([listed?.file, listed?.manifest, listed?.problem?.code], ['b.dump', undefined, 'MANIFEST_DAMAGED']);
  });

  it('are not made of what is no whole backup', async () => {
    const good = await backup();
    writeFileSync(at('here', 'a.dump'), 'PGDMP and m0re');
    await rejectsWith('BACKUP_DAMAGED', copyBackup(good, await store(), fakeOperation()));
    const { manifest, ...bare } = good;
    await rejectsWith('MANIFEST_MISSING', copyBackup(bare, await store(), fakeOperation()));
    assert.ok(manifest !== undefined && !existsSync(at('there')));
  });

  it('are not made beside the backup itself', async () => {
    symlinkSync(at('here'), at('there'));
    await rejectsWith('LOCATION_INVALID', copy());
  });

  it('are not made where a disk is missing', async () => {
    const missing = await openStore(parseLocation(at('mnt', 'disk'), '/'));
    await rejectsWith('OFFSITE_UNREACHABLE', copyBackup(await backup(), missing, fakeOperation()));
    assert.deepEqual(await listOffsite(missing, signal), []);
  });

  it('leave nothing when they are cancelled', async () => {
    const stop = new AbortController();
    const own = fakeOperation(stop.signal);
    const stopping = { ...own, report: ({ message }: { readonly message: string }) => (message === 'Comparing the copy' ? stop.abort() : undefined) };
    await rejectsWith('CANCELLED', copyBackup(await backup(), await store(), stopping));
    assert.deepEqual(namesIn(at('there')), []);
    assert.equal((await readBackup(at('here', 'a.dump')))?.manifest?.offsite, undefined);
  });

  it('leave nothing when they are cancelled after the file has its name, but what was there before', async () => {
    const stop = new AbortController();
    const own = fakeOperation(stop.signal);
    const real = await store();
    const put: OffsiteStore['put'] = async (file, name, operation) => {
      if (name.endsWith('.sha256')) stop.abort();
      await real.put(file, name, operation);
    };
    const stopping: OffsiteStore = { ...methodsOf(real), put };
    await rejectsWith('CANCELLED', copyBackup(await backup(), stopping, own));
    assert.deepEqual(namesIn(at('there')), []);
    writeFileSync(at('there', 'a.dump'), content);
    await rejectsWith('CANCELLED', copyBackup(await backup(), { ...stopping, put: real.put.bind(real) }, fakeOperation(AbortSignal.abort())));
    assert.deepEqual(namesIn(at('there')), ['a.dump']);
  });

  it('that are not what they should be never get their name', async () => {
    const file = { file: at('here', 'a.dump'), sizeBytes: content.length, sha256: '0'.repeat(64) };
    await backup();
    await rejectsWith('OFFSITE_DIFFERS', (await store()).put(file, 'a.dump', fakeOperation()));
    assert.deepEqual(namesIn(at('there')), []);
  });

  it('are fetched on where an earlier attempt stopped, and anew when that was of something else', async () => {
    await copy();
    for (const start of ['PGDMP', 'PGDMX', content.toString(), `${content.toString()} and too much`]) {
      mkdirSync(at('again'));
      writeFileSync(at('again', 'a.dump.partial'), start);
      await fetchBackup(await store(), 'a.dump', at('again'), fakeOperation());
      assert.deepEqual(readFileSync(at('again', 'a.dump')), content);
      rmSync(at('again'), { recursive: true });
    }
  });

  it('are never fetched over what is here', async () => {
    await copy();
    const before = readFileSync(at('here', 'a.dump.json'), 'utf8');
    await rejectsWith('FILE_EXISTS', fetchBackup(await store(), 'a.dump', at('here'), fakeOperation()));
    rmSync(at('here', 'a.dump'));
    await rejectsWith('FILE_EXISTS', fetchBackup(await store(), 'a.dump', at('here'), fakeOperation()));
    assert.equal(readFileSync(at('here', 'a.dump.json'), 'utf8'), before);
  });

  for (const name of ['../a.dump', 'x/a.dump', '..', '', 'x\\a.dump', 'a\nb.dump']) {
    it(`are not sought as ${JSON.stringify(name)}`, async () => {
      await rejectsWith('NAME_INVALID', async () => fetchBackup(await store(), name, at('again'), fakeOperation()));
      await rejectsWith('NAME_INVALID', async () => removeOffsite(await store(), name));
    });
  }

  it('keep the manifest when the file cannot be removed', async () => {
    await copy();
    rmSync(at('there', 'a.dump'));
    mkdirSync(at('there', 'a.dump'));
    await assert.rejects(async () => removeOffsite(await store(), 'a.dump'));
    assert.ok(existsSync(at('there', 'a.dump.json')));
    chmodSync(at('there'), 0o700);
  });
});

describe('persistently', () => {
  const failing = (times: number): (() => Promise<number>) => {
    let calls = 0;
    return async () => {
      calls += 1;
      if (calls <= times) throw interrupted('there');
      return calls;
    };
  };

  it('goes on when the connection broke', async () => {
    const own = fakeOperation();
    assert.equal(await persistently(own, failing(1)), 2);
    assert.equal(own.lines.length, 1);
  });

  it('does not when something else went wrong, or the user has stopped it', async () => {
    let calls = 0;
    await assert.rejects(
      persistently(fakeOperation(), async () => {
        calls += 1;
        throw new Error('other');
      }),
    );
    assert.equal(calls, 1);
    await rejectsWith('CANCELLED', persistently(fakeOperation(AbortSignal.abort()), failing(1)));
  });
});
