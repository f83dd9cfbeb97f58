/**
 * Works for so many milliseconds at most, and no longer than the caller's signal allows; then the signal that the work gets
 * is aborted. Not by `AbortSignal.any` of an `AbortSignal.timeout`: nothing holds the latter, and once it was collected it
 * never fires (nodejs/node#57736).
 */
export async function within<T>(milliseconds: number, signal: AbortSignal | undefined, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const stop = (): void => limit.abort(signal?.reason);
  const timer = setTimeout(() => limit.abort(new DOMException('It took too long.', 'TimeoutError')), milliseconds);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
