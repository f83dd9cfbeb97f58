import { hasShape, isObject } from './guards';

export type SessionState = 'active' | 'idle' | 'idle in transaction' | 'blocked' | 'background' | 'other';

/** A server process. Moments in milliseconds since 1970. */
export interface SessionFigures {
  readonly pid: number;
  /** With the pid it tells the session from a later one of the same number. */
  readonly startedAt: string;
  readonly state: SessionState;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string;
  readonly client: string | null;
  readonly query: string;
  /** Milliseconds that the query has been running, or the session has been in its state. */
  readonly stateMs: number | null;
  /** Milliseconds since its transaction began. */
  readonly transactionMs: number | null;
  /** What it waits for, such as `Lock: transactionid`. */
  readonly waitsFor: string | null;
  /** Who holds what it waits for. */
  readonly blockedBy: readonly number[];
  /** Whether it is one of ours. */
  readonly own: boolean;
}

/** Sessions that wait for one another: who waits is beneath who blocks. */
export interface BlockingNode {
  readonly pid: number;
  readonly waiters: readonly BlockingNode[];
}

export interface LockFigures {
  readonly pid: number;
  readonly object: string;
  readonly mode: string;
  readonly granted: boolean;
}

/** Counters of the database since its statistics were reset. */
export interface ActivityCounters {
  readonly at: number;
  readonly commits: number;
  readonly rollbacks: number;
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly deadlocks: number;
}

export interface SlowQuery {
  readonly query: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
  readonly rows: number;
}

/** Whether slow queries can be told, and if not, what is in the way. */
export type SlowQueries =
  | { readonly state: 'on'; readonly queries: readonly SlowQuery[] }
  /** The library is loaded, the extension only needs to be created. */
  | { readonly state: 'loaded' }
  /** The library must be loaded at a restart. */
  | { readonly state: 'off' }
  /** Its libraries are set on the command line, where we cannot change them. */
  | { readonly state: 'fixed' }
  | { readonly state: 'missing' };

/** Everything that happens in a server at one moment. */
export interface ActivitySnapshot {
  readonly sessions: readonly SessionFigures[];
  readonly blocking: readonly BlockingNode[];
  readonly locks: readonly LockFigures[];
  readonly connections: { readonly used: number; readonly most: number };
  readonly counters: ActivityCounters;
}

export type SessionAction = 'cancel' | 'terminate';

type ActivityWord =
  | SessionState
  | SessionAction
  | 'sessions'
  | 'blockingChains'
  | 'locks'
  | 'slowQueries'
  | 'connections'
  | 'transactions'
  | 'cacheHits'
  | 'perSecond'
  | 'ofMost'
  | 'query'
  | 'user'
  | 'application'
  | 'duration'
  | 'transaction'
  | 'waitsFor'
  | 'pid'
  | 'showIdle'
  | 'noBlocking'
  | 'noLocks'
  | 'blocks'
  | 'object'
  | 'mode'
  | 'granted'
  | 'waiting'
  | 'ungranted'
  | 'state'
  | 'calls'
  | 'total'
  | 'mean'
  | 'longest'
  | 'rows'
  | 'noQueries'
  | 'slowLoaded'
  | 'slowOff'
  | 'slowFixed'
  | 'slowMissing'
  | 'switchOn'
  | 'pause'
  | 'resume'
  | 'loading';

export interface ActivityView {
  readonly heading: string;
  readonly subheading: string;
  readonly language: string;
  readonly labels: Readonly<Record<ActivityWord, string>>;
}

/** What the host sends. */
export type ActivityMessage =
  | { readonly kind: 'view'; readonly view: ActivityView }
  | { readonly kind: 'activity'; readonly snapshot: ActivitySnapshot }
  | { readonly kind: 'slow'; readonly slow: SlowQueries }
  | { readonly kind: 'failure'; readonly message: string; readonly remedy: string };

/** What the view sends. */
export type ActivityRequest =
  | { readonly kind: 'ready' }
  | { readonly kind: 'slow' }
  | { readonly kind: 'switchOn' }
  | { readonly kind: 'follow'; readonly wanted: boolean }
  | { readonly kind: 'end'; readonly action: SessionAction; readonly pid: number; readonly startedAt: string };

/** Whether the host has sent this. */
export function isActivityMessage(value: unknown): value is ActivityMessage {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'view':
      return isObject(value['view']) && hasShape(value['view'], { heading: 'string', labels: 'object' });
    case 'activity':
      return isObject(value['snapshot']) && hasShape(value['snapshot'], { sessions: 'array', blocking: 'array', locks: 'array', counters: 'object' });
    case 'slow':
      return isObject(value['slow']) && hasShape(value['slow'], { state: 'string' });
    case 'failure':
      return hasShape(value, { message: 'string', remedy: 'string' });
    default:
      return false;
  }
}

/** Whether the view may have sent this. */
export function isActivityRequest(value: unknown): value is ActivityRequest {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'ready':
    case 'slow':
    case 'switchOn':
      return true;
    case 'follow':
      return typeof value['wanted'] === 'boolean';
    case 'end':
      return (value['action'] === 'cancel' || value['action'] === 'terminate') && Number.isSafeInteger(value['pid']) && typeof value['startedAt'] === 'string';
    default:
      return false;
  }
}
