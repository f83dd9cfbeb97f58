import { look } from '../../health/look';
import type { InventoryKeeper } from '../../inventory/keeper';
import { withOpenSnapshot } from '../../snapshot/openSnapshot';
import { compareSchemas, type Difference } from './compareSchemas';
import type { Schema } from './model';
import type { SchemaPlace } from './place';
import { readSchema } from './readSchema';

export interface Comparison {
  readonly left: Schema;
  readonly right: Schema;
  readonly differences: readonly Difference[];
}

/** Reads two schemas and compares them. Changes nothing. Throws what a session throws. */
export async function comparePlaces(keeper: InventoryKeeper, left: SchemaPlace, right: SchemaPlace, signal?: AbortSignal): Promise<Comparison> {
  const read = ({ service, database, snapshotOf }: SchemaPlace): Promise<Schema> => {
    const server = keeper.serverOf(service);
    const readIt = (): Promise<Schema> => look(server, database, readSchema, signal === undefined ? {} : { signal });
    return snapshotOf === undefined ? readIt() : withOpenSnapshot(server, { name: database, of: snapshotOf }, readIt);
  };
  // One after the other: two snapshots of one database cannot be open at once.
  const one = await read(left);
  const other = await read(right);
  return { left: one, right: other, differences: compareSchemas(one, other) };
}
