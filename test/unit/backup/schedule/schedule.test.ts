import assert from 'node:assert/strict';
import type { RunRecord } from '../../../../src/backup/schedule/records';
import { dueRun, lastRun, overdueSince } from '../../../../src/backup/schedule/schedule';
import { recordOf, scheduleOf } from './scheduleParts';

const at = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, day, hour, minute);

describe('dueRun', () => {
  const due = (now: Date, last?: RunRecord): Date | undefined => dueRun(scheduleOf({ changedAt: at(1, 12).toISOString() }), last, now);

  it('is not before its time', () => assert.equal(due(at(2, 2, 59)), undefined));
  it('is at its time', () => assert.deepEqual(due(at(2, 3)), at(2, 3)));
  it('is not for what lay before the schedule was made', () => assert.equal(due(at(1, 23)), undefined));
  it('is not again once it ran', () => assert.equal(due(at(2, 9), recordOf(at(2, 3, 0))), undefined));
  it('is not again once it failed', () => assert.equal(due(at(2, 9), recordOf(at(2, 3), { result: 'failed' })), undefined));

  it('is one for all that were missed', () => {
    assert.deepEqual(due(at(9, 8), recordOf(at(2, 3))), at(3, 3));
    assert.equal(due(at(9, 9), recordOf(at(9, 8))), undefined);
    assert.deepEqual(due(at(10, 3), recordOf(at(9, 8))), at(10, 3));
  });

  it('starts anew when the schedule was changed', () => {
    assert.equal(dueRun(scheduleOf({ changedAt: at(5, 12).toISOString() }), recordOf(at(2, 3)), at(5, 13)), undefined);
  });

  it('is one at once after a clock that was far ahead was put right', () => {
    assert.deepEqual(due(at(9, 8), recordOf(at(20, 3))), at(2, 3));
    assert.equal(due(at(9, 8, 1), recordOf(at(9, 8))), undefined);
    const made = scheduleOf({ changedAt: at(25, 12).toISOString() });
    assert.ok(dueRun(made, recordOf(at(20, 3)), at(9, 8)));
    assert.equal(dueRun(made, recordOf(at(9, 8)), at(9, 9)), undefined);
  });

  it('is not again when the clock was put back a little', () => assert.equal(due(at(2, 2, 59), recordOf(at(2, 3))), undefined));
});

describe('lastRun', () => {
  it('is the newest that was one', () => {
    const [done, failed, skipped] = [recordOf(at(2, 3)), recordOf(at(3, 3), { result: 'failed' }), recordOf(at(4, 3), { result: 'skipped' })];
    assert.equal(lastRun([done, failed, skipped]), failed);
    assert.equal(lastRun([skipped]), undefined);
  });
});

describe('overdueSince', () => {
  it('gives a scheduler an hour', () => {
    const schedule = scheduleOf({ installed: 'crontab' });
    assert.equal(overdueSince(schedule, recordOf(at(2, 3)), at(3, 3, 59)), undefined);
    assert.deepEqual(overdueSince(schedule, recordOf(at(2, 3)), at(3, 4)), at(3, 3));
    assert.equal(overdueSince(schedule, recordOf(at(3, 3)), at(3, 4)), undefined);
    assert.equal(overdueSince(schedule, recordOf(at(3, 3, 50)), at(3, 4)), undefined);
  });

  it('is nothing for the editor, which makes up for it', () => assert.equal(overdueSince(scheduleOf(), recordOf(at(2, 3)), at(9, 9)), undefined));
});
