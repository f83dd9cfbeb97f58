import { createStandIn, inspectWhole, type ContainerConfiguration } from '../../engine/recreate';
import { readExec } from '../../engine/exec';
import type { Engine } from '../../engine/engine';
import { copyVolume } from '../../backup/volume/copy';
import { readRunningFacts, readStoppedFacts } from '../../backup/volume/facts';
import { planVolume, type VolumePlan } from '../../backup/volume/plan';
import { removeThrowaway, throwawayLabels, withThrowaway } from '../../backup/volume/throwaway';
import { unpackCluster } from '../../backup/volume/unpack';
import { freeBytes } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { applicationNamePrefix, withSession } from '../../postgres/session';
import type { PostgresServer } from '../../postgres/server';
import { asFailure, messageOf } from '../../protocol/failure';
import { formatBytes } from '../../protocol/format';
import { readServerFacts } from '../../postgres/catalogue';
import { withCopyFile } from './copyFile';
import { layoutOf, type Layout } from './layout';
import { proveStage, type Finding, type See, type Stage } from './proof';
import type { Recorder } from './recorder';
import { waitForServer } from './sentinel';

export interface CloneRequest {
  readonly engine: Engine;
  /** Of the service; running or not. */
  readonly container: string;
  /** The way into the server as the container's own environment has it. */
  readonly server: Omit<PostgresServer, 'published'>;
  readonly isRunning: boolean;
  readonly dataDirectory: string;
  readonly sentinel: string;
  /** Where the packed copy lies for a moment. */
  readonly folder: string;
}

/** Seconds that a server gets to stop. */
const stopSeconds = 300;
/** How much more than the copy must be free: recovery writes as well, and so do others. */
const spareRoom = 1.2;

/**
 * Tests a stand-in of the service: the same image, environment and command, and mounts that lie to the data directory as those of the
 * original do, without a network. What is on a lasting mount is a copy of the cluster; on anything else a container that is made anew
 * begins with an empty cluster, and so does the stand-in. Nothing of the user's is stopped or written to.
 * Leaves nothing, whatever happens; what a crash leaves is swept with other throwaway containers.
 */
export async function testClone(request: CloneRequest, recorder: Recorder, operation: Operation): Promise<Finding> {
  const { engine, container } = request;
  const original = await inspectWhole(engine, container);
  const { layout, dataDirectory, plan } = await recorder.step('look', 'Looking at the mounts', (see, own) => look(request, see, recorder, own));
  // The volumes are those of a container of ours that does nothing else: they go when that goes.
  return withThrowaway(engine, { image: original.Image, newVolumes: layout.storage }, operation, async (holder) => {
    const { mounts } = await engine.inspect(holder, operation.signal);
    const volumes = mounts.filter(({ destination }) => layout.storage.includes(destination)).flatMap(({ name, destination }) => ({ name, destination }));
    await recorder.step('copy', 'Copying the cluster', (see, own) => fill({ ...request, dataDirectory }, holder, plan, see, own));
    const storage = volumes.flatMap(({ name, destination }) =>
      name === undefined ? [] : { kind: 'volume' as const, source: name, destination, readOnly: false },
    );
    const stage = new CloneStage(request, original, [...layout.others, ...storage], operation);
    try {
      await recorder.step('start', 'Starting the stand-in', (see, own) => stage.start(see, own));
      return await proveStage(stage, request.sentinel, recorder);
    } finally {
      await recorder.step('cleanUp', 'Removing the stand-in', () => stage.end());
    }
  });
}

interface Surroundings {
  readonly layout: Layout;
  readonly dataDirectory: string;
  /** How the cluster is copied; undefined when the stand-in begins with an empty one. */
  readonly plan: VolumePlan | undefined;
}

async function look(request: CloneRequest, see: See, recorder: Recorder, operation: Operation): Promise<Surroundings> {
  const { engine, container, isRunning } = request;
  const dataDirectory = isRunning ? await realDataDirectory(request, operation.signal) : request.dataDirectory;
  const { mounts } = await engine.inspect(container, operation.signal);
  const layout = layoutOf(mounts, dataDirectory);
  see('content', dataDirectory);
  for (const { type, name, source, destination } of mounts) see('mount', `${destination} (${type} ${name ?? source})`);
  if (layout.storage.length === 0) return { layout, dataDirectory, plan: undefined };
  const plan = await planCopy(request, recorder, operation);
  return { layout, dataDirectory, plan };
}

