import type { Backup } from '../../../src/backup/catalogue';
import type { Manifest } from '../../../src/backup/manifest';
import { manifestOf } from './backupParts';

/** A backup that was finished at a moment of the local clock, `2026-11-07 03:00`, whole and verified unless said otherwise. */
export function backupAt(moment: string, rest: Partial<Manifest> = {}, parts: Partial<Backup> = {}): Backup & { readonly manifest: Manifest } {
  const finishedAt = localTime(moment);
  const manifest = manifestOf({ finishedAt: finishedAt.toISOString(), ...rest });
  return { file: `/backups/${moment}.dump`, sizeBytes: manifest.sizeBytes, finishedAt, ...parts, manifest };
}

export function localTime(moment: string): Date {
  return new Date(moment.replace(' ', 'T'));
}

/** Runs the tests of a suite in a time zone. */
export function inTimeZone(zone: string): void {
  const before = process.env['TZ'];
  beforeEach(() => void (process.env['TZ'] = zone));
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
}
