import { look } from '../../health/look';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Operation } from '../../operations/operation';
import { withOpenSnapshot } from '../../snapshot/openSnapshot';
import { compareSchemas, type Difference } from './compareSchemas';
import { readFileSchema, type FileTools, type SchemaFile } from './file';
import { keyOf, type Schema } from './model';
import type { SchemaPlace } from './place';
import { readSchema } from './readSchema';

export interface Comparison {
  readonly left: Schema;
  readonly right: Schema;
  readonly differences: readonly Difference[];
}

/** What can be compared. */
export type SchemaSide = SchemaPlace | SchemaFile;

/** Reads two schemas and compares them; a file is loaded into a scratch database for that. Changes nothing. Throws what a session and a restore throw. */
export async function comparePlaces(tools: FileTools, left: SchemaSide, right: SchemaSide, operation: Operation): Promise<Comparison> {
  const read = (side: SchemaSide): Promise<Schema> =>
    'backup' in side ? readFileSchema(tools, side, operation) : readPlace(tools.keeper, side, operation.signal);
  // One after the other: two snapshots of one database cannot be open at once.
  const both = [await read(left), await read(right)] as const;
  const ownerless = [left, right].some((side) => 'backup' in side && side.withoutOwners === true);
  const [one, other] = ownerless ? [withoutPrivileges(both[0]), withoutPrivileges(both[1])] : both;
  return { left: one, right: other, differences: compareSchemas(one, other) };
}

async function readPlace(keeper: InventoryKeeper, { service, database, snapshotOf }: SchemaPlace, signal: AbortSignal): Promise<Schema> {
  const server = keeper.serverOf(service);
  const readIt = (): Promise<Schema> => look(server, database, readSchema, { signal });
  return snapshotOf === undefined ? readIt() : withOpenSnapshot(server, { name: database, of: snapshotOf }, readIt);
}

/** Where one side was loaded without them, they are no difference. */
function withoutPrivileges({ objects, needs }: Schema): Schema {
  return { objects: new Map([...objects.values()].filter(({ kind }) => kind !== 'privileges').map((object) => [keyOf(object), object])), needs };
}
