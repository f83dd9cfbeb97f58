import assert from 'node:assert/strict';
import { isBackupName, isOwnName } from '../../../../src/backup/recognise/names';

describe('names of backups', () => {
  for (const name of [
    ...['reims-db-20251107.sql.gz', 'budgie_20251125_092704.sql', 'bigskies_backup_20260116_224500.sql.gz', 'backup_prod_20260104.dump'],
    ...[
      'a.sql.zst',
      'a.sql.xz',
      'a.tar',
      'postgres-volume-20251107.tar.gz',
      'a.tar.zst',
      'a.backup',
      'a.pgdump',
      'a.DUMP',
      'a.dump.age',
      'a.sql.gz.age',
      'roles.sql',
    ],
  ]) {
    it(`considers ${name}`, () => assert.ok(isBackupName(name)));
  }

  for (const name of [
    'a.dump.json',
    'a.sql.gz.sha256',
    'a.dump.partial',
    'a.dump.roles.sql',
    'a.dump.roles.sql.age',
    'a.gz',
    'a.txt',
    'dump',
    'sql',
    '.gitignore',
    'a.sql~',
  ]) {
    it(`leaves ${name} out`, () => assert.ok(!isBackupName(name)));
  }

  it('knows our own from those of scripts', () => {
    for (const name of ['shop_app_20261107_030000.dump', 'shop_app_20261107_030000-2.sql.gz', 'shop_app_20261107_030000_schema.tar.age'])
      assert.ok(isOwnName(name), name);
    for (const name of [
      'reims-db-20251107_030000.sql.gz',
      'budgie_20251125_092704.sql',
      'a.dump',
      'shop_app_20261107_030000.dump.json',
      'bigskies_backup_20260116_224500.sql.gz',
    ])
      assert.ok(!isOwnName(name), name);
  });
});
