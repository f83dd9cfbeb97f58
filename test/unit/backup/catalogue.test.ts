import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CatalogueMemory, checksumFile, deleteBackup, isBackupOf, listBackups, manifestFile, readBackup, sweepPartials } from '../../../src/backup/catalogue';
import { temporaryFolder } from '../operations/temporaryFolder';
import { manifestOf, writeBackup } from './backupParts';
import { archive, plainDump } from './recognise/dumps';

const content = Buffer.from('PGDMP and more');
const posixOnly = process.platform === 'win32' ? it.skip : it;
const makePipe = 'mkfifo';
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
    for (const name of ['b.dump.partial', 'notes.txt', '.gitignore', 'a.dump.roles.sql', 'd.json', 'e.sha256', 'f.sql.sha256']) writeFileSync(at(name), '');
    writeFileSync(at('seed.sql'), 'CREATE TABLE users (id int);\n');
    writeFileSync(at('shop.sql'), '-- MySQL dump 10.13\n');
    writeFileSync(at('notes.dump'), 'SQLite format 3\0');
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

  it('shows what others have made, with what the content says', async () => {
    writeFileSync(at('reims-db-20251107.sql.gz'), gzipSync(plainDump('15.4')));
    writeFileSync(at('budgie_20251125_092704.sql'), plainDump('16.1'));
    writeFileSync(at('empty.sql.gz'), gzipSync(''));
    const listed = (await listBackups(at())).map(({ file, recognised }) => [path.basename(file), recognised] as const);
    assert.deepEqual(Object.fromEntries(listed), {
      'reims-db-20251107.sql.gz': { kind: 'plain', packed: 'gzip', serverVersion: '15.4', toolVersion: '15.4' },
      'budgie_20251125_092704.sql': { kind: 'plain', packed: 'none', serverVersion: '16.1', toolVersion: '16.1' },
      'empty.sql.gz': { kind: 'empty', packed: 'gzip' },
    });
  });

  it('does not look into what has a manifest, and does where the manifest is of no use', async () => {
    writeBackup(at('a.dump'), Buffer.from('no archive at all'));
    writeFileSync(at('b.sql'), plainDump('17.2'));
    writeFileSync(manifestFile(at('b.sql')), '{');
    const byName = new Map((await listBackups(at())).map((backup) => [path.basename(backup.file), backup]));
    assert.equal(byName.get('a.dump')?.recognised, undefined);
    assert.equal(byName.get('b.sql')?.recognised?.kind, 'plain');
    assert.equal(byName.get('b.sql')?.problem?.code, 'MANIFEST_DAMAGED');
  });

  it('looks into the folders in it, one level deep, but for hidden ones', async () => {
    for (const folder of ['database', '.trash', 'database/weekly']) mkdirSync(at(folder));
    for (const folder of ['database', '.trash', 'database/weekly']) writeFileSync(at(folder, 'bigskies_backup_20260116_224500.sql'), plainDump('15.4'));
    writeBackup(at('database', 'a.dump'), content);
    const listed = (await listBackups(at())).map(({ file }) => path.relative(at(), file)).toSorted();
    assert.deepEqual(listed, ['database/a.dump', 'database/bigskies_backup_20260116_224500.sql']);
  });

  it('takes the time of an archive from its header, since a copy is younger than what it holds', async () => {
    writeFileSync(at('a.dump'), archive());
    assert.equal((await listBackups(at()))[0]?.finishedAt.toISOString(), '2026-01-04T10:30:15.000Z');
    utimesSync(at('a.dump'), 1_000_000_000, 1_000_000_000);
    assert.equal((await listBackups(at()))[0]?.finishedAt.getTime(), 1e12);
  });

  posixOnly('is neither broken nor held up by links, pipes and folders', async () => {
    writeBackup(at('good.dump'), content);
    symlinkSync(at('good.dump'), at('link.dump'));
    symlinkSync(at('gone.dump'), at('dangling.dump'));
    symlinkSync(at('loop.dump'), at('loop.dump'));
    execFileSync(makePipe, [at('pipe.dump'), at('pipe.dump.json')]);
    symlinkSync(at('pipe.dump'), at('linked pipe.sql'));
    mkdirSync(at('folder.sql'));
    writeFileSync(at('odd.dump'), content);
    execFileSync(makePipe, [at('odd.dump.json')]);
    writeFileSync(at('odder.dump'), content);
    mkdirSync(at('odder.dump.json'));
    symlinkSync('/', at('outside'));
    const listed = await listBackups(at());
    const found = listed.map(({ file, problem }) => `${path.basename(file)} ${problem?.code ?? 'fine'}`).toSorted((a, b) => a.localeCompare(b));
    assert.deepEqual(found, ['good.dump fine', 'link.dump fine', 'odd.dump fine', 'odder.dump fine']);
    assert.equal((await readBackup(at('odd.dump')))?.problem?.code, 'MANIFEST_DAMAGED');
    assert.equal((await readBackup(at('odder.dump')))?.problem?.code, 'MANIFEST_DAMAGED');
    assert.equal(await readBackup(at('pipe.dump')), undefined);
  });

  posixOnly('shows a file that may not be read, with the reason', async () => {
    writeFileSync(at('secret.dump'), content, { mode: 0 });
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chmodSync(at(), 0o755);
    if (isRoot) process.seteuid?.(65534); // root may read everything; nobody may not
    try {
      assert.equal((await listBackups(at()))[0]?.problem?.code, 'FILE_DENIED');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('remembers what it has read, until it changes', async () => {
    const memory = new CatalogueMemory();
    writeBackup(at('a.dump'), content, { verified: 'none' });
    writeFileSync(at('b.sql'), plainDump('15.4'));
    const first = await listBackups(at(), memory);
    const again = await listBackups(at(), memory);
    assert.deepEqual(again, first);
    for (const [index, { manifest, recognised }] of again.entries()) {
      assert.equal(manifest, first[index]?.manifest);
      assert.equal(recognised, first[index]?.recognised);
    }
    writeBackup(at('a.dump'), content, { verified: 'read' }); // as long as before
    writeFileSync(at('b.sql'), plainDump('16.5'));
    const byName = new Map((await listBackups(at(), memory)).map((backup) => [path.basename(backup.file), backup]));
    assert.equal(byName.get('a.dump')?.manifest?.verified, 'read');
    const other = byName.get('b.sql')?.recognised;
    assert.equal(other?.kind === 'plain' ? other.serverVersion : '', '16.5');
  });

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
    const stem = 'shop_app_20261107_030000';
    for (const extension of ['dump', 'sql', 'sql.gz', 'sql.zst', 'tar', 'tar.zst', 'dump.age', 'dump.roles.sql', 'sql.gz.roles.sql.age']) {
      file(`${stem}.${extension}.partial`, 61);
    }
    for (const name of [`${stem}-2.dump`, `${stem}_schema.sql.gz`, `${stem}_odd.table-3.dump`, 'my_big_shop_app_20261107_030000.dump'])
      file(`${name}.partial`, 61);
    for (const name of [`${stem}.dump`, 'reims-db-20251107.sql.gz']) for (const sibling of ['json', 'sha256']) file(`${name}.${sibling}.4711.partial`, 61);
    file(`${stem}.tar.partial`, 59);
    await sweepPartials(at(), now);
    assert.deepEqual(names(at()), [`${stem}.tar.partial`]);
  });

  it('removes what was written for a file that never got its name, and nothing of one that has it', async () => {
    const [unnamed, named] = ['shop_app_20261107_030000.dump', 'shop_app_20261107_040000.dump'];
    for (const stem of [unnamed, named]) for (const end of ['.partial', '.json', '.sha256', '.roles.sql']) file(stem + end, 61);
    file(named, 61);
    await sweepPartials(at(), now);
    assert.deepEqual(names(at()), [named, `${named}.json`, `${named}.roles.sql`, `${named}.sha256`]);
  });

  it('removes nothing of anybody else', async () => {
    const others = [
      ...['a.dump', 'a.dump.json', 'film.iso.partial', 'notes.partial', 'partial', '.partial'],
      ...['a.dump.partial', 'big.sql.gz.partial', 'shop_20261107_030000.sql.partial', 'shop_app_20261107.sql.partial', 'shop_app_20261107_030000.iso.partial'],
    ];
    for (const name of others) file(name, 10_000);
    mkdirSync(at('shop_app_20261107_030000.dump.partial'));
    utimesSync(at('shop_app_20261107_030000.dump.partial'), 0, 0);
    await sweepPartials(at(), now);
    assert.deepEqual(
      names(at()),
      [...others, 'shop_app_20261107_030000.dump.partial'].toSorted((a, b) => a.localeCompare(b)),
    );
  });
});
