import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Engine } from '../engine/engine';
import { inspectVolume } from '../engine/volumes';
import type { Project, Service, ServiceContainer } from '../inventory/model';
import { findDependents } from '../operations/dependents';
import { createBackupFolder, fileFailure, freeBytes, removeIfThere } from '../operations/files';
import type { Operation } from '../operations/operation';
import { identifier } from '../postgres/quote';
import { applicationNamePrefix, withSession } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { Failure } from '../protocol/failure';
import { partialFile, sweepPartials, type Backup } from './catalogue';
import type { EncryptionKey } from './encryption/keys';
import { backupFileName } from './fileName';
import type { Manifest } from './manifest';
import { describeOrigin } from './origin';
import { BackupOutput } from './output';
import { publish } from './publish';
import { copyVolume } from './volume/copy';
import { readRunningFacts, readStoppedFacts } from './volume/facts';
import { runningContainers, type HaltedContainer } from './volume/halt';
import type { HaltedStore } from './volume/halted';
import { planVolume, type VolumeMode, type VolumePlan } from './volume/plan';
import { proveVolume, type VolumeProof } from './volume/prove';
import type { VolumeReceipt } from './volume/stream';

/** In a manifest of a volume, in place of one database. */
export const allDatabases = '*';

export interface VolumeBackupRequest {
  readonly project: Project;
  readonly service: Service;
  readonly container: ServiceContainer;
  readonly engine: Engine;
  /** Present when the service runs. */
  readonly server?: PostgresServer;
  readonly folder: string;
  readonly mode: VolumeMode | 'auto';
  readonly reason: Manifest['reason'];
  readonly key?: EncryptionKey;
  readonly halted: HaltedStore;
}

/** Decides how the volume of a service would be copied. Throws what `planVolume` and reading the facts throw. */
export async function planVolumeBackup(
  { engine, server, service, container, mode }: Pick<VolumeBackupRequest, 'engine' | 'server' | 'service' | 'container' | 'mode'>,
  operation: Operation,
): Promise<VolumePlan> {
  const dataDirectory = service.volume?.dataDirectory;
  if (server !== undefined) return planVolume(await readRunningFacts(server, operation), mode);
  if (dataDirectory === undefined) throw new Failure('NO_CLUSTER', 'It is not known where the data lies.', 'Start the service once, then try again.');
  return planVolume(await readStoppedFacts(engine, container.id, dataDirectory, operation), mode);
}

/**
 * Copies the volume of a service, proves the copy by booting it, and only then gives it its name. An encrypted copy whose key
 * is a public one cannot be booted here. When anything fails, nothing is left, and what was stopped runs again.
 */
export async function backUpVolume(request: VolumeBackupRequest, operation: Operation): Promise<Backup> {
  const { folder, project, service } = request;
  const id = randomUUID();
  const startedAt = new Date();
  operation.report({ message: 'Preparing' });
  await createBackupFolder(folder, project.folder);
  await sweepPartials(folder, startedAt);
  const plan = await planVolumeBackup(request, operation);
  await assertRoom(folder, plan);
  const taken = (name: string): boolean => existsSync(path.join(folder, name)) || existsSync(partialFile(path.join(folder, name)));
  const extension = `.${plan.extension}${request.key === undefined ? '' : '.age'}`;
  const file = path.join(folder, backupFileName({ project: project.name, database: service.name, time: startedAt, part: 'volume', extension }, taken));
  const partial = partialFile(file);
  const output = await BackupOutput.create(partial, file, request.key);
  try {
    const content = await copyVolume(plan, await copyRequest(request, id), (bytes) => output.add(bytes), operation);
    const sealed = await output.finish();
    const proof = await proveCopy(request, plan, partial, content, operation);
    const findings = { id, startedAt, plan, content, proof, ...(sealed === undefined ? {} : { sealed }) };
    const volume = await describeVolume(request.engine, service.volume);
    return await publish(file, async () => ({ manifest: { ...(await describe(request, findings)), ...volume } }));
  } catch (error) {
    await output.abandon();
    await removeIfThere(partial);
    throw fileFailure(error, file);
  }
}

async function assertRoom(folder: string, { dataBytes }: VolumePlan): Promise<void> {
  const free = await freeBytes(folder);
  const needed = Math.round(dataBytes / 10); // the least that is plausible
  if (free === undefined || free >= needed) return;
  throw new Failure(
    'DISK_FULL',
    `${folder} has too little space for a copy of ${Math.ceil(dataBytes / 1e6)} MB of data.`,
    'Free space, or choose another folder.',
  );
}

