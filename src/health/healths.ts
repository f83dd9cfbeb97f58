import type { Backups } from '../backup/backups';
import type { Schedules } from '../backup/schedule/schedules';
import type { InventoryKeeper } from '../inventory/keeper';
import type { Project, Service } from '../inventory/model';
import { judgeHealth, type Health } from './model';
import { readHealthFacts } from './readHealth';
import type { Thresholds } from './thresholds';

export interface HealthOptions {
  readonly thresholds: Thresholds;
  /** Addresses to ask, by the service's name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where backups lie, when not in the usual folder. */
  readonly folder?: string;
  /** Milliseconds for a look at the server, when not the usual ones. */
  readonly patience?: number;
}

/** How services are, asked anew each time. */
export class Healths {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly schedules: Schedules,
  ) {}

  /** Gathers and judges. Throws only `CANCELLED`, and what a folder of backups that cannot be read throws. */
  async of(project: Project, service: Service, options: HealthOptions, signal: AbortSignal): Promise<Health> {
    const { folder, urls, thresholds, patience } = options;
    const [backups, { states: schedules }] = [await this.backups.list(project, folder), await this.schedules.list()];
    const surroundings = { backups, schedules, urls, ...(patience === undefined ? {} : { patience }) };
    const access = service.state === 'running' ? { engine: this.keeper.serverOf(service).engine, server: this.keeper.serverOf(service) } : undefined;
    return judgeHealth(await readHealthFacts(project, service, access, surroundings, signal), thresholds, new Date());
  }
}
