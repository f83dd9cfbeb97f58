import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ServiceContainer } from '../inventory/model';
import type { DatabaseTarget } from '../inventory/target';
import { createBackupFolder, fileFailure, freeBytes, removeIfThere } from '../operations/files';
import type { Operation } from '../operations/operation';
import { nameTaken } from '../operations/renameToNew';
import { sideBySide } from '../operations/sideBySide';
import { applicationNamePrefix, withSession, type Session } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { readToolFacts, type ToolFacts } from '../postgres/tools';
import { isBackupOf, listBackups, partialFile, sweepPartials, type Backup } from './catalogue';
import { streamDump, type DumpReceipt } from './dumpStream';
import type { EncryptionKey } from './encryption/keys';
import type { Manifest } from './manifest';
import type { BackupOptions } from './options';
import { describeOrigin } from './origin';
import { BackupOutput } from './output';
import { planBackup, type BackupPlan } from './plan';
import { readPreflight } from './preflight';
import { publish } from './publish';
import { remarksOn } from './remarks';
import { readRoles, sealRoles, type RolesRead } from './roles';
import { chooseTables, listTables } from './tables';
import { whileRunning } from './whileRunning';
import { endLeftoverSessions, openSnapshot, type SnapshotFacts } from './snapshotFacts';

export interface BackupRequest {
  readonly target: DatabaseTarget;
  readonly container: ServiceContainer;
  readonly server: PostgresServer;
  readonly folder: string;
  readonly reason: Manifest['reason'];
  readonly options: BackupOptions;
  /** What the backup is encrypted with; absent when it is not. */
  readonly key?: EncryptionKey;
}

/**
 * Backs one database up and gives the finished backup, verified by reading it whole.
 * When it fails or is cancelled, nothing is left: no file, no process in the container, no session.
 */
export async function backUp(wished: BackupRequest, operation: Operation): Promise<Backup> {
  return whileRunning(wished.server, operation, (own) => backUpNow(wished, own));
}

async function backUpNow(wished: BackupRequest, operation: Operation): Promise<Backup> {
  const { target, server, folder } = wished;
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
    const request = await withTables(wished, session);
    const { plan, previous } = await decide(request, id, tools, session, startedAt);
    const file = path.join(folder, plan.fileName);
    operation.log.info(`Backing up ${target.project.name}/${target.service.name}/${target.database.name} to ${file}`);
    const made = await dumpToFile({ file, plan, applicationName }, request, session, operation);
    return publish(file, async () => {
      const roles = made.roles === undefined ? undefined : await sealRoles(made.roles.sql, request.key);
      const manifest = await describe(request, { id, startedAt, tools, plan, previous }, made, roles);
      manifest.remarks?.forEach((remark) => operation.log.warn(`${plan.fileName}: ${remark}`));
      return { manifest, roles };
    });
  });
}

/** The same with the tables as the server calls them. */
async function withTables(request: BackupRequest, session: Session): Promise<BackupRequest> {
  const { options } = request;
  if (options.scope !== 'tables') return request;
  return { ...request, options: { ...options, tables: chooseTables(await listTables(session), options.tables) } };
}

async function decide(
  request: BackupRequest,
  id: string,
  tools: ToolFacts,
  session: Session,
  now: Date,
): Promise<{ readonly plan: BackupPlan; readonly previous: Backup | undefined }> {
  const { target, server, folder, options } = request;
  const preflight = await readPreflight(session);
  const previous = (await listBackups(folder)).find(
    (backup) => isBackupOf(backup, target.project.name, target.service.name, target.database.name) && isAlike(backup, options),
  );
  const plan = planBackup(target, server, folder, options, {
    id,
    encrypted: request.key !== undefined,
    now,
    tools,
    preflight,
    freeBytes: await freeBytes(folder),
    lastSizeBytes: previous?.sizeBytes,
    taken: (name) => existsSync(path.join(folder, name)) || existsSync(partialFile(path.join(folder, name))),
  });
  return { plan, previous };
}

/** Whether a backup holds the same part of its database. */
function isAlike({ manifest }: Backup, { scope, tables }: BackupOptions): boolean {
  return manifest?.scope === scope && manifest.format !== 'volume' && (manifest.tables ?? []).join() === tables.join();
}

interface Destination {
  readonly file: string;
  readonly plan: BackupPlan;
  readonly applicationName: string;
}

/** Dumps under a name that nobody takes for a backup. When anything is not right, nothing is left. */
async function dumpToFile({ file, plan, applicationName }: Destination, request: BackupRequest, session: Session, operation: Operation): Promise<Made> {
  const { server, target, options } = request;
  const { shape, workFolder } = plan;
  const partial = partialFile(file);
  const output = await BackupOutput.create(partial, file, request.key);
  try {
    if (existsSync(file)) throw nameTaken(file); // by one that was quicker

    const snapshot = await openSnapshot(session, target.database.name, options);
    const dump = {
      server,
      shape,
      argv: [...plan.dumpArguments, `--snapshot=${snapshot.id}`],
      applicationName,
      ...(workFolder === undefined ? {} : { workFolder }),
    };
    const withRoles = options.roles && options.scope === 'full';
    const [content, [facts, roles]] = await sideBySide(operation, [
      (own) => streamDump(dump, (bytes) => output.add(bytes), own),
      (own) => sideBySide(own, [(each) => snapshot.gather(each), async (each) => (withRoles ? readRoles(server, session, applicationName, each) : undefined)]),
    ]);
    const receipt = (await output.finish()) ?? content;
    return { receipt, ...(receipt === content ? {} : { content }), facts, roles };
  } catch (error) {
    await output.abandon();
    await removeIfThere(partial);
    await endLeftoverSessions(server, applicationName, operation);
    throw fileFailure(error, file);
  }
}

/** What a dump gave, before anything is written about it. */
interface Made {
  /** Of the file. */
  readonly receipt: DumpReceipt;
  /** Of what is inside the encryption. */
  readonly content?: DumpReceipt;
  readonly facts: SnapshotFacts;
  readonly roles: RolesRead | undefined;
}

interface Circumstances {
  readonly id: string;
  readonly startedAt: Date;
  readonly tools: ToolFacts;
  readonly plan: BackupPlan;
  readonly previous: Backup | undefined;
}

async function describe(
  { target, container, server, reason, options, key }: BackupRequest,
  { id, startedAt, tools, plan, previous }: Circumstances,
  { receipt, content, facts, roles: rolesRead }: Made,
  roles: Buffer | undefined,
): Promise<Manifest> {
  const remarks = [
    ...remarksOn(receipt.sizeBytes, previous, plan.shape.compression),
    ...(rolesRead?.withPasswords === false ? ['The roles beside it have no passwords: they may not be read.'] : []),
  ];
  return {
    ...(await describeOrigin({ id, startedAt, ...target, container, engine: server.engine, reason, key })),
    database: target.database.name,
    ...facts,
    toolVersion: tools.version,
    format: plan.shape.format,
    scope: options.scope,
    ...(options.scope === 'tables' ? { tables: [...options.tables] } : {}),
    compression: plan.shape.compression,
    ...receipt,
    ...(content === undefined ? {} : { content }),
    ...(roles === undefined ? {} : { rolesSha256: createHash('sha256').update(roles).digest('hex') }),
    ...(remarks.length === 0 ? {} : { remarks }),
    verified: 'read',
  };
}
