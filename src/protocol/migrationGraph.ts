/** Where a revision stands in the database. */
export type RevisionState = 'current' | 'applied' | 'pending' | 'unknown' | 'failed';

/** What a revision may do to the data, in a word and a sentence. */
export interface RevisionRisk {
  readonly level: 'low' | 'medium' | 'high';
  readonly word: string;
  readonly sentence: string;
}

/** A line from a lane of one row to a lane of the next row below. */
export interface GraphLine {
  readonly from: number;
  readonly to: number;
  /** Set for what only has to be applied before. */
  readonly isDependency: boolean;
}

export interface GraphRow {
  readonly id: string;
  readonly name: string;
  readonly date: string;
  /** Below the folder that was searched; empty where there is none. */
  readonly file: string;
  readonly parents: readonly string[];
  readonly labels: readonly string[];
  readonly state: RevisionState;
  readonly isHead: boolean;
  readonly lane: number;
  readonly lines: readonly GraphLine[];
  readonly risk?: RevisionRisk;
}

export const migrationActions = ['open', 'upgrade', 'downgrade', 'preview', 'upgradeAll', 'newRevision', 'mergeHeads'] as const;
export type MigrationViewAction = (typeof migrationActions)[number];

/** The words of the view, in the user's language. */
export interface MigrationLabels {
  readonly actions: Readonly<Record<MigrationViewAction, string>>;
  readonly states: Readonly<Record<RevisionState, string>>;
  readonly filter: string;
  readonly revisions: string;
  readonly head: string;
  /** `{0}` of `{1}` revisions are shown. */
  readonly shown: string;
  readonly nothingFits: string;
  readonly follows: string;
  readonly merges: string;
  readonly choose: string;
}

/** All that the view shows, whole each time. */
export interface MigrationHistory {
  readonly heading: string;
  readonly subheading: string;
  readonly status: { readonly isGood: boolean; readonly text: string };
  readonly problems: readonly { readonly message: string; readonly remedy: string }[];
  /** Newest first. */
  readonly rows: readonly GraphRow[];
  readonly lanes: number;
  /** What can be done with the whole. */
  readonly actions: readonly MigrationViewAction[];
  readonly labels: MigrationLabels;
}

/** What the host sends. */
export interface MigrationHistoryMessage {
  readonly kind: 'migrations';
  readonly history: MigrationHistory;
}

/** What the view sends. `revision` is absent for what is about all of them. */
export type MigrationViewMessage = { readonly kind: 'ready' } | { readonly kind: 'run'; readonly action: MigrationViewAction; readonly revision?: string };

/** Whether the host has sent this. The content is typed where it is made; the envelope is checked. */
export function isMigrationHistoryMessage(value: unknown): value is MigrationHistoryMessage {
  if (!isObject(value) || value['kind'] !== 'migrations' || !isObject(value['history'])) return false;
  const { heading, rows, problems, labels, actions } = value['history'];
  return typeof heading === 'string' && Array.isArray(rows) && Array.isArray(problems) && Array.isArray(actions) && isObject(labels);
}

/** Whether the view may have sent this. */
export function isMigrationViewMessage(value: unknown): value is MigrationViewMessage {
  if (!isObject(value)) return false;
  if (value['kind'] === 'ready') return true;
  const { action, revision } = value;
  return value['kind'] === 'run' && migrationActions.some((each) => each === action) && (revision === undefined || typeof revision === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
