import assert from 'node:assert/strict';
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { backUp, cli, failureOf, filesIn, journalFiles, openApp, restore, type OpenApp } from '../support/app';
import { assertNothingLeft, leftoversOf } from '../support/evidence';
import { tempFolder } from '../support/shared';
import { databaseNames, fingerprint, rowsOf, sql } from '../support/sql';
import { removeServer, startServer } from '../support/stack';
import { dependentTimes, dropDatabases, fillDatabase, startWorkshop, type Workshop } from '../support/workshop';

interface Damage {
  readonly what: string;
  readonly code: string;
  readonly damage: (file: string) => Promise<unknown>;
}

const cut = async (file: string): Promise<void> => truncate(file, Math.floor((await readFile(file)).length * 0.6));
const flip = async (file: string): Promise<void> => {
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(file, bytes);
};
const forget = (file: string): Promise<unknown> => Promise.all([rm(`${file}.json`), rm(`${file}.sha256`)]);
const editManifest = async (file: string, edit: (manifest: Record<string, unknown>) => unknown): Promise<void> => {
  const manifest = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Record<string, unknown>;
  await writeFile(`${file}.json`, JSON.stringify(edit(manifest)));
};

const damages: readonly Damage[] = [
  { what: 'cut short', code: 'BACKUP_TRUNCATED', damage: cut },
  { what: 'with one bit flipped', code: 'BACKUP_DAMAGED', damage: flip },
  { what: 'emptied', code: 'BACKUP_EMPTY', damage: (file) => truncate(file, 0) },
  { what: 'with bytes added', code: 'BACKUP_DAMAGED', damage: (file) => writeFile(file, 'more', { flag: 'a' }) },
  { what: 'replaced by a text, with nothing beside it', code: 'BACKUP_FOREIGN', damage: async (file) => (await forget(file), writeFile(file, 'SELECT 1;\n')) },
  { what: 'cut short, with nothing beside it', code: 'ARCHIVE_UNREADABLE', damage: async (file) => (await forget(file), cut(file)) },
  { what: 'cut to its first bytes, with nothing beside it', code: 'ARCHIVE_UNREADABLE', damage: async (file) => (await forget(file), truncate(file, 20)) },
  { what: 'with one bit flipped and the checksum alone beside it', code: 'BACKUP_DAMAGED', damage: async (file) => (await rm(`${file}.json`), flip(file)) },
  {
    what: 'whose manifest is no JSON, and whose bytes are cut',
    code: 'BACKUP_DAMAGED',
    damage: async (file) => (await writeFile(`${file}.json`, '{"half'), cut(file)),
  },
  {
    what: 'whose manifest counts other rows',
    code: 'ROWS_DIFFER',
    damage: (file) => editManifest(file, (manifest) => ({ ...manifest, rows: { 'public.people': 501 } })),
  },
  {
    what: 'of a newer Postgres by its manifest',
    code: 'BACKUP_NEWER',
    damage: (file) => editManifest(file, (manifest) => ({ ...manifest, toolVersion: '99.1' })),
  },
];

