import { setTimeout } from 'node:timers/promises';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { messageOf } from '../../protocol/failure';
import { isInterrupted } from './problems';

/** Milliseconds before each new attempt. */
const pauses = [0, 2000];

/** Does work that goes on where it stopped, and does it again when the connection broke, three times in all. */
export async function persistently<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!isInterrupted(error)) throw error;
      throwIfCancelled(operation);
      operation.log.warn(`${messageOf(error)} Going on.`);
      await setTimeout(pause, undefined, { signal: operation.signal }).catch(() => throwIfCancelled(operation));
    }
  }
  return work();
}
