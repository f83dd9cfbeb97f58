import assert from 'node:assert/strict';
import type { Health, HealthReason } from '../../../src/health/model';
import { newNotices } from '../../../src/health/notices';

const reason = (code: string, severity: HealthReason['severity'] = 'warning', database?: string): HealthReason => ({
  code,
  severity,
  short: 's',
  message: 'm',
  remedy: 'r',
  ...(database === undefined ? {} : { database }),
});
const well: Health = { state: 'healthy', reasons: [] };
const degraded = (...reasons: readonly HealthReason[]): Health => ({ state: 'degraded', reasons });
const down = (code: string): Health => ({ state: 'down', reasons: [reason(code, 'error')] });

function told(before: Health | undefined, now: Health): readonly string[] {
  const earlier = before === undefined ? new Map<string, Health>() : new Map([['db', before]]);
  return newNotices(earlier, new Map([['db', now]])).map(({ reason: { code } }) => code);
}

describe('newNotices', () => {
  it('tells of a server that went down by itself, and not of one that was stopped or was down before', () => {
    assert.deepEqual(told(well, down('CRASHED')), ['CRASHED']);
    assert.deepEqual(told(degraded(), down('CONNECTION_LOST')), ['CONNECTION_LOST']);
    assert.deepEqual(told(well, down('NOT_RUNNING')), []);
    assert.deepEqual(told(undefined, down('CRASHED')), []);
    assert.deepEqual(told({ state: 'unknown', reasons: [] }, down('CRASHED')), []);
  });

  it('tells of a disk that is as good as full, damaged files and failed backups, at once', () => {
    assert.deepEqual(told(undefined, degraded(reason('DISK_LOW', 'error'), reason('CHECKSUM_FAILED', 'error'), reason('BACKUP_FAILED'))), [
      'DISK_LOW',
      'CHECKSUM_FAILED',
      'BACKUP_FAILED',
    ]);
    assert.deepEqual(told(undefined, degraded(reason('DISK_LOW'), reason('BACKUP_OLD'), reason('ROWS_DEAD'))), []);
  });

  it('tells of each once, and again when it comes back', () => {
    const failed = degraded(reason('BACKUP_FAILED', 'warning', 'a'));
    assert.deepEqual(told(failed, failed), []);
    assert.deepEqual(told(failed, degraded(reason('BACKUP_FAILED', 'warning', 'a'), reason('BACKUP_FAILED', 'warning', 'b'))), ['BACKUP_FAILED']);
    assert.deepEqual(told(well, failed), ['BACKUP_FAILED']);
  });
});
