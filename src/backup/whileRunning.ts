import type { Operation } from '../operations/operation';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';

/** Milliseconds between two looks at a container whose work shows no progress. */
const lookInterval = 5_000;
/** Milliseconds for which a container may be paused; some tools pause one for a moment. */
const longestPause = 15_000;

/**
 * Does work that a container has a part in, and gives it up when the container stays paused: a paused one says nothing and never
 * ends. Throws `CONTAINER_PAUSED`, and what the work throws.
 */
export async function whileRunning<T>(server: PostgresServer, operation: Operation, work: (own: Operation) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  let progressAt = Date.now();
  let pausedLooks = 0;
  let failure: Failure | undefined;
  const look = async (): Promise<void> => {
    const isPaused = Date.now() - progressAt >= lookInterval && (await server.engine.inspect(server.container)).state === 'paused';
    pausedLooks = isPaused ? pausedLooks + 1 : 0;
    if (pausedLooks * lookInterval < longestPause) return;
    failure = new Failure(
      'CONTAINER_PAUSED',
      'The container was paused in mid-backup, and stayed so.',
      'Nothing was kept. Unpause the service, then try again.',
    );
    stop.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), lookInterval); // the work itself tells of an engine that is gone
  const report: Operation['report'] = (progress) => {
    progressAt = Date.now();
    operation.report(progress);
  };
  try {
    return await work({ ...operation, report, signal: AbortSignal.any([operation.signal, stop.signal]) });
  } catch (error) {
    throw operation.signal.aborted ? error : (failure ?? error);
  } finally {
    clearInterval(timer);
  }
}
