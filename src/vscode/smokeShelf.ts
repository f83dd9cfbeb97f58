import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, type Disposable } from 'vscode';
import type { App } from '../app';
import type { Inventory } from '../inventory/model';
import { messageOf } from '../protocol/failure';
import type { SmokeReport } from '../protocol/smokeReport';
import type { OutputLog } from './outputLog';

/** The last persistence test of each service. */
export class SmokeShelf implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private reports: ReadonlyMap<string, SmokeReport> = new Map();

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  /** By the service's id. */
  get all(): ReadonlyMap<string, SmokeReport> {
    return this.reports;
  }

  /** Reads those of all services; also when a test has ended. */
  async follow(inventory: Inventory): Promise<void> {
    try {
      const { smokeTests } = await this.app();
      const places = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
      const read = await Promise.all(places.map(async (place) => [place.service.id, await smokeTests.last(place)] as const));
      const found = new Map(read.flatMap(([id, report]) => (report === undefined ? [] : [[id, report] as const])));
      if (isDeepStrictEqual(found, this.reports)) return;
      this.reports = found;
      this.changed.fire();
    } catch (error) {
      this.log.warn(`The persistence tests cannot be read: ${messageOf(error)}`);
    }
  }

  dispose(): void {
    this.changed.dispose();
  }
}
