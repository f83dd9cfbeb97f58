import { randomUUID } from 'node:crypto';
import type { Backup } from '../backup/catalogue';
import type { Backups } from '../backup/backups';
import type { DecryptionKey, EncryptionKey } from '../backup/encryption/keys';
import type { Proof, Reader } from '../backup/verify';
import type { InventoryKeeper } from '../inventory/keeper';
import type { Service } from '../inventory/model';
import { databaseTargets, type ServiceTarget } from '../inventory/target';
import type { Operation } from '../operations/operation';
import { listDatabases, readProperties } from '../postgres/catalogue';
import { readDisk } from '../postgres/disk';
import { maintenanceFor, type PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { readToolFacts } from '../postgres/tools';
import { asFailure, Failure, messageOf } from '../protocol/failure';
import { findDependents } from '../operations/dependents';
import type { Journal } from './journal';
import { planRestore, type RestorePlan } from './plan';
import { recover, sweepCluster } from './recover';
import { runRestore, type RestoreResult } from './run';
import { withClaim } from './claim';
import { testRestore } from './testRestore';
import { undoRestore, type UndoResult } from './undo';

export interface RestoreOptions {
  /** For a database that can no longer be dumped; it is kept as undo all the same. */
  readonly skipSafetyBackup?: boolean;
  /** Where the safety backup goes. */
  readonly folder?: string;
  /** For a backup that is encrypted. */
  readonly key?: DecryptionKey;
  /** What the safety backup is encrypted with; absent when it is not. */
  readonly safetyKey?: EncryptionKey;
}

/** Restores, their undo, and what crashes left of either. */
export class Restores {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly journal: Journal,
    /** Ends what crashes left of restores of whole volumes; to be done first, since their servers are stopped. */
    private readonly recoverVolumes: () => Promise<readonly string[]> = async () => [],
  ) {}

  /** Decides what a restore would do, without doing any of it. Throws what `planRestore` refuses. */
  async plan(target: ServiceTarget, backup: Backup, options: RestoreOptions, signal: AbortSignal): Promise<RestorePlan> {
    const { service, project, databaseName } = target;
    const server = this.keeper.serverOf(service);
    const tools = await readToolFacts(server, signal);
    return withSession(server, maintenanceFor(server, databaseName), { signal }, async (session) => {
      const present = (await listDatabases(session)).find(({ name }) => name === databaseName);
      const roles = await session.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
      return planRestore({
        id: randomUUID(),
        now: new Date(),
        backup,
        project: project.name,
        service: service.name,
        database: databaseName,
        ...(present === undefined
          ? {}
          : { present: { properties: await readProperties(session, databaseName), sizeBytes: present.size, comment: present.comment } }),
        serverMajor: session.major,
        serverUser: server.user,
        roles: roles.map(({ name }) => name),
        processors: tools.processors,
        freeBytes: (await readDisk(server, session)).freeBytes,
        dependents: await findDependents(server.engine, service, session),
        skipSafetyBackup: options.skipSafetyBackup === true,
      });
    });
  }

  /** Carries a plan out. Only one restore of a database runs at a time, among all windows and hosts. */
  async run(plan: RestorePlan, target: ServiceTarget, options: RestoreOptions, operation: Operation): Promise<RestoreResult> {
    return this.claimed(target, async (session, server) => {
      const present = databaseTargets(this.keeper.current).find(
        ({ service, database }) => service.id === target.service.id && database.name === target.databaseName,
      );
      const safetyBackup = async (own: Operation): Promise<Backup> => {
        if (present === undefined)
          throw new Failure('DATABASE_CHANGED', `"${target.databaseName}" was not there when the restore was planned.`, 'Start the restore again.');
        const { folder, safetyKey } = options;
        const wishes = { reason: 'safety', ...(folder === undefined ? {} : { folder }), ...(safetyKey === undefined ? {} : { key: safetyKey }) } as const;
        return this.backups.backUp(present, wishes, own);
      };
      const tools = {
        engine: server.engine,
        endpointId: this.endpointOf(target.service),
        server,
        session,
        journal: this.journal,
        key: options.key,
        safetyBackup,
      };
      return runRestore(plan, tools, operation);
    });
  }

  /** Proves a backup by restoring it into a scratch database of a running service. Throws what a restore throws. */
  async test(backup: Backup, reader: Reader, operation: Operation, use?: (database: string) => Promise<void>): Promise<Proof> {
    const { server } = reader;
    return withSession(server, server.maintenanceDatabase, {}, (session) => testRestore(backup, reader, session, operation, use));
  }

  /** Gives a database back what the last restore of it replaced. Throws `UNDO_MISSING`. */
  async undo(target: ServiceTarget, operation: Operation): Promise<UndoResult> {
    return this.claimed(target, (session, server) =>
      undoRestore(target, { engine: server.engine, endpointId: this.endpointOf(target.service), server, session, journal: this.journal }, operation),
    );
  }

  /**
   * Finishes or rolls back what crashes interrupted, and drops what has expired, as far as the servers run.
   * Gives a sentence for everything that was done. Never throws: what fails now is tried again at the next start.
   */
  async recover(): Promise<readonly string[]> {
    const entries = await this.journal.entries();
    const sentences = [...(await this.recoverVolumes()), ...(await this.backups.recover())];
    for (const { service } of this.keeper.current.projects.flatMap((project) => project.services.map((each) => ({ service: each })))) {
      const own = entries.filter(
        (entry) => entry.endpointId === service.container?.endpointId && entry.project === service.projectName && entry.service === service.name,
      );
      if (service.state !== 'running' || service.problem !== undefined) continue;
      try {
        sentences.push(...(await this.recoverService(service, own)));
      } catch (error) {
        sentences.push(`${service.projectName}/${service.name} could not be tidied up: ${messageOf(asFailure(error))}`);
      }
    }
    if (sentences.length > 0) await this.keeper.refresh(); // engines tell of containers, not of databases
    return sentences;
  }

  private async recoverService(service: Service, entries: Awaited<ReturnType<Journal['entries']>>): Promise<readonly string[]> {
    const server = this.keeper.serverOf(service);
    const sentences: string[] = [];
    for (const entry of entries) {
      const sentence = await withSession(server, maintenanceFor(server, entry.database), {}, (session) =>
        recover(entry, { engine: server.engine, server, session, journal: this.journal }),
      );
      if (sentence !== undefined) sentences.push(sentence);
    }
    if (service.undos.length === 0 && entries.length === 0 && !service.hasScratch) return sentences;
    const left = await this.journal.entries();
    return [...sentences, ...(await withSession(server, 'template1', {}, (session) => sweepCluster({ server, session }, service, left, new Date())))];
  }

  private async claimed<T>(target: ServiceTarget, work: (session: Session, server: PostgresServer) => Promise<T>): Promise<T> {
    const server = this.keeper.serverOf(target.service);
    return withClaim(server, target.databaseName, (session) => work(session, server));
  }

  private endpointOf(service: Service): string {
    return this.keeper.containerOf(service).endpointId;
  }
}
