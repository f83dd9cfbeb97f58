import type { HealthFacts } from './facts';
import type { Thresholds } from './thresholds';
import { backupReasons } from './reasons/backups';
import { clusterReasons } from './reasons/cluster';
import { containerReasons } from './reasons/container';
import { databaseReasons } from './reasons/databases';
import { sessionReasons } from './reasons/sessions';

/** `info` is worth knowing and leaves a service healthy. */
export type Severity = 'info' | 'warning' | 'error';

/** What would help, where the product can do it; the surfaces know how. */
export type HealthAction = 'back up' | 'restore' | 'start' | 'show logs' | 'vacuum' | 'check corruption' | 'show activity' | 'show statistics';

/** Why a service is not quite well. */
export interface HealthReason {
  readonly code: string;
  readonly severity: Severity;
  /** Absent for what concerns the whole server. */
  readonly database?: string;
  /** A few words, such as "backup 9 days old". */
  readonly short: string;
  /** What is the case. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
  readonly action?: HealthAction;
  /** Set for what may be over in a moment, and is worth asking again. */
  readonly passing?: true;
}

/** `unknown`: nothing can be said yet, as while a server starts. */
export type HealthState = 'healthy' | 'degraded' | 'down' | 'unknown';

export interface Health {
  readonly state: HealthState;
  /** Worst first. */
  readonly reasons: readonly HealthReason[];
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** Judges a service by what was found. Pure: the same facts give the same judgement. */
export function judgeHealth(facts: HealthFacts, thresholds: Thresholds, now: Date): Health {
  const container = containerReasons(facts);
  if (container.state !== undefined) return { state: container.state, reasons: container.reasons };
  const reasons = [
    ...container.reasons,
    ...sessionReasons(facts, thresholds),
    ...clusterReasons(facts, thresholds),
    ...databaseReasons(facts, thresholds),
    ...backupReasons(facts, thresholds, now),
  ].toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  return { state: reasons.some(({ severity }) => severity !== 'info') ? 'degraded' : 'healthy', reasons };
}

/** The worst of several states, as a script wants to know it; undefined for none. */
export function worstState(states: readonly HealthState[]): HealthState | undefined {
  return (['down', 'degraded', 'unknown', 'healthy'] as const).find((state) => states.includes(state));
}
