import type { RunRecord } from '../../../../src/backup/schedule/records';
import type { Launch, Schedule } from '../../../../src/backup/schedule/schedule';

export function scheduleOf(parts: Partial<Schedule> = {}): Schedule {
  return {
    schemaVersion: 1,
    id: '0a1b2c3d',
    project: 'reims',
    service: 'postgres',
    database: 'reims',
    cron: '0 3 * * *',
    options: {},
    installed: 'editor',
    changedAt: new Date(2026, 10, 1, 12).toISOString(),
    ...parts,
  };
}

export function recordOf(startedAt: Date, parts: Partial<RunRecord> = {}): RunRecord {
  return { startedAt: startedAt.toISOString(), milliseconds: 1200, result: 'done', sizeBytes: 96_000_000, file: '/b/x.dump', ...parts };
}

export const launch: Launch = { program: '/usr/bin/node', script: '/opt/cdb/cli.js', environment: {} };
