import { hostname } from 'node:os';
import type { Backups } from '../../backup/backups';
import type { HaltedStore } from '../../backup/volume/halted';
import type { ContainerInspection } from '../../engine/containers';
import { removeVolume } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { inspectAll } from '../../operations/volumeUsers';
import { identifier } from '../../postgres/quote';
import { withSession } from '../../postgres/session';
import { Failure } from '../../protocol/failure';
import { composeFor, type RunCompose } from './composeRun';
import { backUpLosses } from './guardBackups';
import { planGuard, type GuardedAction, type GuardedService, type GuardPlan } from './guardPlan';
import { productionSign } from './production';
import { anonymousVolumes, containersOfProject, downByLabel, emptyDataDirectory, removeContainers, volumesOfProject } from './removal';
import { whileStopped } from './whileStopped';

/** What is to be destroyed. */
export type GuardTarget =
  | { readonly action: 'down' | 'down with volumes' | 'reset'; readonly project: Project }
  | { readonly action: 'remove volume'; readonly project: Project; readonly service: Service }
  | { readonly action: 'drop database'; readonly project: Project; readonly service: Service; readonly database: string };

export interface GuardWishes {
  /** What the user typed, where the plan wants that. */
  readonly typed?: string;
  /** Where the backups go. */
  readonly folder?: string;
}

export interface GuardResult {
  readonly action: GuardedAction;
  /** The files of the backups that were made before. */
  readonly backups: readonly string[];
}

