import { formatBytes } from '../protocol/format';
import type { Backup } from './catalogue';

/** What is worth a remark about a new backup: a size that differs by more than half from the last one that was made alike. */
export function remarksOn(sizeBytes: number, previous: Backup | undefined, compression: string): string[] {
  if (previous === undefined || previous.manifest?.compression !== compression) return [];
  if (Math.abs(sizeBytes - previous.sizeBytes) <= previous.sizeBytes / 2) return [];
  return [`It has ${formatBytes(sizeBytes)}; the one before has ${formatBytes(previous.sizeBytes)}.`];
}
