import assert from 'node:assert/strict';
import { backupFileName, type BackupName, fileNamePart, fileTimestamp } from '../../../src/backup/fileName';

const time = new Date(2026, 10, 7, 3, 0, 9);
const never = (): boolean => false;

describe('fileNamePart', () => {
  for (const [name, expected] of [
    ['app', 'app'],
    ['my-app_2.1', 'my-app_2.1'],
    ['größe', 'größe'],
    ['データ', 'データ'],
    ['with space', 'with-space'],
    ['a/b\\c', 'a-b-c'],
    ['<>:"/\\|?*', 'database'],
    ['a:b*c', 'a-b-c'],
    [`it's "quoted"`, 'it-s-quoted'],
    ['$(rm -rf /)', 'rm--rf'],
    ['`id`;&', 'id'],
    ['line\nbreak\u0000\u001f', 'line-break'],
    ['🐘', 'database'],
    ['my 🐘 db', 'my-db'],
    ['', 'database'],
    ['.', 'database'],
    ['..', 'database'],
    ['.hidden', 'hidden'],
    ['ends.', 'ends'],
    ['-rf', 'rf'],
    ['con', 'con-'],
    ['NUL', 'NUL-'],
    ['com1', 'com1-'],
    ['Lpt9', 'Lpt9-'],
    ['con.shop', 'con-.shop'],
    ['console', 'console'],
    ['e\u0301te\u0301', '\u00e9t\u00e9'],
  ] as const) {
    it(`makes ${JSON.stringify(name)} ${expected}`, () => assert.equal(fileNamePart(name), expected));
  }

  it('gives no forbidden character, whatever the name', () => {
    for (let code = 0; code < 0x3000; code++) {
      const part = fileNamePart(`a${String.fromCodePoint(code)}b`);
      // oxlint-disable-next-line no-control-regex
      assert.ok(!/[<>:"/\\|?*\u0000-\u001f\s$`'&;!]/.test(part), `U+${code.toString(16)}`);
    }
  });
});

const nameOf = (project: string, database: string, taken: (name: string) => boolean, rest: Partial<BackupName> = {}): string =>
  backupFileName({ project, database, time, extension: '.dump', ...rest }, taken);

describe('backupFileName', () => {
  it('says project, database and local time', () => {
    assert.equal(fileTimestamp(time), '20261107_030009');
    assert.equal(nameOf('shop', 'app', never), 'shop_app_20261107_030009.dump');
  });

  for (const [part, expected] of [
    ['schema', 'shop_app_20261107_030009_schema.sql.gz'],
    ['a/b "c"', 'shop_app_20261107_030009_a-b-c.sql.gz'],
  ] as const) {
    it(`says what part it holds: ${part}`, () => assert.equal(nameOf('shop', 'app', never, { part, extension: '.sql.gz' }), expected));
  }

  it('never takes a name that is in use', () => {
    const taken = new Set<string>();
    for (let count = 0; count < 5; count++) taken.add(nameOf('shop', 'app', (name) => taken.has(name)));
    assert.deepEqual([...taken].slice(0, 3), ['shop_app_20261107_030009.dump', 'shop_app_20261107_030009-2.dump', 'shop_app_20261107_030009-3.dump']);
    assert.equal(taken.size, 5);
  });

  it('keeps apart databases whose names become the same', () => {
    const first = nameOf('shop', 'a/b', never);
    assert.notEqual(
      nameOf('shop', 'a:b', (name) => name === first),
      first,
    );
  });

  for (const [title, database] of [
    ['63 ASCII letters', 'x'.repeat(63)],
    ['63 bytes of letters beyond ASCII', 'ü'.repeat(31)],
    ['21 letters of three bytes', 'デ'.repeat(21)],
  ] as const) {
    it(`keeps ${title} whole`, () => assert.ok(nameOf('shop', database, never).includes(`_${database}_`)));
  }

  it('stays within what file systems allow, with all that is put behind it', () => {
    const name = nameOf('p'.repeat(255), 'デ'.repeat(21), never, { part: 'デ'.repeat(42), extension: '.roles.sql' });
    assert.ok(Buffer.byteLength(`${name}.sha256.4194304.partial`) <= 255);
  });
});
