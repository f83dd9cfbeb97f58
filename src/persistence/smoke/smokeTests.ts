import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Backups } from '../../backup/backups';
import { runningContainers, type HaltedContainer } from '../../backup/volume/halt';
import { isAbandoned } from '../../backup/volume/recoverVolumes';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import { EntryStore } from '../../operations/entryStore';
import { findDependents } from '../../operations/dependents';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { withSession } from '../../postgres/session';
import { asFailure, Failure } from '../../protocol/failure';
import type { SmokeReport, SmokeWay } from '../../protocol/smokeReport';
import { testClone } from './clone';
import { composeFor } from '../volumes/composeRun';
import { sweepCopyFiles } from './copyFile';
import { smokeEntrySchema, type SmokeEntry } from './journal';
import type { Finding } from './proof';
import { putBack } from './putBack';
import { refuseLoss, restoreAll, testReal } from './real';
import { Recorder } from './recorder';
import { SmokeResults } from './results';
import { sentinelName } from './sentinel';

export interface ServicePlace {
  readonly project: Project;
  readonly service: Service;
}

export interface SmokeWishes {
  readonly way: SmokeWay;
  /** Where the safety backup goes. */
  readonly folder?: string;
  /** Is told of every change of the report. */
  readonly onReport?: (report: SmokeReport) => void;
}

