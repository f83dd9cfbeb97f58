import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Backup } from '../../backup/catalogue';
import { haltAll, type HaltedContainer } from '../../backup/volume/halt';
import { removeContainer } from '../../engine/create';
import type { Engine } from '../../engine/engine';
import { inspectWhole, nameOf, recreate, type ContainerConfiguration } from '../../engine/recreate';
import type { Service, Volume } from '../../inventory/model';
import type { EntryStore } from '../../operations/entryStore';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import type { PostgresServer } from '../../postgres/server';
import { Failure, messageOf } from '../../protocol/failure';
import { formatBytes } from '../../protocol/format';
import type { RunCompose } from '../volumes/composeRun';
import type { SmokeEntry } from './journal';
import { proveStage, type Finding, type See, type Stage } from './proof';
import { isAlike, presentContainer, putBack } from './putBack';
import type { Recorder } from './recorder';
import { dropSentinel, waitForServer } from './sentinel';

export interface RealRequest {
  readonly engine: Engine;
  readonly endpointId: string;
  readonly service: Service;
  readonly server: PostgresServer;
  readonly sentinel: string;
  readonly journal: EntryStore<SmokeEntry>;
  /** What runs and uses the server, in the order in which it starts. */
  readonly dependents: readonly HaltedContainer[];
  /** Makes the container by the user's own Compose; undefined where its files are not at hand. */
  readonly compose: RunCompose | undefined;
  readonly backUp: (operation: Operation) => Promise<Backup>;
}

/** Refuses the real service where stopping it, or making it anew, would cost data. Throws `SMOKE_WOULD_LOSE`. */
export function refuseLoss(volume: Volume | undefined, vanishes: boolean): void {
  if (!vanishes && (volume?.kind === 'named' || volume?.kind === 'bind')) return;
  const why = vanishes ? 'the engine removes the container when it stops (--rm)' : `its data lies in ${volume?.kind ?? 'an unknown place'}`;
  throw new Failure(
    'SMOKE_WOULD_LOSE',
    `The service itself is not tested: ${why}, and would be gone.`,
    'Test a clone (without --real), and give the service a named volume.',
  );
}

/**
 * Tests the service itself: after a verified backup its dependents are stopped, it is restarted, removed and made anew. Whatever
 * happens, it is put back as it was, and what ran runs again; after a crash the next start does that, by the journal.
 * Throws what the backup throws, and `NOT_RESTARTED`.
 */
export async function testReal(request: RealRequest, recorder: Recorder): Promise<Finding> {
  const { engine, server, service, sentinel, journal, dependents } = request;
  const configuration = await recorder.step('look', 'Looking at the service', async (see) => {
    const found = await inspectWhole(engine, server.container);
    refuseLoss(service.volume, found.HostConfig['AutoRemove'] === true);
    see('container', found.Id);
    for (const { Type, Name, Source, Destination } of found.Mounts) see('mount', `${Destination} (${Type} ${Name || (Source ?? '')})`);
    see('services', dependents.map(({ name }) => name).join(', ') || 'none');
    return found;
  });
  await recorder.step('backUp', 'Making a verified backup', async (see, own) => {
    const { file, sizeBytes, manifest } = await request.backUp(own);
    if (manifest?.verified !== 'restored') throw unproven(file);
    see('backup', `${file} (${formatBytes(sizeBytes)}, ${manifest.verified})`);
  });
  const entry: SmokeEntry = {
    schemaVersion: 1,
    id: randomUUID(),
    endpointId: request.endpointId,
    project: service.projectName,
    service: service.name,
    configuration,
    halted: [{ id: configuration.Id, name: nameOf(configuration) }, ...dependents.map(({ id, name }) => ({ id, name }))],
    sentinel,
    process: { host: hostname(), pid: process.pid },
    since: new Date().toISOString(),
  };
  await journal.write(entry);
  try {
    return await proveStage(new RealStage(request, configuration, recorder), sentinel, recorder);
  } finally {
    await recorder.step('cleanUp', 'Putting all back', () => restoreAll(engine, entry, server, journal));
  }
}

/** Leaves the service as the entry has it, and forgets the entry. */
export async function restoreAll(engine: Engine, entry: SmokeEntry, server: PostgresServer, journal: EntryStore<SmokeEntry>): Promise<void> {
  const present = { ...server, container: nameOf(entry.configuration) };
  await putBack(engine, entry, present);
  await dropSentinel(present, entry.sentinel);
  await journal.remove(entry.id);
}

function unproven(file: string): Failure {
  return new Failure(
    'BACKUP_UNPROVEN',
    `The safety backup ${file} could not be proven, since it is encrypted for somebody else.`,
    'Test a clone (without --real), or back up without encryption.',
  );
}

/** Milliseconds that Compose may take to make one container, without starting it or fetching anything. */
const composeLimit = 180_000;

class RealStage implements Stage {
  private container: string;
  /** The dependents are stopped once, before the first restart, and stay so. */
  private running: readonly HaltedContainer[];

  constructor(
    private readonly request: RealRequest,
    private readonly original: ContainerConfiguration,
    private readonly recorder: Recorder,
  ) {
    this.container = original.Id;
    this.running = request.dependents;
  }

  server(): PostgresServer {
    const { published: _, ...server } = this.request.server;
    return { ...server, container: this.container };
  }

  async restart(see: See, operation: Operation): Promise<void> {
    see('services', this.running.map(({ name }) => name).join(', ') || 'none');
    await this.halt(operation);
    await this.start(see, operation);
  }

  async recreate(see: See, operation: Operation): Promise<void> {
    const { engine } = this.request;
    await this.halt(operation);
    await removeContainer(engine, this.container);
    this.container = await this.create(see, operation);
    await this.start(see, operation);
  }

  private async halt(operation: Operation): Promise<void> {
    await haltAll(this.server(), this.running, operation);
    this.running = [];
  }

  private async start(see: See, operation: Operation): Promise<void> {
    const { engine } = this.request;
    see('container', this.container);
    await engine.start(this.container);
    await waitForServer(engine, this.server(), operation);
  }

  /** By Compose where that makes the same; a container that would run on other data is not even started. */
  private async create(see: See, operation: Operation): Promise<string> {
    const { engine, compose } = this.request;
    if (compose === undefined) return recreate(engine, this.original);
    const problem = await this.runCompose(compose, operation);
    throwIfCancelled(operation); // a step that was given up makes nothing any more
    const made = await presentContainer(engine, this.original);
    if (made !== undefined && isAlike(made, this.original)) {
      see('compose', composeWords(this.request.service.name).join(' '));
      return made.Id;
    }
    this.recorder.note(
      problem ?? 'Compose would make the container otherwise today than it was: compare its files, and the environment that it was started with.',
    );
    if (made !== undefined) await removeContainer(engine, made.Id);
    return recreate(engine, this.original);
  }

  /** Gives why it could not; undefined when it was made. */
  private async runCompose(compose: RunCompose, operation: Operation): Promise<string | undefined> {
    try {
      await compose(composeWords(this.request.service.name), operation, composeLimit);
      return undefined;
    } catch (error) {
      return `${messageOf(error)} The container was made from what it was.`;
    }
  }
}

/** Makes the container without starting it; builds nothing, and touches nothing that the service depends on. */
function composeWords(service: string): readonly string[] {
  return ['up', '--no-start', '--no-deps', '--no-build', service];
}
