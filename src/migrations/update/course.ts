import type { Operation } from '../../operations/operation';
import { asFailure, type Failure } from '../../protocol/failure';

/** One step of an update, as it went. */
export interface UpdateStep {
  readonly name: 'backup' | 'rehearsal' | 'downgrade' | 'migration' | 'validation' | 'restart' | 'health' | 'restore';
  readonly state: 'done' | 'skipped' | 'failed';
  readonly milliseconds: number;
  readonly message: string;
}

/** How far an update has come. */
export interface UpdateProgress {
  readonly steps: readonly UpdateStep[];
  readonly running?: UpdateStep['name'];
}

/** What a step came to. */
export interface Outcome<T> {
  readonly message: string;
  readonly value?: T;
  /** Makes the step a failed one, though it has a value. */
  readonly failure?: Failure;
  /** Of a step that ends nothing: how it went, where that is not well. */
  readonly state?: UpdateStep['state'];
}

/** The steps so far, and the first failure among them. */
export class Course {
  private readonly noted: UpdateStep[] = [];
  failure: Failure | undefined;

  constructor(
    private readonly operation: Operation,
    /** Is told of every step that begins or ends. */
    private readonly onSteps: ((progress: UpdateProgress) => void) | undefined,
  ) {}

  get steps(): readonly UpdateStep[] {
    return this.noted;
  }

  /** Does a step, and notes how it went. Throws only `CANCELLED`. */
  async step<T>(name: UpdateStep['name'], title: string, work: () => Promise<Outcome<T>>): Promise<T | undefined> {
    this.operation.report({ message: title });
    this.operation.log.info(title);
    this.onSteps?.({ steps: this.noted, running: name });
    const start = performance.now();
    const note = (state: UpdateStep['state'], message: string): void => this.note({ name, state, milliseconds: performance.now() - start, message });
    try {
      const { value, message, failure, state } = await work();
      note(failure === undefined ? (state ?? 'done') : 'failed', message);
      this.failure ??= failure;
      return value;
    } catch (error) {
      if (this.operation.signal.aborted) throw error;
      const failure = asFailure(error);
      note('failed', `${failure.message} ${failure.remedy}`);
      this.failure ??= failure;
      return undefined;
    }
  }

  /** Notes a step that was done along with another, and ends nothing. */
  note(step: UpdateStep): void {
    this.noted.push(step);
    this.onSteps?.({ steps: this.noted });
  }
}
