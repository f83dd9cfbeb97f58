import assert from 'node:assert/strict';
import { isActivityMessage, isActivityRequest } from '../../../src/protocol/activity';
import { isOverviewMessage, isOverviewRequest } from '../../../src/protocol/overview';
import { isStatisticsMessage, isStatisticsRequest } from '../../../src/protocol/statistics';

const garbage: readonly unknown[] = [undefined, null, 1, 'ready', [], {}, { kind: 'other' }, { kind: 1 }];

describe('messages between host and views', () => {
  it('are none of what is no message at all', () => {
    const checks = [isActivityMessage, isActivityRequest, isOverviewMessage, isOverviewRequest, isStatisticsMessage, isStatisticsRequest];
    for (const check of checks) for (const value of garbage) assert.equal(check(value), false, `${check.name} ${JSON.stringify(value)}`);
  });

  it('are requests only with all that they need', () => {
    assert.ok(isStatisticsRequest({ kind: 'run', action: 'vacuum', oid: 7 }));
    for (const value of [{ action: 'drop', oid: 7 }, { action: 'vacuum', oid: '7' }, { action: 'vacuum' }])
      assert.ok(!isStatisticsRequest({ kind: 'run', ...value }));
    assert.ok(isStatisticsRequest({ kind: 'export', format: 'csv', oids: [1, 2] }));
    assert.ok(!isStatisticsRequest({ kind: 'export', format: 'csv', oids: [1, 'x'] }));
    assert.ok(!isStatisticsRequest({ kind: 'export', format: '../x', oids: [] }));
    assert.ok(isActivityRequest({ kind: 'end', action: 'cancel', pid: 3, startedAt: 'a' }));
    assert.ok(!isActivityRequest({ kind: 'end', action: 'kill', pid: 3, startedAt: 'a' }));
    assert.ok(!isActivityRequest({ kind: 'end', action: 'cancel', pid: 3 }));
    assert.ok(isOverviewRequest({ kind: 'open', id: 'a' }));
    assert.ok(!isOverviewRequest({ kind: 'open' }));
  });

  it('are messages only with their content', () => {
    assert.ok(isStatisticsMessage({ kind: 'statistics', view: { heading: '', tables: [], history: [], labels: {} } }));
    assert.ok(!isStatisticsMessage({ kind: 'statistics', view: { heading: '', tables: {}, history: [], labels: {} } }));
    assert.ok(isActivityMessage({ kind: 'slow', slow: { state: 'off' } }));
    assert.ok(!isActivityMessage({ kind: 'activity', snapshot: { sessions: [] } }));
    assert.ok(isOverviewMessage({ kind: 'failure', message: 'a', remedy: 'b' }));
    assert.ok(!isOverviewMessage({ kind: 'overview', view: { heading: 'a' } }));
  });
});
