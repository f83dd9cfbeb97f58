import type { Operation } from '../../operations/operation';
import { asFailure, Failure } from '../../protocol/failure';
import { formatDuration } from '../../protocol/format';
import { smokeSteps, type SmokeEvidence, type SmokeReport, type SmokeStep, type SmokeStepId, type SmokeVerdict } from '../../protocol/smokeReport';

/** Steps that only one of the two ways has. */
const onlyReal: ReadonlySet<SmokeStepId> = new Set(['backUp']);
const onlyClone: ReadonlySet<SmokeStepId> = new Set(['copy', 'start']);

const minute = 60_000;

/** Milliseconds that steps may take. */
export type StepLimits = Readonly<Partial<Record<SmokeStepId, number>>>;

/** Far more than a step needs that goes on at all. What copies data has no limit: it takes as long as there are data. */
const stepLimits: StepLimits = {
  look: 5 * minute,
  start: 10 * minute,
  write: 5 * minute,
  restart: 20 * minute,
  verifyRestart: 5 * minute,
  recreate: 20 * minute,
  verifyRecreate: 5 * minute,
  cleanUp: 20 * minute,
};

/** Writes the report while the test runs, and tells of every change. */
export class Recorder {
  private report: SmokeReport;

  constructor(
    facts: Omit<SmokeReport, 'schemaVersion' | 'steps' | 'remarks'>,
    private readonly operation: Operation,
    private readonly tell: (report: SmokeReport) => void,
    private readonly limits: StepLimits = stepLimits,
  ) {
    const left = facts.way === 'clone' ? onlyReal : onlyClone;
    const steps = smokeSteps.filter((id) => !left.has(id)).map((id): SmokeStep => ({ id, state: 'waiting', evidence: [] }));
    this.report = { schemaVersion: 1, ...facts, steps, remarks: [] };
    tell(this.report);
  }

  get current(): SmokeReport {
    return this.report;
  }

  /**
   * Does a step, and keeps how long it took and what was seen. Throws what it throws, and `SMOKE_STUCK` when it does not come
   * to its end within its limit; its operation is aborted then, as by a user.
   */
  async step<T>(
    id: SmokeStepId,
    message: string,
    work: (see: (kind: SmokeEvidence['kind'], value: string) => void, operation: Operation) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    this.operation.log.debug(message);
    this.operation.report({ message });
    this.change(id, { state: 'running' });
    const evidence: SmokeEvidence[] = [];
    const end = (state: SmokeStep['state']): void => this.change(id, { state, milliseconds: Math.round(performance.now() - started), evidence: [...evidence] });
    const see = (kind: SmokeEvidence['kind'], value: string): void => {
      evidence.push({ kind, value });
      this.change(id, { state: 'running', evidence: [...evidence] });
    };
    try {
      const value = await this.within(id, message, (operation) => work(see, operation));
      end('done');
      return value;
    } catch (error) {
      end('failed');
      throw error;
    }
  }

  private async within<T>(id: SmokeStepId, message: string, work: (operation: Operation) => Promise<T>): Promise<T> {
    const limit = this.limits[id];
    if (limit === undefined) return work(this.operation);
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(stuck(message, limit)), limit);
    const given = new Promise<never>((_, reject) => over.signal.addEventListener('abort', () => reject(asFailure(over.signal.reason)), { once: true }));
    try {
      const { log, report } = this.operation;
      const signal = AbortSignal.any([this.operation.signal, over.signal]);
      return await Promise.race([work({ signal, log, report: (progress) => report.call(this.operation, progress) }), given]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Marks a step that was done, and showed that something is gone. */
  fail(id: SmokeStepId): void {
    this.change(id, { state: 'failed' });
  }

  note(remark: string): void {
    this.replace({ ...this.report, remarks: [...this.report.remarks, remark] });
  }

  /** Ends the report. Steps that were not reached were skipped. */
  end(verdict: SmokeVerdict, more: Partial<Pick<SmokeReport, 'lostAt'>> & { readonly error?: unknown } = {}): SmokeReport {
    const { error, ...rest } = more;
    const steps = this.report.steps.map((step): SmokeStep => (step.state === 'waiting' ? { ...step, state: 'skipped' } : step));
    this.replace({
      ...this.report,
      ...rest,
      ...(error === undefined ? {} : { problem: problemOf(error) }),
      steps,
      verdict,
      finishedAt: new Date().toISOString(),
    });
    return this.report;
  }

  private change(id: SmokeStepId, changes: Partial<SmokeStep>): void {
    this.replace({ ...this.report, steps: this.report.steps.map((step) => (step.id === id ? { ...step, ...changes } : step)) });
  }

  private replace(report: SmokeReport): void {
    this.report = report;
    this.tell(report);
  }
}

function stuck(message: string, limit: number): Failure {
  return new Failure(
    'SMOKE_STUCK',
    `"${message}" did not come to its end within ${formatDuration(limit)}.`,
    'Look whether the engine and the server answer, then test again.',
  );
}

function problemOf(error: unknown): NonNullable<SmokeReport['problem']> {
  const { code, message, remedy } = asFailure(error);
  return { code, message, remedy };
}
