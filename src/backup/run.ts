import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { ServiceContainer } from '../inventory/model';
import type { DatabaseTarget } from '../inventory/target';
import { createBackupFolder, fileFailure, freeBytes, removeIfThere, syncFolder, writeFileDurably } from '../operations/files';
import type { Operation } from '../operations/operation';
import { sideBySide } from '../operations/sideBySide';
import { readServerFacts } from '../postgres/catalogue';
import { applicationNamePrefix, withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { readToolFacts, type ToolFacts } from '../postgres/tools';
import { checksumFile, deleteBackup, isBackupOf, listBackups, manifestFile, sweepPartials, type Backup } from './catalogue';
import { streamDump, type DumpReceipt } from './dumpStream';
import { FileSink } from './fileSink';
import { readGitState } from './git';
import { manifestVersion, writeManifest, type Manifest } from './manifest';
import { planBackup, type BackupPlan } from './plan';
import { endLeftoverSessions, openSnapshot, type SnapshotFacts } from './snapshotFacts';

export interface BackupRequest {
  readonly target: DatabaseTarget;
  readonly container: ServiceContainer;
  readonly server: PostgresServer;
  readonly folder: string;
  readonly reason: Manifest['reason'];
}

/**
 * Backs one database up and gives the finished backup, verified by reading it whole.
 * When it fails or is cancelled, nothing is left: no file, no process in the container, no session.
 */
export async function backUp(request: BackupRequest, operation: Operation): Promise<Backup> {
  const { target, server, folder } = request;
  const id = randomUUID();
  const startedAt = new Date();
  const applicationName = `${applicationNamePrefix}:${id.slice(0, 8)}`;
  operation.report({ message: 'Preparing' });
  await createBackupFolder(folder, target.project.folder);
  await sweepPartials(folder, startedAt);
  const asked = readToolFacts(server, operation.signal);
  asked.catch(() => undefined); // awaited below, while the session is being opened
  return withSession(server, target.database.name, { applicationName, signal: operation.signal }, async (session) => {
    const tools = await asked;
    const plan = await decide(request, tools, session, startedAt);
    operation.log.info(`Backing up ${target.project.name}/${target.service.name}/${target.database.name} to ${path.join(folder, plan.fileName)}`);
    const { receipt, facts } = await dumpToFile(plan, request, session, applicationName, operation);
    const manifest = await describe(request, { id, startedAt, tools }, receipt, facts);
    return publish(path.join(folder, plan.fileName), manifest);
  });
}

async function decide(request: BackupRequest, tools: ToolFacts, session: Session, now: Date): Promise<BackupPlan> {
  const { target, server, folder } = request;
  const { socketDirectory } = await readServerFacts(session);
  const previous = (await listBackups(folder)).find((backup) => isBackupOf(backup, target.project.name, target.service.name, target.database.name));
  return planBackup(target, server, folder, {
    now,
    tools,
    socketDirectory,
    freeBytes: await freeBytes(folder),
    lastSizeBytes: previous?.sizeBytes,
    taken: (name) => existsSync(path.join(folder, name)) || existsSync(path.join(folder, `${name}.partial`)),
  });
}

/** Dumps under a name that nobody takes for a backup, and gives it its own only when everything was right. */
async function dumpToFile(
  plan: BackupPlan,
  request: BackupRequest,
  session: Session,
  applicationName: string,
  operation: Operation,
): Promise<{ readonly receipt: DumpReceipt; readonly facts: SnapshotFacts }> {
  const { server, target } = request;
  const file = path.join(plan.folder, plan.fileName);
  const partial = `${file}.partial`;
  const sink = await FileSink.create(partial, file);
  try {
    const snapshot = await openSnapshot(session, target.database.name);
    const argv = [...plan.dumpArguments, `--snapshot=${snapshot.id}`];
    const [receipt, facts] = await sideBySide(operation, [
      (own) => streamDump(server, argv, applicationName, (bytes) => sink.add(bytes), own),
      (own) => snapshot.gather(own),
    ]);
    await sink.finish();
    await rename(partial, file);
    await syncFolder(plan.folder);
    return { receipt, facts };
  } catch (error) {
    await sink.abandon();
    await removeIfThere(partial);
    await endLeftoverSessions(server, applicationName, operation);
    throw fileFailure(error, file);
  }
}

async function describe(
  { target, container, server, reason }: BackupRequest,
  { id, startedAt, tools }: { readonly id: string; readonly startedAt: Date; readonly tools: ToolFacts },
  receipt: DumpReceipt,
  facts: SnapshotFacts,
): Promise<Manifest> {
  const digests = await server.engine.imageDigests(container.imageId).catch(() => []);
  const git = target.project.folder === undefined ? undefined : await readGitState(target.project.folder);
  return {
    schemaVersion: manifestVersion,
    id,
    project: target.project.name,
    service: target.service.name,
    database: target.database.name,
    endpoint: container.endpointId,
    image: container.image,
    imageDigest: digests[0] ?? container.imageId,
    ...facts,
    toolVersion: tools.version,
    format: 'custom',
    scope: 'full',
    compression: tools.compression,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    ...receipt,
    ...(git === undefined ? {} : { git }),
    encryption: 'none',
    verified: 'read',
    reason,
  };
}

/** Puts the checksum and then the manifest beside a finished file; a backup that cannot have both is none. */
async function publish(file: string, manifest: Manifest): Promise<Backup> {
  try {
    await writeFileDurably(checksumFile(file), `${manifest.sha256}  ${path.basename(file)}\n`);
    await writeFileDurably(manifestFile(file), writeManifest(manifest));
  } catch (error) {
    await deleteBackup(file);
    throw error;
  }
  return { file, sizeBytes: manifest.sizeBytes, finishedAt: new Date(manifest.finishedAt), manifest };
}
