import { Failure } from '../../protocol/failure';

/** Whether the connection broke in the middle, so that calling again goes on from there. */
export function isInterrupted(error: unknown): boolean {
  return error instanceof Failure && error.code === 'OFFSITE_INTERRUPTED';
}

/** Whether what was sent so far is worth keeping: the place could not be reached, and may be again. */
export function maybeResumed(error: unknown): boolean {
  return isInterrupted(error) || (error instanceof Failure && error.code === 'OFFSITE_UNREACHABLE');
}

export function interrupted(place: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_INTERRUPTED', `The connection to ${place} broke.`, 'Start again: it goes on where it stopped.', cause);
}

export function unreachable(place: string, said: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_UNREACHABLE', `${place} cannot be reached: ${said}`, 'Check the network, the name and the port, then try again.', cause);
}

export function denied(place: string, said: string, remedy: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_DENIED', `${place} refused access: ${said}`, remedy, cause);
}

export function full(place: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_FULL', `${place} has no space left.`, 'Free space there, or delete old copies, then start again.', cause);
}

export function missing(place: string, what: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_MISSING', `${what} is not in ${place}.`, 'Check the location and the name; list what is there.', cause);
}

export function differs(place: string, name: string): Failure {
  return new Failure(
    'OFFSITE_DIFFERS',
    `What lies in ${place} as ${name} is not what it should be: its size or checksum differs.`,
    'It is not to be relied on. Look at what lies there, delete that copy, then copy again.',
  );
}

export function taken(place: string, name: string): Failure {
  return new Failure(
    'OFFSITE_DIFFERS',
    `Another file lies in ${place} as ${name} already.`,
    'Nothing was replaced. Delete that file if it is not needed, then copy again; or choose another place.',
  );
}

export function failed(place: string, said: string, cause?: unknown): Failure {
  return new Failure('OFFSITE_FAILED', `${place}: ${said}`, 'Look at the log for details, then try again.', cause);
}
