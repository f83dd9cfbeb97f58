import type { Health, HealthReason } from './model';

/** Reasons that a user would want to be called for, whatever they are doing. */
const urgent = new Set(['DISK_LOW', 'BACKUP_FAILED', 'CHECKSUM_FAILED']);

/** Something to tell once. */
export interface Notice {
  /** The service's id. */
  readonly service: string;
  readonly reason: HealthReason;
}

/**
 * What is new and urgent. A server that went down is told of when it was well before and has not been stopped: containers that
 * people stop end well, and need no notice.
 */
export function newNotices(before: ReadonlyMap<string, Health>, now: ReadonlyMap<string, Health>): readonly Notice[] {
  return [...now].flatMap(([service, { state, reasons }]) => {
    const earlier = before.get(service);
    const known = new Set(earlier?.reasons.map(keyOf));
    const wasWell = earlier?.state === 'healthy' || earlier?.state === 'degraded';
    return reasons
      .filter((reason) => isUrgent(reason) || (state === 'down' && wasWell && reason.code !== 'NOT_RUNNING'))
      .filter((reason) => !known.has(keyOf(reason)))
      .map((reason) => ({ service, reason }));
  });
}

function isUrgent({ code, severity }: HealthReason): boolean {
  return urgent.has(code) && (code !== 'DISK_LOW' || severity === 'error');
}

function keyOf({ code, severity, database = '' }: HealthReason): string {
  return `${code} ${severity} ${database}`;
}
