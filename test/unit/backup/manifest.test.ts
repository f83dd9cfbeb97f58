import assert from 'node:assert/strict';
import { manifestVersion, readManifest, writeManifest } from '../../../src/backup/manifest';
import { rejectsWith } from '../operations/rejectsWith';
import { manifestOf } from './backupParts';

describe('manifest', () => {
  it('comes back as it was written', () => {
    const { imageDigest: _, git: __, migrationRevision: ___, ...plain } = manifestOf();
    for (const manifest of [manifestOf(), plain, manifestOf({ git: { commit: 'b'.repeat(40) } }), manifestOf({ rows: {} })]) {
      assert.deepEqual(readManifest(writeManifest(manifest)), manifest);
    }
  });

  it('keeps names that look like members of objects', () => {
    const rows = JSON.parse('{"__proto__": 3, "constructor": 4, "public.t": 5}') as Record<string, number>;
    const read = readManifest(writeManifest(manifestOf({ rows })));
    assert.equal(read.rows['public.t'], 5);
    assert.equal(read.rows['constructor'], 4);
  });

  it('has no place for a password', () => {
    const text = writeManifest(manifestOf());
    assert.ok(!/pass|secret|token|env/i.test(text), text);
    const smuggled = writeManifest({ ...manifestOf(), password: 'hunter2', properties: { ...manifestOf().properties, PGPASSWORD: 'hunter2' } } as ReturnType<
      typeof manifestOf
    >);
    assert.ok(!JSON.stringify(readManifest(smuggled)).includes('hunter2'));
  });

  it('refuses a newer one, whatever else it says', async () => {
    for (const value of [
      { ...manifestOf(), schemaVersion: manifestVersion + 1 },
      { schemaVersion: 99, something: 'else' },
    ]) {
      await rejectsWith('MANIFEST_NEWER', () => readManifest(JSON.stringify(value)));
    }
  });

  for (const [title, text] of [
    ['an empty file', ''],
    ['half of one', writeManifest(manifestOf()).slice(0, 200)],
    ['zeros', '\0'.repeat(100)],
    ['a list', '[]'],
    ['null', 'null'],
    ['no version', JSON.stringify({ ...manifestOf(), schemaVersion: undefined })],
    ['version zero', JSON.stringify({ ...manifestOf(), schemaVersion: 0 })],
    ['a version in words', JSON.stringify({ ...manifestOf(), schemaVersion: '1' })],
    ['a size of zero', JSON.stringify(manifestOf({ sizeBytes: 0 }))],
    ['a checksum that is none', JSON.stringify(manifestOf({ sha256: 'abc' }))],
    ['rows below zero', JSON.stringify(manifestOf({ rows: { t: -1 } }))],
    ['a time that is none', JSON.stringify(manifestOf({ finishedAt: 'yesterday' }))],
    ['another format', JSON.stringify({ ...manifestOf(), format: 'tar' })],
    ['no database', JSON.stringify({ ...manifestOf(), database: undefined })],
  ] as const) {
    it(`refuses ${title}`, () => rejectsWith('MANIFEST_DAMAGED', () => readManifest(text)));
  }
});
