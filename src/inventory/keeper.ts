import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { explainConnectError } from '../engine/connectError';
import type { EndpointAddress, EndpointCandidate, EndpointFindings, InvalidEndpoint } from '../engine/endpoint';
import { Engine, type EngineEvent } from '../engine/engine';
import type { Logger } from '../protocol/logger';
import type { PostgresServer } from '../postgres/server';
import { asFailure, Failure, messageOf } from '../protocol/failure';
import { assembleInventory, type EndpointAnswer } from './assemble';
import { readProjectFiles, readWrittenProjects, type WrittenProject } from './composeProjects';
import type { Inventory, Service, ServiceContainer } from './model';
import { readEndpoint } from './readEndpoint';

/** What the keeper asks its surroundings for; each time anew, since settings and folders change. */
export interface InventorySources {
  readonly endpoints: () => Promise<EndpointFindings>;
  readonly folders: () => readonly string[];
  /** Whether a project is looked at; all of them when left out. */
  readonly isWanted?: (project: string) => boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** Makes the way to an engine; another one in tests. */
  readonly engineFor?: (address: EndpointAddress) => Engine;
}

// What changes the picture. The exec events of health checks and of our own work do not, and come by the second.
const relevantActions = /^(create|start|stop|die|destroy|remove|rename|pause|unpause|restart|died|cleanup|init|prune|health_status.*)$/;
/** Milliseconds to wait for more events before reading anew: Compose changes several containers at once. */
const settleTime = 200;
/** Milliseconds until a server that is starting, or an engine that was lost, is looked at again. */
const retryTime = 1000;
const lostEngineTime = 5000;

/** Holds the newest inventory and renews it: on demand, and from the events of the engines while it watches. */
export class InventoryKeeper {
  private inventory: Inventory = { endpoints: [], projects: [] };
  private readonly engines = new Map<string, Engine>();
  private servers: ReadonlyMap<string, PostgresServer> = new Map();
  private readonly listeners = new Set<(inventory: Inventory) => void>();
  private running: Promise<Inventory> | undefined;
  private next: Promise<Inventory> | undefined;

  constructor(private readonly sources: InventorySources) {}

  get current(): Inventory {
    return this.inventory;
  }

  /** Calls back when what is known has really changed. Gives the function that ends it. */
  onChange(listener: (inventory: Inventory) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Reads everything anew. A call during another one leads to exactly one more reading, which it waits for. */
  refresh(): Promise<Inventory> {
    if (this.running === undefined) {
      this.running = this.read().finally(() => (this.running = undefined));
      return this.running;
    }
    this.next ??= this.running.then(
      () => this.startNext(),
      () => this.startNext(),
    );
    return this.next;
  }

  /** The way into a service's server. Throws `SERVICE_NOT_RUNNING`. */
  serverOf(service: Service): PostgresServer {
    const server = this.servers.get(service.id);
    if (server === undefined || service.container === undefined || service.state === 'stopped' || service.state === 'not created') {
      throw new Failure('SERVICE_NOT_RUNNING', `The service ${service.projectName}/${service.name} is not running.`, 'Start it, then try again.');
    }
    return server;
  }

  /** The way into a service's server for when its container runs, whether or not it does now. Throws `SERVICE_NOT_CREATED`. */
  serverOnceRunning(service: Service): PostgresServer {
    const server = this.servers.get(service.id);
    if (server !== undefined) return server;
    throw new Failure('SERVICE_NOT_CREATED', `The service ${service.projectName}/${service.name} has no container yet.`, 'Start it, then try again.');
  }

  /** Throws `SERVICE_NOT_CREATED`. */
  containerOf(service: Service): ServiceContainer {
    if (service.container !== undefined) return service.container;
    throw new Failure('SERVICE_NOT_CREATED', `The service ${service.projectName}/${service.name} has no container yet.`, 'Start it, then try again.');
  }

  /** Throws `ENDPOINT_UNKNOWN`. */
  engineOf(endpointId: string): Engine {
    const engine = this.engines.get(endpointId);
    if (engine !== undefined) return engine;
    throw new Failure('ENDPOINT_UNKNOWN', `There is no endpoint ${endpointId}.`, 'Refresh, or check the endpoint in the settings.');
  }

  /** Follows the engines until the signal; reads anew when something changes that matters. Never throws. */
  async watch(signal: AbortSignal): Promise<void> {
    const followed = new Map<string, Promise<void>>();
    let since = Math.floor(Date.now() / 1000);
    while (!signal.aborted) {
      this.isStale = false;
      const inventory = await this.refresh();
      for (const { id, state } of inventory.endpoints) {
        if (state !== 'connected' || followed.has(id)) continue;
        followed.set(
          id,
          this.follow(id, since, signal).finally(() => followed.delete(id)),
        );
      }
      await this.nextReasonToLook(inventory, signal);
      since = Math.floor(Date.now() / 1000);
    }
  }

  private wake: (() => void) | undefined;
  /** Whether something changed since the last reading was begun; it may have come too late for that one. */
  private isStale = false;

  private lookAgain(): void {
    this.isStale = true;
    this.wake?.();
  }

  private nextReasonToLook(inventory: Inventory, signal: AbortSignal): Promise<void> {
    const services = inventory.projects.flatMap((project) => project.services);
    const starting = services.some(({ state }) => state === 'starting' || state === 'restarting');
    const lost = inventory.endpoints.length === 0 || inventory.endpoints.some(({ state }) => state === 'failed');
    return new Promise((resolve) => {
      const timer = starting ? setTimeout(done, retryTime) : lost ? setTimeout(done, lostEngineTime) : undefined;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      this.wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted || this.isStale) done();
    });
  }

