/** A line about a backup. The text is what is shown; it may also be copied. */
export interface BackupFact {
  readonly name: string;
  readonly value: string;
  readonly copy?: 'checksum' | 'path';
}

export interface BackupTable {
  readonly name: string;
  readonly rows: number;
}

export const backupActions = ['restore', 'verify', 'reveal', 'copyPath', 'copyChecksum'] as const;
export type BackupAction = (typeof backupActions)[number];

/** The words of the view, in the user's language. */
export interface BackupLabels {
  readonly actions: Readonly<Record<BackupAction, string>>;
  readonly facts: string;
  readonly tables: string;
  readonly table: string;
  readonly rows: string;
  readonly filter: string;
  /** `{0}` of `{1}` tables are shown. */
  readonly shown: string;
  readonly nothingFits: string;
}

/** All that the view shows of a backup, whole each time. */
export interface BackupDetails {
  readonly heading: string;
  readonly subheading: string;
  readonly verification: { readonly good: boolean; readonly word: string; readonly sentence: string };
  readonly facts: readonly BackupFact[];
  /** Absent when the backup has no manifest. */
  readonly tables?: readonly BackupTable[];
  /** A language tag, for numbers. */
  readonly language: string;
  readonly labels: BackupLabels;
}

/** What the host sends. */
export interface BackupDetailsMessage {
  readonly kind: 'backup';
  readonly details: BackupDetails;
}

/** What the view sends. */
export type BackupViewMessage = { readonly kind: 'ready' } | { readonly kind: 'run'; readonly action: BackupAction };

/** Whether the host has sent this. The content is typed where it is made; the envelope is checked. */
export function isBackupDetailsMessage(value: unknown): value is BackupDetailsMessage {
  if (!isObject(value) || value['kind'] !== 'backup' || !isObject(value['details'])) return false;
  const { heading, facts, tables, labels, verification } = value['details'];
  return typeof heading === 'string' && Array.isArray(facts) && (tables === undefined || Array.isArray(tables)) && isObject(labels) && isObject(verification);
}

/** Whether the view may have sent this. */
export function isBackupViewMessage(value: unknown): value is BackupViewMessage {
  if (!isObject(value)) return false;
  return value['kind'] === 'ready' || (value['kind'] === 'run' && backupActions.some((action) => action === value['action']));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
