import type { Problem } from '../../inventory/model';
import type { DependentFacts, HealthFacts } from '../facts';
import type { HealthReason, HealthState } from '../model';

interface ContainerJudgement {
  /** Set when nothing else is worth asking. */
  readonly state?: HealthState;
  readonly reasons: readonly HealthReason[];
}

/** Whether the container runs, whether the server answers, and how those are that depend on it. */
export function containerReasons(facts: HealthFacts): ContainerJudgement {
  const { state, health, problem, missingDatabase } = facts;
  if (state === 'starting' || state === 'restarting') {
    return { state: 'unknown', reasons: [info('STARTING', state, `Postgres is ${state}.`, 'Wait a moment; look at the log if it does not come up.')] };
  }
  if (state !== 'running') return { state: 'down', reasons: [notRunning(state, facts.exitCode)] };
  if (problem !== undefined) return problemReasons(problem);
  const reasons = facts.dependents.flatMap(dependentReasons);
  if (health === 'unhealthy') {
    const message = 'The healthcheck of the container fails, although Postgres answers.';
    reasons.push({ code: 'UNHEALTHY', severity: 'error', short: 'unhealthy', message, remedy: 'Look at the log and at the healthcheck.', action: 'show logs' });
  }
  if (missingDatabase !== undefined) {
    const message = `The database "${missingDatabase}", for which the service was made, is not there.`;
    const remedy = 'Restore it from a backup, or undo what dropped it.';
    const short = `"${missingDatabase}" is missing`;
    reasons.push({ code: 'DATABASE_MISSING', severity: 'error', database: missingDatabase, short, message, remedy, action: 'restore' });
  }
  return { reasons };
}

/** A server that could not be asked: on its way up or down, busy, or not there. */
function problemReasons({ code, message, remedy }: Problem): ContainerJudgement {
  if (code === 'SERVER_STARTING' || code === 'SESSION_ENDED') return { state: 'unknown', reasons: [info(code, 'starting', message, remedy)] };
  const isSlow = code === 'STATEMENT_TIMEOUT' || code === 'SERVER_SLOW';
  if (isSlow)
    return { state: 'degraded', reasons: [{ code, severity: 'warning', short: 'slow to answer', message, remedy, action: 'show activity', passing: true }] };
  if (closed.has(code)) return { state: 'unknown', reasons: [{ code, severity: 'warning', short: 'cannot be read', message, remedy }] };
  const short = code === 'CONNECTIONS_EXHAUSTED' ? 'no connection left' : 'does not answer';
  return { state: 'down', reasons: [{ code, severity: 'error', short, message, remedy, action: 'show logs', passing: true }] };
}

/** Why we do not get in where the server may be well. */
const closed: ReadonlySet<string> = new Set(['PASSWORD_WRONG', 'PASSWORD_FILE_MISSING', 'ACCESS_DENIED', 'PRIVILEGE_MISSING', 'RELAY_MISSING']);

/** A server that is stopped ends with 0. */
function notRunning(state: HealthFacts['state'], exitCode = 0): HealthReason {
  if (state === 'stopped' && exitCode !== 0) {
    const how = exitCode === 137 ? 'was killed, perhaps for want of memory' : `ended with exit code ${exitCode}`;
    const remedy = 'Look at the log, then start it: Postgres recovers by itself.';
    return { code: 'CRASHED', severity: 'error', short: 'has crashed', message: `The server ${how}.`, remedy, action: 'start' };
  }
  const message = state === 'not created' ? 'The service was never started.' : `The container is ${state}.`;
  return { code: 'NOT_RUNNING', severity: 'error', short: state, message, remedy: 'Start it when you need it.', action: 'start' };
}

function dependentReasons({ service, state, health, exitCode, http }: DependentFacts): HealthReason[] {
  const reasons: HealthReason[] = [];
  const warn = (code: string, short: string, message: string): void =>
    void reasons.push({ code, severity: 'warning', short, message, remedy: `Look at the log of ${service}.`, action: 'show logs' });
  if (health === 'unhealthy') warn('DEPENDENT_UNHEALTHY', `${service} is unhealthy`, `The healthcheck of ${service}, which uses this database, fails.`);
  // One-shot services have ended with 0, and are well.
  const crashed = state === 'restarting' || ((state === 'exited' || state === 'dead') && exitCode !== undefined && !stopsOf.has(exitCode));
  if (crashed) {
    const how = state === 'restarting' ? 'starts over and over' : `ended with exit code ${exitCode ?? '?'}`;
    warn('DEPENDENT_FAILED', `${service} ${state === 'restarting' ? 'keeps restarting' : 'has failed'}`, `${service}, which uses this database, ${how}.`);
  }
  if (http !== undefined && !http.ok) warn('DEPENDENT_HTTP', `${service} does not answer`, `${http.url} of ${service}: ${http.said}.`);
  return reasons;
}

/** Exit codes of programs that ended well, or that somebody stopped: SIGINT, SIGKILL, SIGTERM. */
const stopsOf = new Set([0, 130, 137, 143]);

function info(code: string, short: string, message: string, remedy: string): HealthReason {
  return { code, severity: 'info', short, message, remedy };
}
