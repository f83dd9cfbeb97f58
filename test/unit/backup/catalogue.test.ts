import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumFile, deleteBackup, isBackupOf, listBackups, manifestFile, readBackup, sweepPartials } from '../../../src/backup/catalogue';
import { temporaryFolder } from '../operations/temporaryFolder';
import { manifestOf, writeBackup } from './backupParts';

const content = Buffer.from('PGDMP and more');
const names = (folder: string): readonly string[] => readdirSync(folder).toSorted((a, b) => a.localeCompare(b));

describe('listBackups', () => {
  const at = temporaryFolder();

  it('finds none where there is no folder, or a file in its place', async () => {
    assert.deepEqual(await listBackups(at('gone')), []);
    writeFileSync(at('file'), '');
    assert.deepEqual(await listBackups(at('file')), []);
  });

  it('gives the newest first, by what the manifest says or else by the time of the file', async () => {
    writeBackup(at('b.dump'), content, { finishedAt: '2026-11-02T00:00:00.000Z' });
    writeBackup(at('a.dump'), content, { finishedAt: '2026-11-04T00:00:00.000Z' });
    writeFileSync(at('bare.dump'), content);
    const between = new Date('2026-11-03T00:00:00Z');
    utimesSync(at('bare.dump'), between, between);
    const backups = await listBackups(at());
    assert.deepEqual(
      backups.map(({ file }) => path.basename(file)),
      ['a.dump', 'bare.dump', 'b.dump'],
    );
    assert.deepEqual(
      backups.map(({ sizeBytes, manifest }) => [sizeBytes, manifest?.database]),
      [
        [content.length, 'app'],
        [content.length, undefined],
        [content.length, 'app'],
      ],
    );
  });

  it('leaves out all else that lies there', async () => {
    writeBackup(at('a.dump'), content);
    for (const name of ['b.dump.partial', 'notes.txt', '.gitignore', 'c.txt', 'd.json', 'e.sha256']) writeFileSync(at(name), '');
    mkdirSync(at('folder.dump'));
    assert.deepEqual(
      (await listBackups(at())).map(({ file }) => path.basename(file)),
      ['a.dump'],
    );
  });

  for (const [title, text, code] of [
    ['damaged', '{"schemaVersion": 1', 'MANIFEST_DAMAGED'],
    ['newer', '{"schemaVersion": 3}', 'MANIFEST_NEWER'],
  ] as const) {
    it(`shows a backup with a ${title} manifest, and why it has none`, async () => {
      writeFileSync(at('a.dump'), content);
      writeFileSync(manifestFile(at('a.dump')), text);
      const [backup] = await listBackups(at());
      assert.equal(backup?.manifest, undefined);
      assert.equal(backup?.problem?.code, code);
    });
  }

  it('reads one backup by its file, whatever its name', async () => {
    writeFileSync(at('from elsewhere.backup'), content);
    assert.equal((await readBackup(at('from elsewhere.backup')))?.sizeBytes, content.length);
    assert.equal(await readBackup(at('gone.dump')), undefined);
    assert.equal(await readBackup(at()), undefined);
  });
});

describe('isBackupOf', () => {
  const backup = { file: '/x/other_name.dump', sizeBytes: 1, finishedAt: new Date(), manifest: manifestOf() };

  it('goes by the manifest, not by the name', () => {
    assert.equal(isBackupOf(backup, 'shop', 'db', 'app'), true);
    for (const [project, service, database] of [
      ['other', 'db', 'app'],
      ['shop', 'other', 'app'],
      ['shop', 'db', 'other'],
    ] as const) {
      assert.equal(isBackupOf(backup, project, service, database), false);
    }
    assert.equal(isBackupOf({ file: '/x/shop_app_1.dump', sizeBytes: 1, finishedAt: new Date() }, 'shop', 'db', 'app'), false);
  });
});

describe('deleteBackup', () => {
  const at = temporaryFolder();

  it('removes a backup with what lies beside it, and nothing else', async () => {
    writeBackup(at('a.dump'), content);
    writeBackup(at('a.dump2'), content);
    await deleteBackup(at('a.dump'));
    assert.deepEqual(names(at()), ['a.dump2', 'a.dump2.json', 'a.dump2.sha256']);
    await deleteBackup(at('a.dump'));
  });

  it('keeps the manifest when the file cannot be removed', async () => {
    mkdirSync(at('a.dump'));
    writeFileSync(manifestFile(at('a.dump')), '{}');
    writeFileSync(checksumFile(at('a.dump')), '');
    await assert.rejects(deleteBackup(at('a.dump')));
    assert.deepEqual(names(at()), ['a.dump', 'a.dump.json', 'a.dump.sha256']);
  });
});

describe('sweepPartials', () => {
  const at = temporaryFolder();
  const now = new Date('2026-11-07T12:00:00Z');
  const file = (name: string, minutesOld: number): void => {
    writeFileSync(at(name), 'x');
    const time = new Date(now.getTime() - minutesOld * 60_000);
    utimesSync(at(name), time, time);
  };

  it('removes what interrupted backups left, and not what is being written', async () => {
    for (const name of ['a.dump.partial', 'a.dump.json.4711.partial', 'a.dump.sha256.4711.partial']) file(name, 61);
    file('b.dump.partial', 59);
    await sweepPartials(at(), now);
    assert.deepEqual(names(at()), ['b.dump.partial']);
  });

  it('removes nothing of anybody else', async () => {
    const others = ['a.dump', 'a.dump.json', 'film.iso.partial', 'notes.partial', 'partial', '.partial'];
    for (const name of others) file(name, 10_000);
    mkdirSync(at('folder.dump.partial'));
    utimesSync(at('folder.dump.partial'), 0, 0);
    await sweepPartials(at(), now);
    assert.deepEqual(
      names(at()),
      [...others, 'folder.dump.partial'].toSorted((a, b) => a.localeCompare(b)),
    );
  });
});