describe('backups that are not to be relied on', () => {
  let place: Workshop;
  let app: OpenApp;
  let folder: string;
  let good: string;

  before(async function () {
    this.timeout(120_000);
    place = await startWorkshop();
    await fillDatabase(place, 'precious');
    folder = await tempFolder('damaged');
    app = await openApp({ backups: folder });
    good = (await backUp(app, place, 'precious')).file;
  });

  after(() => dropDatabases(place, ['precious']));

  const copyOf = async (name: string): Promise<string> => {
    const copy = path.join(await tempFolder('copy'), `${name}.dump`);
    for (const suffix of ['', '.json', '.sha256']) await copyFile(`${good}${suffix}`, `${copy}${suffix}`);
    return copy;
  };

  for (const { what, code, damage } of damages) {
    it(`one ${what} is refused with ${code}, and nothing is touched`, async () => {
      const file = await copyOf('damaged');
      await damage(file);
      const before = { content: await fingerprint(place, 'precious'), times: await dependentTimes(place), names: await databaseNames(place) };
      const failure = await failureOf(restore(app, place, 'precious', file));
      assert.equal(failure.code, code, failure.message);
      assert.ok(failure.remedy.length > 10);
      assert.deepEqual(await fingerprint(place, 'precious'), before.content);
      assert.deepEqual(await dependentTimes(place), before.times);
      assert.deepEqual(await databaseNames(place), before.names);
      assert.deepEqual(await journalFiles(app.state), []);
      assert.deepEqual(await leftoversOf(place), []);
      await assertNothingLeft(place);
    });
  }

  it('what can be seen from the file alone is refused without a safety backup', async () => {
    const file = await copyOf('early');
    await flip(file);
    const before = await filesIn(folder);
    assert.equal((await failureOf(restore(app, place, 'precious', file))).code, 'BACKUP_DAMAGED');
    assert.deepEqual(await filesIn(folder), before);
  });

  it('one with a manifest of a newer version is listed with that reason', async () => {
    const file = await copyOf('newer');
    await editManifest(file, (manifest) => ({ ...manifest, schemaVersion: 3 }));
    const backup = await app.backups.read(file);
    assert.equal(backup.manifest, undefined);
    assert.equal(backup.problem?.code, 'MANIFEST_NEWER');
    const { code, stdout } = await cli(['backups', place.project, '--folder', path.dirname(file), '--json']);
    assert.equal(code, 0);
    const { backups } = JSON.parse(stdout) as { backups: readonly { file: string; problem?: { code: string } }[] };
    assert.deepEqual(
      backups.map((each) => [each.file, each.problem?.code]),
      [[file, 'MANIFEST_NEWER']],
    );
  });

  for (const [what, change] of [
    ['without manifest and checksum', forget],
    ['whose manifest is damaged', (file: string) => writeFile(`${file}.json`, 'null')],
  ] as const) {
    it(`one ${what}, but whole, is restored all the same`, async () => {
      const file = await copyOf('whole');
      await change(file);
      await sql(place, 'precious', 'DELETE FROM people');
      const result = await restore(app, place, 'precious', file);
      assert.equal(result.rows, 500);
      assert.equal(await rowsOf(place, 'precious', 'people'), 500);
    });
  }

  it('an archive of Postgres 18 is refused by 15, by its manifest and without it, and nothing is touched', async function () {
    this.timeout(180_000);
    const [newer, older] = await Promise.all([startServer('newer', { image: 'postgres:18' }), startServer('older', { image: 'postgres:15' })]);
    await sql(newer, 'app', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i');
    await sql(older, 'app', 'CREATE TABLE t AS SELECT i FROM generate_series(1, 3) AS i');
    const own = await openApp({ backups: await tempFolder('majors') });
    const { file } = await backUp(own, newer, 'app');
    const before = await fingerprint(older, 'app');
    assert.equal((await failureOf(restore(own, older, 'app', file))).code, 'BACKUP_NEWER');
    await forget(file);
    assert.equal((await failureOf(restore(own, older, 'app', file))).code, 'BACKUP_NEWER');
    assert.deepEqual(await fingerprint(older, 'app'), before);
    assert.deepEqual(await journalFiles(own.state), []);
    assert.deepEqual(await leftoversOf(older), []);

    // The other way round it works.
    const back = await backUp(own, older, 'app');
    await restore(own, newer, 'app', back.file);
    assert.equal(await rowsOf(newer, 'app', 't'), 3);
    await Promise.all([removeServer(newer), removeServer(older)]);
  });

  it('verify refuses the same ones', async () => {
    const file = await copyOf('verify');
    await flip(file);
    const { code, stdout } = await cli(['verify', file, '--json']);
    assert.equal(code, 1);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'BACKUP_DAMAGED');
  });
});
