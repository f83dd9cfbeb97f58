import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { copyVolume } from '../../../src/backup/volume/copy';
import { readRunningFacts } from '../../../src/backup/volume/facts';
import type { HaltedContainer } from '../../../src/backup/volume/halt';
import { planVolume, type VolumeMode, type VolumePlan } from '../../../src/backup/volume/plan';
import { proveVolume, type ProofRequest, type VolumeProof } from '../../../src/backup/volume/prove';
import type { VolumeReceipt } from '../../../src/backup/volume/stream';
import type { VolumeArchive } from '../../../src/backup/volume/unpack';
import type { ServiceContainer } from '../../../src/inventory/model';
import type { Operation } from '../../../src/operations/operation';
import type { PostgresServer } from '../../../src/postgres/server';
import { run, waitFor } from '../../lab/process';
import { engineCommand, waitForPostgres } from '../../lab/stacks';
import { openApp, operation, serviceOf, type AppOptions } from './app';
import { atTheEnd, once, runName, tempFolder } from './shared';
import type { Place } from './sql';

/** Tables that agree in every moment that anybody can see, one that makes WAL, and ones that lie still. */
export const volumeContent = `
  CREATE TABLE ledger (side text PRIMARY KEY, total bigint NOT NULL);
  INSERT INTO ledger VALUES ('left', 0);
  CREATE TABLE counter (side text PRIMARY KEY, total bigint NOT NULL);
  INSERT INTO counter VALUES ('right', 0);
  CREATE TABLE growing (id bigserial PRIMARY KEY, noise text);
  CREATE TABLE still AS SELECT i AS id, md5(i::text) || md5((i * 7)::text) AS noise FROM generate_series(1, 200000) AS i;
  CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS one;`;

/** A server as the product knows it. */
export interface Subject {
  readonly server: PostgresServer;
  readonly container: ServiceContainer;
}

export async function subjectOf(place: { readonly project: string; readonly service: string }, options: AppOptions = {}): Promise<Subject> {
  const app = await openApp(options);
  const { service } = serviceOf(app, place);
  return { server: app.inventory.serverOf(service), container: app.inventory.containerOf(service) };
}

export interface CopyOptions {
  readonly own?: Operation;
  readonly dependents?: readonly HaltedContainer[];
  readonly remember?: (halted: readonly HaltedContainer[]) => Promise<void>;
  /** Called with the bytes so far. */
  readonly onBytes?: (bytes: number) => void;
}

export interface Copy {
  readonly plan: VolumePlan;
  readonly receipt: VolumeReceipt;
  readonly archive: VolumeArchive;
}

/** Plans and copies into a file. */
export async function copy({ server, container }: Subject, mode: VolumeMode, options: CopyOptions = {}): Promise<Copy> {
  const own = options.own ?? operation();
  const plan = planVolume(await readRunningFacts(server, own), mode);
  const file = path.join(await tempFolder('volume'), `copy.${plan.extension}`);
  const handle = await open(file, 'wx');
  let bytes = 0;
  const write = async (piece: Buffer): Promise<void> => {
    await handle.writeFile(piece);
    bytes += piece.length;
    options.onBytes?.(bytes);
  };
  const { dependents = [], remember = async () => undefined } = options;
  try {
    const receipt = await copyVolume(
      plan,
      { engine: server.engine, server, container, dependents, remember, applicationName: 'container-databases:v' },
      write,
      own,
    );
    return { plan, receipt, archive: { path: file, dataBytes: plan.dataBytes, ...receipt } };
  } finally {
    await handle.close();
  }
}

/** A file as it is now, as if it had been written so. */
export async function archiveOf(file: string): Promise<VolumeArchive> {
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { path: file, sha256, sizeBytes: (await stat(file)).size, compression: file.endsWith('.zst') ? 'zstd' : 'gzip' };
}

/** Boots a copy in our own way. */
export async function prove(subject: Subject, { plan, archive }: Copy, rest: Partial<ProofRequest> = {}, own: Operation = operation()): Promise<VolumeProof> {
  const { server, container } = subject;
  const { dataDirectory, major, preload } = plan;
  return proveVolume(
    {
      engine: server.engine,
      image: container.imageId,
      dataDirectory,
      archive,
      major,
      user: server.user,
      maintenanceDatabase: server.maintenanceDatabase,
      ...(preload === undefined ? {} : { preload }),
      ...rest,
    },
    own,
  );
}

