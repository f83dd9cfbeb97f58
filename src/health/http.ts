import { within } from '../engine/within';
import type { DependentFacts } from './facts';
import { messageOf } from '../protocol/failure';

/** Milliseconds that a service may take to say how it is. */
const patience = 3000;

/** Asks an address that the user named. Any answer below 400 is a good one; none is a finding, not an error. */
export async function askHttp(url: string, signal: AbortSignal): Promise<NonNullable<DependentFacts['http']>> {
  try {
    const response = await within(patience, signal, async (limit) => fetch(url, { signal: limit, redirect: 'follow' }));
    await response.body?.cancel();
    return { url, ok: response.ok, said: `it answered ${response.status}` };
  } catch (error) {
    if (signal.aborted) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { url, ok: false, said: messageOf(cause) };
  }
}