  /** Reads one engine's events until they end, as they do when the engine stops; that too is a reason to look. */
  private async follow(endpointId: string, since: number, signal: AbortSignal): Promise<void> {
    let settling: NodeJS.Timeout | undefined;
    try {
      for await (const event of this.engineOf(endpointId).events({ since, signal })) {
        if (!isRelevant(event)) continue;
        clearTimeout(settling);
        settling = setTimeout(() => this.lookAgain(), settleTime);
      }
    } catch (error) {
      if (!signal.aborted) this.sources.log.info(`The events of ${endpointId} ended: ${messageOf(error)}`);
    }
    clearTimeout(settling);
    // An engine that refuses its events, or ends them at once, must not be asked without end.
    await pause(retryTime, undefined, { signal }).catch(() => undefined);
    this.lookAgain();
  }

  private startNext(): Promise<Inventory> {
    this.next = undefined;
    return this.refresh();
  }

  private async read(): Promise<Inventory> {
    const folders = this.sources.folders();
    const [{ candidates, invalid }, found] = await Promise.all([this.sources.endpoints(), readWrittenProjects(folders, this.sources.environment)]);
    const inWorkspace = found.filter(({ name }) => this.isWanted(name));
    const answered = await Promise.all(candidates.map((candidate) => this.ask(candidate)));
    const answers = [...invalid.map(unusable), ...answered];
    const written = [...inWorkspace, ...(await this.readLabelled(answers, inWorkspace))];
    const servers = answers.flatMap(({ findings }) => findings?.services ?? []).map(({ service, server }) => [service.id, server] as const);
    this.servers = new Map(servers);
    this.replace(assembleInventory(answers, written, folders));
    return this.inventory;
  }

  private async ask(candidate: EndpointCandidate): Promise<EndpointAnswer> {
    const view = { id: candidate.id, name: candidate.name, source: candidate.source };
    try {
      const engine = this.engines.get(candidate.id) ?? this.sources.engineFor?.(candidate.address) ?? new Engine(candidate.address);
      this.engines.set(candidate.id, engine);
      const { engine: kind, version } = await engine.version();
      const findings = await readEndpoint(engine, candidate.id, new AbortController().signal, (project) => this.isWanted(project));
      return { view: { ...view, state: 'connected', engine: kind, version }, findings };
    } catch (error) {
      this.engines.delete(candidate.id);
      const { code, message, remedy } = explainConnectError(error, candidate, process.platform);
      // Asked again every few seconds while it is watched; only news is worth a line.
      const known = this.inventory.endpoints.find(({ id }) => id === candidate.id)?.problem;
      if (known?.message !== message) this.sources.log.warn(`${candidate.name}: ${message} (${code})`);
      return { view: { ...view, state: 'failed', problem: { code, message, remedy } } };
    }
  }

  private isWanted(project: string): boolean {
    return this.sources.isWanted?.(project) ?? true;
  }

  /** The Compose files of projects that run but do not lie in the workspace, where they are on this host. */
  private async readLabelled(answers: readonly EndpointAnswer[], known: readonly WrittenProject[]): Promise<readonly WrittenProject[]> {
    const origins = new Map(
      answers
        .flatMap(({ findings }) => findings?.services ?? [])
        .flatMap(({ placed: { origin } }) => (origin?.workingDir === undefined ? [] : [[origin.project, origin] as const])),
    );
    const unknown = [...origins.values()].filter(({ project }) => !known.some(({ name }) => name === project));
    const read = unknown.map(async ({ configFiles, workingDir = '', project }) => {
      const found = await readProjectFiles(configFiles, workingDir, this.sources.environment);
      return found === undefined ? undefined : { ...found, name: project };
    });
    return (await Promise.all(read)).filter((project) => project !== undefined);
  }

  private replace(inventory: Inventory): void {
    if (isDeepStrictEqual(inventory, this.inventory)) return;
    this.inventory = inventory;
    for (const listener of this.listeners) {
      try {
        listener(inventory);
      } catch (error) {
        this.sources.log.error(`A view could not show what changed: ${asFailure(error).stack ?? messageOf(error)}`);
      }
    }
  }
}

/** An endpoint that was named in a way that nobody can connect to. */
function unusable({ name, source, code, message, remedy }: InvalidEndpoint): EndpointAnswer {
  return { view: { id: name, name, source, state: 'failed', problem: { code, message, remedy } } };
}

function isRelevant({ type, action }: EngineEvent): boolean {
  return (type === 'container' || type === 'volume') && relevantActions.test(action);
}