/** Boots a copy in the way of somebody who has neither our program nor its source: `tar`, and `docker run`. */
export async function bootPlainly(label: string, { archive, plan }: Copy, place: Place): Promise<Place> {
  const folder = path.join(await tempFolder('plain'), 'data');
  await mkdir(folder);
  await run('tar', ['-xf', archive.path, '-C', folder]);
  const container = await runOn(label, plan.major, folder, plan.dataDirectory);
  return { ...place, engine: 'docker', container };
}

async function runOn(label: string, major: number, source: string, destination: string): Promise<string> {
  const container = `${runName}-${label}`;
  if (path.isAbsolute(source)) await chmod(path.dirname(source), 0o755);
  const env = ['--env', `PGDATA=${destination}`];
  const { code, stderr } = await engineCommand(['run', '--detach', '--name', container, '--volume', `${source}:${destination}`, ...env, `postgres:${major}`]);
  if (code !== 0) throw new Error(stderr);
  await waitForPostgres(container);
  return container;
}

/** What the product's helping containers leave on an engine, whatever others make and remove there meanwhile. */
export interface EngineWatch {
  readonly assertNothingLeft: (message?: string) => Promise<void>;
}

interface EngineEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

const throwaways = ['ps', '--all', '--quiet', '--filter', 'label=container-databases.throwaway'];

/** Follows Docker's events: they tell which volumes a container had that is gone. Volumes that tests name are not looked at. */
export async function watchDocker(): Promise<EngineWatch> {
  return once('events of Docker', startWatch);
}

async function startWatch(): Promise<EngineWatch> {
  const filters = ['type=container', 'type=volume', 'event=create', 'event=mount'].flatMap((filter) => ['--filter', filter]);
  const child = spawn('docker', ['events', ...filters, '--format', '{{json .}}'], { stdio: ['ignore', 'pipe', 'ignore'] });
  atTheEnd(async () => child.kill());
  const events: EngineEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => void events.push(JSON.parse(line) as EngineEvent));
  /** Events come in order: when one that is made now has come, all others have. */
  const catchUp = async (): Promise<void> => {
    const name = `${runName}-sentinel`;
    await waitFor('the events', async () => {
      const seen = events.length;
      await engineCommand(['volume', 'create', name]);
      await engineCommand(['volume', 'rm', name]);
      return waitFor('an event', () => events.slice(seen).some(({ Actor }) => Actor.ID === name), 1_000).catch(() => false);
    });
  };
  await catchUp();
  return {
    assertNothingLeft: async (message) => {
      await catchUp();
      const ours = new Set(events.filter(isOurThrowaway).map(({ Actor }) => Actor.ID));
      const mounted = new Set(
        events.filter(({ Action, Actor }) => Action === 'mount' && ours.has(Actor.Attributes['container'] ?? '')).map(({ Actor }) => Actor.ID),
      );
      const unused = (await engineCommand(['volume', 'ls', '--quiet', '--filter', 'dangling=true'])).stdout.split('\n');
      const left = unused.filter((name) => mounted.has(name) && !name.startsWith(runName));
      assert.deepEqual([...left, ...(await leftContainers(ours))], [], message);
    },
  };
}

function isOurThrowaway({ Type, Action, Actor }: EngineEvent): boolean {
  return Type === 'container' && Action === 'create' && Actor.Attributes['container-databases.throwaway']?.includes(`.${process.pid}.`) === true;
}

async function leftContainers(ours: ReadonlySet<string>): Promise<readonly string[]> {
  const { stdout } = await engineCommand([...throwaways, '--no-trunc']);
  return stdout.split('\n').filter((id) => ours.has(id));
}

/** The helping containers and all volumes of the lab's own Podman, which nobody else uses. */
export async function inventoryOfPodman(): Promise<string> {
  const containers = await engineCommand(throwaways, { engine: 'podman' });
  const volumes = await engineCommand(['volume', 'ls', '--quiet'], { engine: 'podman' });
  return `${containers.stdout}\n${volumes.stdout}`;
}
