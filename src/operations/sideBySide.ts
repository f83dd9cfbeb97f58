import type { Operation } from './operation';

/** Does two pieces of work at once. When one fails the other is stopped, and waited for; the first error is thrown. */
export async function sideBySide<A, B>(
  operation: Operation,
  [first, second]: readonly [(own: Operation) => Promise<A>, (own: Operation) => Promise<B>],
): Promise<readonly [A, B]> {
  const stop = new AbortController();
  const own = { ...operation, report: operation.report.bind(operation), signal: AbortSignal.any([operation.signal, stop.signal]) };
  let firstError: unknown;
  const guard = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      firstError ??= error;
      stop.abort();
      throw error;
    });
  const [a, b] = await Promise.allSettled([guard(first(own)), guard(second(own))]);
  if (a.status === 'rejected' || b.status === 'rejected') throw firstError;
  return [a.value, b.value];
}
