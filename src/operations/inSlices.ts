import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which other work gets its turn. */
const slice = 8;

/** Does short work for each item, one after the other, without holding anything else up for longer than a few milliseconds. */
export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<readonly R[]> {
  const results: R[] = [];
  let since = performance.now();
  for (const item of items) {
    results.push(work(item));
    if (performance.now() - since < slice) continue;
    await setImmediate();
    since = performance.now();
  }
  return results;
}
