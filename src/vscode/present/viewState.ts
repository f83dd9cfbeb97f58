import type { Inventory } from '../../inventory/model';

/** What the view shows when it has no rows; the values of the context key that the welcome texts look at. */
export type ViewState = 'loading' | 'untrusted' | 'noEngine' | 'engineForbidden' | 'engineStopped' | 'engineFailed' | 'noDatabase' | 'ready';

const stopped = new Set(['ENGINE_NOT_RUNNING', 'ENGINE_ABSENT', 'ENGINE_GONE']);

/** Decides what the view is to say. */
export function viewState(inventory: Inventory | undefined, trusted: boolean): ViewState {
  if (!trusted) return 'untrusted';
  if (inventory === undefined) return 'loading';
  if (inventory.projects.length > 0) return 'ready';
  const { endpoints } = inventory;
  if (endpoints.some(({ state }) => state === 'connected')) return 'noDatabase';
  const codes = endpoints.map(({ problem }) => problem?.code ?? '');
  if (codes.length === 0) return 'noEngine';
  if (codes.includes('ENGINE_FORBIDDEN')) return 'engineForbidden';
  return codes.every((code) => stopped.has(code)) ? 'engineStopped' : 'engineFailed';
}
