import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import zlib, { gzipSync } from 'node:zlib';
import { recognise } from '../../../../src/backup/recognise/content';
import type { Recognised } from '../../../../src/backup/recognise/recognised';
import { archive, plainDump, tar } from './dumps';

const shop = { database: 'shop', serverVersion: '17.2', toolVersion: '17.2', createdAt: new Date('2026-01-04T10:30:15Z') };
const plain = { kind: 'plain', packed: 'none', serverVersion: '15.4', toolVersion: '15.4' } as const;
const dump = plainDump('15.4');
const bytes = (text: string): Buffer => Buffer.from(text);

describe('recognise', () => {
  const cases: readonly (readonly [title: string, head: Buffer, expected: Recognised])[] = [
    ['an archive', archive(), { kind: 'custom', packed: 'none', compression: 'gzip', ...shop }],
    ['an archive with zstd inside', archive({ compression: 3 }), { kind: 'custom', packed: 'none', compression: 'zstd', ...shop }],
    ['an archive with lz4 inside', archive({ compression: 2 }), { kind: 'custom', packed: 'none', compression: 'lz4', ...shop }],
    ['an archive of format 1.12', archive({ minor: 12, compression: -1 }), { kind: 'custom', packed: 'none', compression: 'gzip', ...shop }],
    ['an archive of format 1.14 without compression', archive({ minor: 14, compression: 0 }), { kind: 'custom', packed: 'none', compression: 'none', ...shop }],
    ['an archive in gzip', gzipSync(archive()), { kind: 'custom', packed: 'gzip', compression: 'gzip', ...shop }],
    [
      'an archive of an odd database',
      archive({ database: 'odd "n🐘' }),
      { kind: 'custom', packed: 'none', compression: 'gzip', ...shop, database: 'odd "n🐘' },
    ],
    ['an archive that is cut behind its magic', bytes('PGDMP'), { kind: 'custom', packed: 'none' }],
    ['an archive that is cut in its name', archive().subarray(0, 55), { kind: 'custom', packed: 'none', compression: 'gzip', createdAt: shop.createdAt }],
    ['a dump', bytes(dump), plain],
    ['a dump in gzip', gzipSync(dump), { ...plain, packed: 'gzip' }],
    ['a dump in a gzip that is cut', gzipSync(dump).subarray(0, -12), { ...plain, packed: 'gzip' }],
    ['a large dump in gzip', gzipSync(Buffer.concat([bytes(dump), randomText(500_000)])).subarray(0, 65_536), { ...plain, packed: 'gzip' }],
    ['a dump that came through a terminal', bytes(dump.replaceAll('\n', '\r\n')), plain],
    ['a dump behind a warning', bytes(`time="2026" level=warning msg="version is obsolete"\n\u001b[0m\n${dump}`), plain],
    ['a dump in latin 1', Buffer.from(`${dump}-- caf\u00e9`, 'latin1'), plain],
    ['a dump that PowerShell wrote', Buffer.from(`\ufeff${dump}`, 'utf16le'), { ...plain, utf16: true }],
    ['a dump with the database', bytes(`${dump}-- Name: shop; Type: DATABASE; Schema: -; Owner: app\n`), { ...plain, database: 'shop' }],
    ['a verbose dump', bytes(`${dump}-- Started on 2026-01-04 10:30:15 UTC\n`), { ...plain, createdAt: shop.createdAt }],
    ['a verbose dump in another zone', bytes(`${dump}-- Started on 2026-01-04 10:30:15 CET\n`), plain],
    ['a dump of all databases', bytes(`--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE app;\n${dump}`), { ...plain, kind: 'cluster' }],
    ['a directory archive', tar({ './': Buffer.alloc(0), './3456.dat.gz': randomBytes(700), './toc.dat': archive() }), directory('none')],
    ['a directory archive in gzip', gzipSync(tar({ 'toc.dat': archive() })), directory('gzip')],
    ['a data directory', tar({ 'data/': Buffer.alloc(0), 'data/PG_VERSION': bytes('17\n') }), { kind: 'physical', packed: 'none', serverVersion: '17' }],
    ['a data directory in gzip', gzipSync(tar({ './base/1/1247': randomBytes(90_000) })).subarray(0, 65_536), { kind: 'physical', packed: 'gzip' }],
    ['a tar of pictures', tar({ 'a.png': randomBytes(900) }), { kind: 'other', packed: 'none' }],
    ['an encrypted file', bytes('age-encryption.org/v1\n-> X25519 x'), { kind: 'encrypted', packed: 'none' }],
    ['an armoured encrypted file', bytes('-----BEGIN AGE ENCRYPTED FILE-----\n'), { kind: 'encrypted', packed: 'none' }],
    ['an empty file', Buffer.alloc(0), { kind: 'empty', packed: 'none' }],
    ['nothing in gzip', gzipSync(''), { kind: 'empty', packed: 'gzip' }],
    ['the beginning of a gzip', gzipSync(dump).subarray(0, 12), { kind: 'unknown', packed: 'gzip' }],
    ['a dump of MySQL', bytes('-- MySQL dump 10.13  Distrib 8.0\n'), { kind: 'other', packed: 'none' }],
    ['a dump of MariaDB in gzip', gzipSync('/*M!999999\\- enable the sandbox mode */\n'), { kind: 'other', packed: 'gzip' }],
    ['a database of SQLite', bytes('SQLite format 3\0\x10\0'), { kind: 'other', packed: 'none' }],
    ['a script', bytes('CREATE TABLE users (id int);\n'), { kind: 'other', packed: 'none' }],
    ['bytes without meaning', Buffer.from([0, 1, 2, 3]), { kind: 'unknown', packed: 'none' }],
    ['a dump in xz', Buffer.from('fd377a585a000004', 'hex'), { kind: 'plain', packed: 'xz', byName: true }],
  ];
  for (const [title, head, expected] of cases) {
    it(`tells ${title}`, () => assert.deepEqual(recognise(head, 'x.sql.xz'), expected));
  }

  it('tells what zstd holds where Node can, and else goes by the name', () => {
    const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: (text: string) => Buffer };
    if (zstdCompressSync === undefined) {
      const head = Buffer.from('28b52ffd0458', 'hex');
      assert.deepEqual(recognise(head, 'x.sql.zst'), { kind: 'plain', packed: 'zstd', byName: true });
      assert.deepEqual(recognise(head, 'x.tar.zst'), { kind: 'unknown', packed: 'zstd' });
    } else {
      assert.deepEqual(recognise(zstdCompressSync(dump), 'x'), { ...plain, packed: 'zstd' });
      const long = zstdCompressSync(dump + 'SELECT 1; '.repeat(100_000) + randomText(400_000).toString());
      assert.deepEqual(recognise(long.subarray(0, 65_536), 'x'), { ...plain, packed: 'zstd' });
      const cut = zstdCompressSync(dump).subarray(0, 30);
      assert.deepEqual(recognise(cut, 'x.sql.zst'), { kind: 'plain', packed: 'zstd', byName: true });
    }
  });

  it('bears every cut and every flipped byte', () => {
    for (const whole of [archive(), gzipSync(dump), gzipSync(tar({ 'toc.dat': archive() })), tar({ 'data/PG_VERSION': bytes('17\n') }), bytes(dump)]) {
      for (let at = 0; at < whole.length; at += 1) {
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ 0xff;
        assert.notEqual(recognise(whole.subarray(0, at), 'x.sql').kind, '');
        assert.notEqual(recognise(flipped, 'x.sql').kind, '');
      }
    }
  });

  it('bears random bytes, behind every magic', () => {
    const starts = ['', 'PGDMP', 'PGDMP\x01\x10\x00\x04\x08\x01', '\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03', '\x28\xb5\x2f\xfd', '\xff\xfe'];
    for (let round = 0; round < 3000; round += 1) {
      const head = Buffer.concat([Buffer.from(starts[round % starts.length] ?? '', 'latin1'), randomBytes(round % 700)]);
      assert.notEqual(recognise(head, 'x.dump').kind, '');
    }
  });

  it('is not held up by a file that unpacks to gigabytes', () => {
    const start = performance.now();
    const bomb = gzipSync(Buffer.alloc(60_000_000)).subarray(0, 65_536);
    const packed = performance.now();
    assert.equal(recognise(bomb, 'x.sql.gz').kind, 'unknown');
    assert.ok(performance.now() - packed < Math.max(200, packed - start));
  });
});

function directory(packed: 'none' | 'gzip'): Recognised {
  return { kind: 'directory', packed, compression: 'gzip', ...shop };
}

function randomText(length: number): Buffer {
  return Buffer.from(randomBytes(length / 2).toString('hex'));
}
