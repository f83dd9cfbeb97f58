import type { InventoryKeeper } from '../../inventory/keeper';
import type { Service } from '../../inventory/model';
import type { Diagnosis } from './examine';
import { diagnoseLive } from './live';
import { readLive } from './readLive';

/** Says of services whose containers are there whether their data survive. */
export class LiveDoctor {
  constructor(private readonly keeper: InventoryKeeper) {}

  /** Reads only. Throws `SERVICE_NOT_CREATED`, `CONTAINER_GONE`, and what a session throws. */
  async examine(service: Service, signal: AbortSignal): Promise<Diagnosis> {
    return diagnoseLive(await readLive(service, this.keeper.serverOnceRunning(service), signal));
  }
}