/** Persistence smoke tests, the last result of each, and what crashes left of them. */
export class SmokeTests {
  private readonly journal: EntryStore<SmokeEntry>;
  private readonly results: SmokeResults;

  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    /** For journals, results and passing copies. */
    private readonly folder: string,
  ) {
    this.journal = new EntryStore(path.join(folder, 'journal'), smokeEntrySchema);
    this.results = new SmokeResults(path.join(folder, 'results'));
  }

  /** What is stopped for a test of the service itself, in the order in which it starts. Throws `SMOKE_WOULD_LOSE`, `SERVICE_NOT_RUNNING`. */
  async planReal({ service }: ServicePlace): Promise<readonly HaltedContainer[]> {
    const server = this.keeper.serverOf(service);
    const { vanishes = false } = await server.engine.inspect(server.container);
    refuseLoss(service.volume, vanishes);
    const dependents = await withSession(server, server.maintenanceDatabase, {}, (session) => findDependents(server.engine, service, session));
    return runningContainers(
      server.engine,
      service.projectName,
      dependents.map((dependent) => dependent.service),
    );
  }

  /**
   * Tests whether data of a service outlives a restart and a new container, and keeps the report. A finding of loss is a report, not an
   * error; so is a test that could not be done to its end. Throws `CANCELLED`, `SMOKE_WOULD_LOSE`, `SERVICE_NOT_RUNNING`.
   */
  async run(place: ServicePlace, { way, folder, onReport }: SmokeWishes, operation: Operation): Promise<SmokeReport> {
    const { service } = place;
    const { endpointId, image } = this.keeper.containerOf(service);
    const { dataDirectory = '', kind = 'unknown', sizeBytes: _, ...volume } = service.volume ?? {};
    const dependents = way === 'real' ? await this.planReal(place) : [];
    const startedAt = new Date().toISOString();
    const facts = { id: randomUUID(), endpointId, project: service.projectName, service: service.name, way, startedAt, image, dataDirectory };
    const recorder = new Recorder({ ...facts, volume: { kind, ...volume } }, operation, onReport ?? (() => undefined));
    const finding = await this.find(place, { way, dependents, ...(folder === undefined ? {} : { folder }) }, recorder, operation).catch((error: unknown) => {
      recorder.end('failed', { error }); // whoever follows it sees the end; a test that was cancelled is not kept
      throw error;
    });
    const report = recorder.end(finding.verdict, finding);
    await this.results.keep(report);
    return report;
  }

  /** The last report; undefined when there is none. */
  async last({ service }: ServicePlace): Promise<SmokeReport | undefined> {
    const endpointId = service.container?.endpointId;
    return endpointId === undefined ? undefined : this.results.last({ endpointId, project: service.projectName, service: service.name });
  }

  /** Puts services back as they were that a killed test left otherwise. Gives a sentence for each. Never throws: what fails is tried again. */
  async recover(): Promise<readonly string[]> {
    const sentences: string[] = [];
    await sweepCopyFiles(this.copies).catch(() => undefined);
    for (const entry of (await this.journal.entries().catch(() => [])).filter(isAbandoned)) {
      const name = `${entry.project}/${entry.service}`;
      try {
        if (await this.recoverEntry(entry)) sentences.push(`${name}, which an interrupted persistence test had changed, is as it was.`);
      } catch (error) {
        sentences.push(`${name}, which an interrupted persistence test had changed, could not be put back: ${asFailure(error).message}`);
      }
    }
    return sentences;
  }

  private get copies(): string {
    return path.join(this.folder, 'copies');
  }

  /** Gives whether it could be done now. */
  private async recoverEntry(entry: SmokeEntry): Promise<boolean> {
    const { endpointId, project, service: name } = entry;
    if (!this.keeper.current.endpoints.some(({ id, state }) => id === endpointId && state === 'connected')) return false;
    const engine = this.keeper.engineOf(endpointId);
    await putBack(engine, entry);
    const inventory = await this.keeper.refresh();
    const service = inventory.projects
      .flatMap(({ services }) => services)
      .find((each) => each.projectName === project && each.name === name && each.container?.endpointId === endpointId);
    if (service === undefined) throw new Failure('SERVICE_MISSING', 'the service is not found', 'Start it with Compose.');
    await restoreAll(engine, entry, this.keeper.serverOnceRunning(service), this.journal);
    return true;
  }

  /** What was found; what went wrong is a finding too, unless the user wanted it so. */
  private async find(
    place: ServicePlace,
    wishes: { readonly way: SmokeWay; readonly dependents: readonly HaltedContainer[]; readonly folder?: string },
    recorder: Recorder,
    operation: Operation,
  ): Promise<Finding> {
    try {
      return await (wishes.way === 'clone' ? this.clone(place, recorder, operation) : this.real(place, wishes, recorder, operation));
    } catch (error) {
      throwIfCancelled(operation);
      return { verdict: 'failed', error };
    }
  }

  private async clone({ service }: ServicePlace, recorder: Recorder, operation: Operation): Promise<Finding> {
    const container = this.keeper.containerOf(service);
    const { published: _, ...server } = this.keeper.serverOnceRunning(service);
    const isRunning = service.state === 'running';
    return testClone(
      {
        engine: server.engine,
        container: container.id,
        server,
        isRunning,
        dataDirectory: service.volume?.dataDirectory ?? '',
        sentinel: sentinelName(),
        folder: this.copies,
      },
      recorder,
      operation,
    );
  }

  private async real(
    place: ServicePlace,
    { dependents, folder }: { readonly dependents: readonly HaltedContainer[]; readonly folder?: string },
    recorder: Recorder,
    operation: Operation,
  ): Promise<Finding> {
    const { project, service } = place;
    const { endpointId } = this.keeper.containerOf(service);
    const endpoint = this.keeper.current.endpoints.find(({ id }) => id === endpointId);
    const server = this.keeper.serverOf(service);
    const inspection = await server.engine.inspect(server.container, operation.signal);
    const request = {
      engine: server.engine,
      endpointId,
      service,
      server,
      sentinel: sentinelName(),
      journal: this.journal,
      dependents,
      compose: endpoint === undefined ? undefined : await composeFor(project, endpoint, [inspection]),
      backUp: (own: Operation) => this.backups.backUpVolume(place, { mode: 'auto', reason: 'safety', ...(folder === undefined ? {} : { folder }) }, own),
    };
    return testReal(request, recorder);
  }
}
