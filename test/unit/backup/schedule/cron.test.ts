import assert from 'node:assert/strict';
import { cronFields, nextRun, normalCron } from '../../../../src/backup/schedule/cron';
import { rejectsWith } from '../../operations/rejectsWith';

describe('normalCron', () => {
  for (const [text, expected] of [
    ['0 3 * * *', '0 3 * * *'],
    ['  00   03 * * * ', '0 3 * * *'],
    ['*/15 * * * *', '*/15 * * * *'],
    ['0 */1 * * *', '0 * * * *'],
    ['0 3 * * MON-FRI', '0 3 * * 1-5'],
    ['0 3 * * sun,Sat', '0 3 * * 0,6'],
    ['0 3 * * 7', '0 3 * * 0'],
    ['0 3 * * 5-7', '0 3 * * 0,5,6'],
    ['0 3 * * 0-7', '0 3 * * *'],
    ['0 3 1-31 * *', '0 3 * * *'],
    ['0 3 1-31 * 1', '0 3 * * *'],
    ['0 3 1 JAN,jul *', '0 3 1 1,7 *'],
    ['0-59 0-23 * 1-12 *', '* * * * *'],
    ['0 0-23/6 * * *', '0 0,6,12,18 * * *'],
    ['5,5,1 3 * * *', '1,5 3 * * *'],
    ['0 3 1,15 * 1', '0 3 1,15 * 1'],
  ] as const) {
    it(`writes ${text} as ${expected}`, () => {
      assert.equal(normalCron(text), expected);
      assert.equal(normalCron(expected), expected);
    });
  }

  for (const text of [
    '',
    '0 3 * *',
    '0 0 3 * * *',
    '60 * * * *',
    '0 24 * * *',
    '0 3 0 * *',
    '0 3 32 * *',
    '0 3 * 13 *',
    '0 3 * * 8',
    '0 3 L * *',
    '0 3 15W * *',
    '0 3 * * 1#2',
    '0 3 ? * *',
    '*/0 * * * *',
    '10/5 * * * *',
    '5-1 * * * *',
    '1-2-3 * * * *',
    '-1 * * * *',
    ', * * * *',
    '0 3 * * monday',
    '0 3 */2 * 1',
    '0 3 31 2 *',
    '0 3 30 2 *',
    '$(id) * * * *',
    '0 3 * * 1;id',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, async () => {
      const { remedy } = await rejectsWith('SCHEDULE_INVALID', () => normalCron(text));
      assert.match(remedy, /every day at 03:00/);
    });
  }
});

describe('cronFields', () => {
  it('gives the values of each field', () => {
    assert.deepEqual(cronFields('*/20 3 1,15 * 1-5'), { minutes: [0, 20, 40], hours: [3], days: [1, 15], weekdays: [1, 2, 3, 4, 5] });
    assert.deepEqual(cronFields('* * * * *'), {});
  });
});

describe('nextRun', () => {
  const zone = process.env['TZ'];
  before(() => (process.env['TZ'] = 'Europe/Berlin'));
  after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  const following = (cron: string, from: string, count: number): readonly string[] => {
    const moments: Date[] = [];
    for (let last = new Date(from); moments.length < count;) {
      const next = nextRun(cron, last);
      if (next === undefined) break;
      moments.push(next);
      last = next;
    }
    return moments.map((moment) => moment.toISOString());
  };

  it('is in local time', () => assert.deepEqual(following('0 3 * * *', '2026-11-20T12:00:00Z', 1), ['2026-11-21T02:00:00.000Z']));

  it('is after, not at', () => assert.deepEqual(following('0 3 * * *', '2026-11-20T02:00:00Z', 1), ['2026-11-21T02:00:00.000Z']));

  it('comes once, right after the gap, where the clocks are put forward over it', () =>
    assert.deepEqual(following('30 2 * * *', '2026-03-28T12:00:00Z', 2), ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']));

  it('comes once where the clocks are put back over it', () =>
    assert.deepEqual(following('30 2 * * *', '2026-10-24T12:00:00Z', 2), ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']));

  it('comes once also for one who looks between the two', () => {
    for (const between of ['2026-10-25T00:30:00.010Z', '2026-10-25T00:45:00Z', '2026-10-25T01:10:00Z', '2026-10-25T01:30:00.010Z']) {
      assert.deepEqual(following('30 2 * * *', between, 1), ['2026-10-26T01:30:00.000Z'], between);
    }
  });

  it('keeps every hour an hour, whatever the clocks do', () => {
    assert.deepEqual(following('0 * * * *', '2026-03-28T23:30:00Z', 3), ['2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z']);
    assert.deepEqual(following('0 * * * *', '2026-10-24T23:30:00Z', 3), ['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z']);
  });

  it('takes days that fit either field', () =>
    assert.deepEqual(
      following('0 3 1 * 1', '2026-10-30T12:00:00Z', 3).map((moment) => moment.slice(0, 10)),
      ['2026-11-01', '2026-11-02', '2026-11-09'],
    ));
});
