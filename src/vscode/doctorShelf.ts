import { EventEmitter, type Disposable } from 'vscode';
import type { App } from '../app';
import type { Inventory, Service } from '../inventory/model';
import type { Diagnosis } from '../persistence/doctor/examine';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';

interface Examined {
  /** What of a service changes the verdict: another container, or another state of it. */
  readonly of: string;
  /** Absent where it could not be told. */
  readonly diagnosis?: Diagnosis;
}

/** What the doctor says of the services of this workspace. Each is examined when its container is another, or starts or stops; nothing is asked otherwise. */
export class DoctorShelf implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly known = new Map<string, Examined>();
  private readonly stop = new AbortController();
  private newest: Inventory | undefined;
  private working: Promise<void> | undefined;

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  /** By the service's id. */
  get all(): ReadonlyMap<string, Diagnosis> {
    return new Map([...this.known].flatMap(([id, { diagnosis }]) => (diagnosis === undefined ? [] : [[id, diagnosis] as const])));
  }

  /** Examines what is new, one after the other. */
  async follow(inventory: Inventory): Promise<void> {
    this.newest = inventory;
    this.working ??= this.examine().finally(() => (this.working = undefined));
    await this.working;
  }

  dispose(): void {
    this.stop.abort();
    this.changed.dispose();
  }

  private async examine(): Promise<void> {
    for (let service = this.next(); service !== undefined && !this.stop.signal.aborted; service = this.next()) {
      const of = condition(service);
      this.known.set(service.id, { of });
      try {
        const [{ inventory }, { LiveDoctor }] = await Promise.all([this.app(), import('../persistence/doctor/liveDoctor')]);
        const diagnosis = await new LiveDoctor(inventory).examine(service, this.stop.signal);
        this.known.set(service.id, { of, diagnosis });
        this.changed.fire();
      } catch (error) {
        this.log.debug(`Whether the data of ${service.projectName}/${service.name} survive cannot be told: ${messageOf(error)}`);
      }
    }
  }

  /** The next service that was not examined as it is now. */
  private next(): Service | undefined {
    const services = this.newest?.projects.filter(({ inWorkspace }) => inWorkspace).flatMap((project) => project.services) ?? [];
    for (const id of this.known.keys()) if (!services.some((service) => service.id === id)) this.known.delete(id);
    return services.find(
      (service) =>
        service.container !== undefined &&
        (service.state === 'running' || service.state === 'stopped') &&
        this.known.get(service.id)?.of !== condition(service),
    );
  }
}

function condition({ state, container, volume, problem }: Service): string {
  return [state, container?.id, container?.startedAt, volume?.dataDirectory, problem?.code].join(' ');
}
