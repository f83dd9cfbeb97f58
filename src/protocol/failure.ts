/**
 * What went wrong, said so that a user can act on it. Every error that leaves a layer is one of these.
 * `code` is stable (scripts may test for it), `message` says what happened, `remedy` what to do about it.
 */
export class Failure extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.code = code;
    this.remedy = remedy;
  }
}

/** The code of every operation that the user stopped. */
export const cancelledCode = 'CANCELLED';

/** The failure that stands for "the user stopped it". */
export function cancelled(): Failure {
  return new Failure(cancelledCode, 'Cancelled.', 'Nothing was left behind; start again when you like.');
}

/** Any thrown thing as a Failure; one that already is stays as it is. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('UNEXPECTED', message, 'Look at the log for details, and report it if it happens again.', error);
}

/** The short text of anything thrown, for use inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
