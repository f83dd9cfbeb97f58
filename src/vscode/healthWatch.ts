import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, workspace, type Disposable } from 'vscode';
import type { App } from '../app';
import type { Health } from '../health/model';
import type { Inventory } from '../inventory/model';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';
import { healthSettings } from './settings';

/** Milliseconds between two looks at a server of which no event tells. */
const interval = 60_000;

/** How the services of this workspace are. Asked slowly, at once after a change, and only while something shows it. */
export class HealthWatch implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private known: ReadonlyMap<string, Health> = new Map();
  private inventory: Inventory | undefined;
  private stop: AbortController | undefined;
  private looking: Promise<void> | undefined;
  private isStale = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  /** By the service's id; a service that was not asked yet is not there. */
  get all(): ReadonlyMap<string, Health> {
    return this.known;
  }

  /** Looks again, because something has changed. */
  follow(inventory: Inventory): void {
    this.inventory = inventory;
    this.lookSoon();
  }

  /** Whether anything shows how the services are. */
  want(wanted: boolean): void {
    if (wanted && this.stop === undefined && workspace.isTrusted) {
      this.stop = new AbortController();
      this.timer = setInterval(() => this.lookSoon(), interval);
      this.lookSoon();
    }
    if (!wanted) this.rest();
  }

  dispose(): void {
    this.rest();
    this.changed.dispose();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.stop?.abort();
    this.stop = undefined;
  }

  /** One look at a time; what comes meanwhile leads to one more. */
  private lookSoon(): void {
    const { stop } = this;
    if (stop === undefined || this.inventory === undefined) return;
    this.isStale = true;
    this.looking ??= this.look(stop.signal).finally(() => {
      this.looking = undefined;
    });
  }

  private async look(signal: AbortSignal): Promise<void> {
    while (this.isStale && !signal.aborted) {
      this.isStale = false;
      const found = new Map<string, Health>();
      const { healths } = await this.app();
      const projects = this.inventory?.projects.filter(({ inWorkspace }) => inWorkspace) ?? [];
      for (const { project, service } of projects.flatMap((each) => each.services.map((one) => ({ project: each, service: one })))) {
        try {
          found.set(service.id, await healths.of(project, service, healthSettings(), signal));
        } catch (error) {
          if (signal.aborted) return;
          this.log.warn(`The health of ${project.name}/${service.name} cannot be told: ${messageOf(error)}`);
        }
      }
      if (isDeepStrictEqual(found, this.known)) continue;
      this.known = found;
      this.changed.fire();
    }
  }
}
