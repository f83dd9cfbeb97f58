import type { InventoryKeeper } from '../../inventory/keeper';
import type { DatabaseTarget } from '../../inventory/target';
import type { AskedDatabase } from './keeper';

/** A database as `FactKeeper` asks it: what was answered is forgotten when its container starts anew. */
export function askedDatabase(keeper: InventoryKeeper, { service, database }: DatabaseTarget): AskedDatabase {
  const key = `${service.id} ${service.container?.id ?? ''} ${service.container?.startedAt ?? ''} ${database.name}`;
  return { key, server: keeper.serverOf(service), database: database.name };
}
