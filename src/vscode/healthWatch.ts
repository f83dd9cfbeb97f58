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
/** The same after an answer that may not hold: of a server that starts, or was too busy to answer. */
const unsureInterval = 5000;

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
  private again: NodeJS.Timeout | undefined;
  /** Services of which the last answer may not hold. */
  private readonly doubted = new Set<string>();

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

  /** Looks again, for when somebody asks for it. */
  refresh(): void {
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
    clearTimeout(this.again);
    this.stop?.abort();
    this.stop = undefined;
  }

  /** What is said once and may be over in a moment, as in a restart, is not believed yet where something better is known. */
  private believed(id: string, health: Health): Health {
    const isGrave = health.reasons.some(({ severity }) => severity !== 'info');
    const isUnsure = (health.state === 'unknown' && !isGrave) || health.reasons.some(({ passing }) => passing);
    const isNew = isUnsure && !this.doubted.has(id);
    if (isUnsure) this.doubted.add(id);
    else this.doubted.delete(id);
    return isNew ? (this.known.get(id) ?? health) : health;
  }

  /** One look at a time; what comes meanwhile leads to one more. */
  private lookSoon(): void {
    const { stop } = this;
    if (stop === undefined || this.inventory === undefined) return;
    this.isStale = true;
    this.looking ??= this.look(stop.signal).finally(() => {
      this.looking = undefined;
      if (this.isStale) this.lookSoon(); // wanted again while the last look was ending
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
          found.set(service.id, this.believed(service.id, await healths.of(project, service, healthSettings(), signal)));
        } catch (error) {
          if (signal.aborted) return;
          this.log.warn(`The health of ${project.name}/${service.name} cannot be told: ${messageOf(error)}`);
        }
      }
      for (const id of this.doubted) if (!found.has(id)) this.doubted.delete(id);
      clearTimeout(this.again);
      if (this.doubted.size > 0) this.again = setTimeout(() => this.lookSoon(), unsureInterval);
      if (isDeepStrictEqual(found, this.known)) continue;
      this.known = found;
      this.log.debug(`Health: ${[...found].map(([id, { state, reasons }]) => `${id} ${state} ${reasons.map(({ code }) => code).join(' ')}`).join('; ')}`);
      this.changed.fire();
    }
  }
}
