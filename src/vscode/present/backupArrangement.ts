import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import { isVerified } from '../../backup/retention';

export const backupSorts = ['newest', 'largest', 'name'] as const;
export type BackupSort = (typeof backupSorts)[number];

/** How the view of all backups is arranged, and what of it shows. */
export interface BackupArrangement {
  readonly sort: BackupSort;
  /** Words that must all be found in the names. */
  readonly text: string;
  readonly onlyUnproven: boolean;
  readonly hideSafety: boolean;
}

export const plainArrangement: BackupArrangement = { sort: 'newest', text: '', onlyUnproven: false, hideSafety: false };

/** An arrangement as it was kept; what of it cannot be read is as it is at first. */
export function readArrangement(value: unknown): BackupArrangement {
  const kept: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  return {
    sort: backupSorts.find((sort) => sort === kept['sort']) ?? plainArrangement.sort,
    text: typeof kept['text'] === 'string' ? kept['text'] : '',
    onlyUnproven: kept['onlyUnproven'] === true,
    hideSafety: kept['hideSafety'] === true,
  };
}

/** Whether anything may be hidden. */
export function isFiltered({ text, onlyUnproven, hideSafety }: BackupArrangement): boolean {
  return text.trim() !== '' || onlyUnproven || hideSafety;
}

/** Whether a backup shows. */
export function isShown(backup: Backup, { text, onlyUnproven, hideSafety }: BackupArrangement): boolean {
  const { manifest, file } = backup;
  if (onlyUnproven && isVerified(backup)) return false;
  if (hideSafety && manifest?.reason === 'safety') return false;
  const names = [path.basename(file), ...(manifest === undefined ? [] : [`${manifest.project}/${manifest.service}/${manifest.database}`])]
    .join('\n')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => names.includes(word));
}

/** What backups, or groups of them, are put in order by. */
export interface Sortable {
  readonly name: string;
  readonly sizeBytes: number;
  readonly finishedAt: Date;
}

/** Compares by what the user wants first; what is alike there, by age and by name. */
export function inOrder(sort: BackupSort): (a: Sortable, b: Sortable) => number {
  const newest = (a: Sortable, b: Sortable): number => b.finishedAt.getTime() - a.finishedAt.getTime();
  const name = (a: Sortable, b: Sortable): number => a.name.localeCompare(b.name, 'en', { numeric: true });
  if (sort === 'name') return (a, b) => name(a, b) || newest(a, b);
  if (sort === 'largest') return (a, b) => b.sizeBytes - a.sizeBytes || newest(a, b) || name(a, b);
  return (a, b) => newest(a, b) || name(a, b);
}