/** Links followed, as the mounts are. */
async function realDataDirectory({ engine, container, server }: CloneRequest, signal: AbortSignal): Promise<string> {
  const { dataDirectory } = await withSession({ ...server, container }, server.maintenanceDatabase, { signal }, readServerFacts);
  const { exitCode, stdout } = await readExec(engine, { container, argv: ['readlink', '-f', '--', dataDirectory] }, signal);
  return exitCode === 0 && stdout.trim() !== '' ? stdout.trim() : dataDirectory;
}

/** How the cluster can be copied without stopping anything; undefined, with a remark, where it cannot. */
async function planCopy(request: CloneRequest, recorder: Recorder, operation: Operation): Promise<VolumePlan | undefined> {
  const { engine, container, server, isRunning, dataDirectory, folder } = request;
  try {
    const facts = isRunning ? await readRunningFacts({ ...server, container }, operation) : await readStoppedFacts(engine, container, dataDirectory, operation);
    const plan = planVolume(facts, isRunning ? 'live' : 'stopped');
    const free = Math.min((await freeBytes(folder)) ?? Infinity, isRunning ? await freeInEngine(request, facts.dataDirectory) : Infinity);
    if (free > plan.dataBytes * spareRoom) return plan;
    recorder.note(`There is too little space for a copy of ${formatBytes(plan.dataBytes)}; the stand-in began with an empty cluster.`);
  } catch (error) {
    throwIfCancelled(operation);
    recorder.note(`The cluster could not be copied (${asFailure(error).message}); the stand-in began with an empty one.`);
  }
  return undefined;
}

async function freeInEngine({ engine, container }: CloneRequest, dataDirectory: string): Promise<number> {
  const { stdout } = await readExec(engine, { container, argv: ['df', '-Pk', dataDirectory] });
  const kilobytes = Number(stdout.trim().split('\n').at(-1)?.split(/\s+/)[3] ?? Number.NaN);
  return Number.isFinite(kilobytes) ? kilobytes * 1024 : Infinity;
}

/** Puts a copy of the cluster where the stand-in will find it. */
async function fill(request: CloneRequest, holder: string, plan: VolumePlan | undefined, see: See, operation: Operation): Promise<void> {
  const { engine, container, server, isRunning, dataDirectory, folder, sentinel } = request;
  if (plan === undefined) return see('content', 'an empty cluster, which the image makes by itself');
  await withCopyFile(folder, async (file, write, finish) => {
    const { name } = await engine.inspect(container, operation.signal);
    const copy = {
      engine,
      container: { id: container, name },
      ...(isRunning ? { server: { ...server, container } } : {}),
      dependents: [],
      remember: async () => undefined, // nothing is stopped
      applicationName: `${applicationNamePrefix}:${sentinel.slice(-8)}`,
    };
    const receipt = await copyVolume(plan, copy, write, operation);
    await finish();
    see('size', formatBytes(plan.dataBytes));
    see('checksum', `sha256 ${receipt.sha256}`);
    await unpackCluster(engine, holder, { path: file, ...receipt, dataBytes: plan.dataBytes }, dataDirectory, operation);
  });
}

/** The stand-in: a container after the other, on the same volumes. */
class CloneStage implements Stage {
  private container: string | undefined;

  constructor(
    private readonly request: CloneRequest,
    private readonly original: ContainerConfiguration,
    private readonly mounts: Parameters<typeof createStandIn>[2]['mounts'],
    private readonly operation: Operation,
  ) {}

  server(): PostgresServer {
    const { engine, server } = this.request;
    return { ...server, engine, container: this.container ?? '' };
  }

  async start(see: See, operation: Operation): Promise<void> {
    const { engine } = this.request;
    const lent = this.mounts.flatMap((mount) => (mount.kind === 'volume' ? mount.source : []));
    this.container = await createStandIn(engine, this.original, { labels: throwawayLabels(lent), mounts: this.mounts });
    see('container', this.container);
    await engine.start(this.container);
    await waitForServer(engine, this.server(), operation);
  }

  async restart(see: See, operation: Operation): Promise<void> {
    const { engine } = this.request;
    see('container', this.container ?? '');
    await engine.restart(this.container ?? '', stopSeconds);
    await waitForServer(engine, this.server(), operation);
  }

  async recreate(see: See, operation: Operation): Promise<void> {
    await this.request.engine.stop(this.container ?? '', stopSeconds);
    await this.end();
    await this.start(see, operation);
  }

  async end(): Promise<void> {
    const { container } = this;
    if (container === undefined) return;
    await removeThrowaway(this.request.engine, container).catch((error: unknown) =>
      this.operation.log.warn(`The container ${container.slice(0, 12)} was left to the next start: ${messageOf(error)}`),
    );
    this.container = undefined;
  }
}
