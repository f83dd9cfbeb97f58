import assert from 'node:assert/strict';
import { cutoffOf, startOf } from '../../../src/backup/periods';
import { inTimeZone, localTime } from './retentionParts';

describe('startOf', () => {
  inTimeZone('Europe/Berlin');

  for (const [period, moment, expected] of [
    ['day', '2026-11-18 00:00', '2026-11-18'],
    ['day', '2026-11-18 23:59', '2026-11-18'],
    ['day', '2026-03-29 03:30', '2026-03-29'],
    ['day', '2026-10-25 23:30', '2026-10-25'],
    ['week', '2026-11-16 00:00', '2026-11-16'],
    ['week', '2026-11-22 23:59', '2026-11-16'],
    ['week', '2026-11-23 00:00', '2026-11-23'],
    ['week', '2026-03-29 23:30', '2026-03-23'],
    ['week', '2027-01-01 12:00', '2026-12-28'],
    ['week', '2025-12-31 12:00', '2025-12-29'],
    ['month', '2026-11-30 23:59', '2026-11-01'],
    ['month', '2026-12-01 00:00', '2026-12-01'],
  ] as const) {
    it(`puts ${moment} into the ${period} of ${expected}`, () => assert.equal(startOf(period, localTime(moment)), expected));
  }
});

describe('cutoffOf', () => {
  inTimeZone('Europe/Berlin');

  for (const [now, days, expected] of [
    ['2026-11-20 14:00', 30, '2026-10-21 14:00'],
    ['2026-03-30 01:30', 1, '2026-03-29 01:30'],
    ['2026-03-30 14:00', 2, '2026-03-28 14:00'],
    ['2026-10-26 14:00', 1, '2026-10-25 14:00'],
    ['2026-03-01 14:00', 1, '2026-02-28 14:00'],
  ] as const) {
    it(`is ${expected} for ${days} days before ${now}, whatever the clocks did`, () => {
      assert.deepEqual(cutoffOf(localTime(now), days), localTime(expected));
    });
  }

  it('is before everything for more days than there are', () => {
    assert.ok(cutoffOf(new Date(), Number.MAX_SAFE_INTEGER).getTime() < localTime('0001-01-01 00:00').getTime());
  });
});
