import assert from 'node:assert/strict';
import { isAbandoned, isSamePart, planParts } from '../../../../src/backup/offsite/s3Parts';

const megabyte = 1024 * 1024;

describe('planParts', () => {
  for (const [title, size, count, partSize, atOnce] of [
    ['a small file', 10, 1, 10, 4],
    ['just one part', 8 * megabyte, 1, 8 * megabyte, 4],
    ['a byte more', 8 * megabyte + 1, 2, 8 * megabyte, 4],
    ['as many as can be', 80_000 * megabyte, 10_000, 8 * megabyte, 4],
    ['larger than that', 80_000 * megabyte + 1, 8889, 9 * megabyte, 4],
    ['1 TB', 1_000_000 * megabyte, 10_000, 100 * megabyte, 1],
  ] as const) {
    it(`divides ${title}`, () => {
      const plan = planParts(size);
      assert.deepEqual([plan.parts.length, plan.parts[0]?.sizeBytes, plan.atOnce], [count, partSize, atOnce]);
      assert.equal(
        plan.parts.reduce((sum, part) => {
          assert.equal(part.offset, sum);
          return sum + part.sizeBytes;
        }, 0),
        size,
      );
      assert.deepEqual([plan.parts[0]?.number, plan.parts.at(-1)?.number], [1, count]);
      assert.ok(partSize * atOnce <= Math.max(64 * megabyte, partSize));
    });
  }
});

describe('isSamePart', () => {
  const part = { number: 2, offset: 8, sizeBytes: 5 };
  const digests = { sha256: 'sha', md5: 'aa' };
  for (const [title, sent, expected] of [
    ['the same SHA-256', { number: 2, sizeBytes: 5, etag: '"x"', sha256: 'sha' }, true],
    ['another SHA-256, whatever its ETag', { number: 2, sizeBytes: 5, etag: '"aa"', sha256: 'other' }, false],
    ['the same MD5 as ETag', { number: 2, sizeBytes: 5, etag: '"AA"' }, true],
    ['an ETag that says nothing', { number: 2, sizeBytes: 5, etag: '"x"' }, false],
    ['another size', { number: 2, sizeBytes: 4, etag: '"aa"', sha256: 'sha' }, false],
    ['another number', { number: 1, sizeBytes: 5, etag: '"aa"', sha256: 'sha' }, false],
  ] as const) {
    it(`says ${String(expected)} to ${title}`, () => assert.equal(isSamePart(sent, part, digests), expected));
  }
});

describe('isAbandoned', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  for (const [title, key, initiated, expected] of [
    ['an old upload of a backup', 'team/shop_app_20261101_030000.dump', '2026-11-10T00:00:00Z', true],
    ['a young one', 'team/shop_app_20261101_030000.dump', '2026-11-20T00:00:00Z', false],
    ['what is no backup by its name', 'team/film.mp4', '2026-11-01T00:00:00Z', false],
    ['what lies deeper', 'team/other/shop_app_20261101_030000.dump', '2026-11-01T00:00:00Z', false],
    ['what lies elsewhere', 'shop_app_20261101_030000.dump', '2026-11-01T00:00:00Z', false],
  ] as const) {
    it(`says ${String(expected)} to ${title}`, () => assert.equal(isAbandoned(key, 'team/', new Date(initiated), now), expected));
  }
});