/** Destroys nothing of which there is no verified backup that was made just before. */
export class Guards {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly halted: HaltedStore,
  ) {}

  /** Decides what would be lost and how it is backed up, without doing any of it. Throws `GUARD_REFUSED`, `SERVICE_NOT_CREATED`. */
  async plan(target: GuardTarget): Promise<GuardPlan> {
    const { engine, all, project } = await this.surroundings(target);
    const removed = this.containersOf(target, all);
    const ofProject = await volumesOfProject(engine, project.name);
    const services = 'service' in target ? [target.service] : project.services.filter(({ container }) => container !== undefined);
    const guarded = await Promise.all(services.map((service) => this.describe(target, service, all, ofProject)));
    const withVolumes = target.action === 'down with volumes' || target.action === 'reset';
    const known = new Set(services.flatMap(({ volume }) => volume?.name ?? []));
    const env = Object.assign({}, ...containersOfProject(all, project.name).map((container) => container.env)) as Readonly<Record<string, string>>;
    return planGuard({
      action: target.action,
      project: project.name,
      services: 'database' in target ? guarded.map((each) => ({ ...each, databases: each.databases.filter(({ name }) => name === target.database) })) : guarded,
      ...('database' in target ? { database: target.database } : {}),
      containers: removed.map(({ name }) => name),
      otherVolumes: withVolumes ? [...ofProject, ...anonymousVolumes(removed)].filter((name) => !known.has(name)) : [],
      production: productionSign({ names: [project.name, ...services.map(({ name }) => name), ...project.configFiles.map(fileName)], env }),
      compose: (await this.composeOf(project, all)) !== undefined,
      insideOne: removed.some(({ id }) => id.startsWith(hostname()) && hostname().length >= 12),
    });
  }

  /**
   * Backs up, and then does it. When a backup cannot be made or is not proven, nothing is removed, and what was stopped
   * runs again. Throws `CONFIRMATION_MISSING`, `BACKUP_UNPROVEN`, and what backing up and removing throw.
   */
  async run(plan: GuardPlan, target: GuardTarget, wishes: GuardWishes, operation: Operation): Promise<GuardResult> {
    if (plan.typed !== undefined && wishes.typed !== plan.typed) {
      throw new Failure('CONFIRMATION_MISSING', `This looks like production (${plan.production ?? ''}).`, `Confirm it by its name, "${plan.typed}".`);
    }
    const steady: Operation = { signal: new AbortController().signal, log: operation.log, report: (progress) => operation.report(progress) };
    const backups = await this.whileQuiet(plan, target, operation, async (committed) => {
      const made = await backUpLosses(plan, { keeper: this.keeper, backups: this.backups }, target.project, wishes, operation);
      // From here on it is to go: whatever happens, nobody starts again what was stopped for it.
      await committed();
      await this.destroy(target, steady);
      return made;
    });
    await this.keeper.refresh();
    return { action: plan.action, backups: backups.map(({ file }) => file) };
  }

  /** Stops what uses the data where the plan wants that, so that the backup holds the last row. */
  private async whileQuiet<T>(plan: GuardPlan, target: GuardTarget, operation: Operation, work: (committed: () => Promise<void>) => Promise<T>): Promise<T> {
    if (!plan.losses.some(({ backup }) => backup === 'quiet')) return work(async () => undefined);
    const { engine, all, project, endpointId } = await this.surroundings(target);
    const running = project.services.filter(({ state }) => state === 'running').map((service) => this.keeper.serverOf(service));
    return whileStopped(
      { engine, endpointId, project: project.name, containers: this.containersOf(target, all), servers: running, halted: this.halted },
      operation,
      async (committed) => {
        await this.keeper.refresh();
        return work(committed);
      },
    );
  }

  private async describe(target: GuardTarget, service: Service, all: readonly ContainerInspection[], ofProject: readonly string[]): Promise<GuardedService> {
    const { volume, databases, container } = service;
    const newest = (await this.backups.list(target.project).catch(() => [])).find(
      ({ manifest }) =>
        manifest?.service === service.name &&
        (manifest.verified === 'read' || manifest.verified === 'restored') &&
        (target.action !== 'drop database' || manifest.format === 'volume' || manifest.database === target.database),
    );
    return {
      service: service.name,
      state: service.state,
      volume,
      ofProject: volume?.name !== undefined && ofProject.includes(volume.name),
      vanishes: all.find(({ id }) => id === container?.id)?.vanishes === true,
      databases: databases.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
      ...(newest === undefined ? {} : { newestBackup: { file: newest.file, finishedAt: newest.finishedAt } }),
    };
  }

  private async destroy(target: GuardTarget, operation: Operation): Promise<void> {
    operation.report({ message: 'Removing' });
    const { engine, all, project } = await this.surroundings(target);
    switch (target.action) {
      case 'drop database':
        return this.dropDatabase(target.service, target.database);
      case 'remove volume':
        return this.removeVolumeOf(engine, target, all, operation);
      default: {
        const compose = await this.composeOf(project, all);
        await this.down(engine, target, all, compose, operation);
        if (target.action === 'reset') await compose?.(['up', '-d'], operation);
      }
    }
  }

  private async down(
    engine: Engine,
    target: GuardTarget,
    all: readonly ContainerInspection[],
    compose: RunCompose | undefined,
    operation: Operation,
  ): Promise<void> {
    const { name } = target.project;
    const volumes = target.action !== 'down';
    if (compose !== undefined) return compose(['down', ...(volumes ? ['--volumes'] : [])], operation);
    const containers = this.containersOf(target, all);
    await downByLabel(engine, name, containers, volumes ? [...(await volumesOfProject(engine, name)), ...anonymousVolumes(containers)] : []);
  }

  private async removeVolumeOf(
    engine: Engine,
    { service }: GuardTarget & { readonly action: 'remove volume' },
    all: readonly ContainerInspection[],
    operation: Operation,
  ): Promise<void> {
    const { volume, container } = service;
    const own = all.find(({ id }) => id === container?.id);
    if (volume?.kind === 'bind' && own !== undefined) return emptyDataDirectory(engine, own, volume.dataDirectory, operation);
    if (volume?.name === undefined) throw new Failure('VOLUME_IMPOSSIBLE', `${service.name} has no volume of its own.`, 'Take its project down instead.');
    await removeContainers(engine, this.usersOf(volume.name, all));
    await removeVolume(engine, volume.name);
  }

  private async dropDatabase(service: Service, database: string): Promise<void> {
    const server = this.keeper.serverOf(service);
    const from = database === server.maintenanceDatabase ? 'template1' : server.maintenanceDatabase;
    await withSession(server, from, {}, (session) => session.execute(`DROP DATABASE ${identifier(database)} WITH (FORCE)`));
  }

  /** The containers that go: those of the project, or those that use the volume. */
  private containersOf(target: GuardTarget, all: readonly ContainerInspection[]): readonly ContainerInspection[] {
    if (target.action === 'drop database') return [];
    if (target.action !== 'remove volume') return containersOfProject(all, target.project.name);
    const { volume } = target.service;
    return this.usersOf(volume?.name ?? volume?.source ?? '', all);
  }

  private usersOf(nameOrSource: string, all: readonly ContainerInspection[]): readonly ContainerInspection[] {
    return all.filter(({ mounts }) => mounts.some(({ name, source }) => name === nameOrSource || source === nameOrSource));
  }

  private async composeOf(project: Project, all: readonly ContainerInspection[]): Promise<RunCompose | undefined> {
    const endpoint = this.keeper.current.endpoints.find(({ id }) => id === project.endpointId);
    return endpoint === undefined ? undefined : composeFor(project, endpoint, all);
  }

  private async surroundings(target: GuardTarget) {
    const { project } = target;
    const endpointId = 'service' in target ? this.keeper.containerOf(target.service).endpointId : project.endpointId;
    if (endpointId === undefined) throw new Failure('SERVICE_NOT_CREATED', `Nothing of ${project.name} was ever created.`, 'There is nothing to remove.');
    const engine = this.keeper.engineOf(endpointId);
    return { engine, endpointId, project, all: await inspectAll(engine) };
  }
}

function fileName(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}
