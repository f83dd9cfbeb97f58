import { throwIfCancelled, type Operation } from '../../operations/operation';
import { asFailure } from '../../protocol/failure';
import type { Backup } from '../catalogue';
import { pruneResult, type PruneResult } from '../prune';
import { decideRetention, stays, type RetentionDecision, type RetentionPolicy } from '../retention';
import { listOffsite } from './listOffsite';
import { removeOffsite } from './removeOffsite';
import type { OffsiteStore } from './store';

/** What `pruneOffsite` would do now. */
export async function planPruneOffsite(
  store: OffsiteStore,
  policy: RetentionPolicy,
  belongs: (backup: Backup) => boolean,
  signal: AbortSignal,
): Promise<readonly RetentionDecision[]> {
  return decideRetention((await listOffsite(store, signal)).filter(belongs), policy, new Date());
}

/** Removes the copies that a policy lets go, the oldest first. What cannot be removed is kept, with the reason. Throws what listing throws. */
export async function pruneOffsite(
  store: OffsiteStore,
  policy: RetentionPolicy,
  belongs: (backup: Backup) => boolean,
  operation: Operation,
): Promise<PruneResult> {
  const done: RetentionDecision[] = [];
  for (const decision of (await planPruneOffsite(store, policy, belongs, operation.signal)).toReversed()) {
    done.unshift(decision.keep ? decision : await removeOne(decision, store, operation));
  }
  return pruneResult(done);
}

async function removeOne(decision: RetentionDecision, store: OffsiteStore, operation: Operation): Promise<RetentionDecision> {
  throwIfCancelled(operation);
  const { backup } = decision;
  try {
    await removeOffsite(store, backup.file);
    operation.log.info(`Removed ${backup.file} from ${store.describe()}`);
    return decision;
  } catch (error) {
    const { message } = asFailure(error);
    operation.log.warn(`${backup.file} stays in ${store.describe()}: ${message}`);
    return stays(backup, { kind: 'not removed', message });
  }
}
