import { assertPlainName } from './fileName';
import { partsOf } from './listOffsite';
import type { OffsiteStore } from './store';

/** Removes a copy with all that belongs to it; the manifest goes last, so that a crash leaves nothing unknown. */
export async function removeOffsite(store: OffsiteStore, name: string): Promise<void> {
  assertPlainName(name);
  for (const part of partsOf(name)) await store.remove(part);
}