async function copyRequest(request: VolumeBackupRequest, id: string): Promise<Parameters<typeof copyVolume>[1]> {
  const { engine, server, service, container, project, halted } = request;
  const entry = {
    id,
    endpointId: container.endpointId,
    project: project.name,
    service: service.name,
    process: { host: hostname(), pid: process.pid },
    since: new Date().toISOString(),
  };
  return {
    engine,
    container: { id: container.id, name: container.name },
    dependents: server === undefined ? [] : await runningDependents(engine, service, server),
    remember: (containers: readonly HaltedContainer[]) => halted.remember(entry, containers),
    applicationName: `${applicationNamePrefix}:${id.slice(0, 8)}`,
    ...(server === undefined ? {} : { server }),
  };
}

async function runningDependents(engine: Engine, service: Service, server: PostgresServer): Promise<readonly HaltedContainer[]> {
  const dependents = await withSession(server, server.maintenanceDatabase, {}, (session) => findDependents(engine, service, session));
  return runningContainers(
    engine,
    service.projectName,
    dependents.map((dependent) => dependent.service),
  );
}

async function proveCopy(
  request: VolumeBackupRequest,
  plan: VolumePlan,
  file: string,
  content: VolumeReceipt,
  operation: Operation,
): Promise<VolumeProof | undefined> {
  const { engine, container, service, server, key } = request;
  if (key?.kind === 'recipients') return undefined;
  operation.report({ message: 'Booting the copy' });
  const archive = { path: file, ...content, dataBytes: plan.dataBytes, ...(key === undefined ? {} : { read: decrypting(file, key) }) };
  const { user, database } = service.postgres;
  return proveVolume(
    {
      engine,
      image: container.imageId,
      dataDirectory: plan.dataDirectory,
      archive,
      major: plan.major,
      ...(user === '' ? {} : { user: server?.user ?? user }),
      maintenanceDatabase: server?.maintenanceDatabase ?? database,
      ...(plan.preload === undefined ? {} : { preload: plan.preload }),
      databases: service.databases.map(({ name }) => name),
    },
    operation,
  );
}

function decrypting(file: string, key: Extract<EncryptionKey, { kind: 'passphrase' }>): (operation: Operation) => AsyncGenerator<Buffer> {
  return async function* pieces(operation) {
    const [{ decryptPieces }, { readPieces }] = await Promise.all([import('./encryption/streams'), import('../operations/readPieces')]);
    yield* decryptPieces(readPieces(file, operation, 'Decrypting the file'), key);
  };
}

interface Findings {
  readonly id: string;
  readonly startedAt: Date;
  readonly plan: VolumePlan;
  readonly content: VolumeReceipt;
  readonly proof: VolumeProof | undefined;
  /** What lies in the file when it is encrypted. */
  readonly sealed?: { readonly sizeBytes: number; readonly sha256: string };
}

async function describe(request: VolumeBackupRequest, { id, startedAt, plan, content, proof, sealed }: Findings): Promise<Manifest> {
  const { service } = request;
  const { compression, ...receipt } = content;
  const version = service.postgres.version ?? String(plan.major);
  return {
    ...(await describeOrigin({ ...request, id, startedAt })),
    database: allDatabases,
    serverVersion: version,
    toolVersion: version,
    // Those of each database are in the copy itself.
    properties: { owner: service.postgres.user, encoding: '', collate: '', ctype: '', provider: '', locale: null, collationVersion: null },
    databaseSizeBytes: plan.dataBytes,
    rows: Object.fromEntries(
      Object.entries(proof?.rows ?? {}).flatMap(([database, rows]) =>
        Object.entries(rows).map(([table, count]) => [`${identifier(database)}.${table}`, count]),
      ),
    ),
    format: 'volume',
    scope: 'full',
    compression,
    ...(sealed ?? receipt),
    ...(sealed === undefined ? {} : { content: receipt }),
    ...(plan.remarks.length === 0 ? {} : { remarks: [...plan.remarks] }),
    verified: proof === undefined ? 'hash' : 'restored',
  };
}

/** What it takes to make the volume anew. One that cannot be described is not worth losing the copy. */
async function describeVolume(engine: Engine, volume: Service['volume']): Promise<Pick<Manifest, 'volume'>> {
  if (volume?.kind !== 'named' || volume.name === undefined) return {};
  const found = await inspectVolume(engine, volume.name).catch(() => undefined);
  if (found === undefined) return {};
  const { name, labels, driver, options } = found;
  return { volume: { name, labels, driver, options, folder: path.posix.relative(volume.destination ?? '', volume.dataDirectory) } };
}
