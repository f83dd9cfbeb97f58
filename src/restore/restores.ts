import { randomUUID } from 'node:crypto';
import type { Backup } from '../backup/catalogue';
import type { Backups, BackupWishes } from '../backup/backups';
import type { DecryptionKey, EncryptionKey } from '../backup/encryption/keys';
import type { Proof, Reader } from '../backup/verify';
import type { InventoryKeeper } from '../inventory/keeper';
import type { Service } from '../inventory/model';
import { databaseTargets, type DatabaseTarget, type ServiceTarget } from '../inventory/target';
import type { Operation } from '../operations/operation';
import { maintenanceFor, type PostgresServer } from '../postgres/server';
import { withSession, type Session } from '../postgres/session';
import { asFailure, Failure, messageOf } from '../protocol/failure';
import { copyFolder, removeCopy, sweepCopies } from './copyFolder';
import { checkUnchanged, provenContent } from './dump/rawContent';
import type { DumpKnowledge, RestoreSource, RestoreWishes } from './facts';
import { describeDatabase, lookInto, readServerSide } from './gatherFacts';
import type { Journal } from './journal';
import type { MergeReport } from './merge/report';
import { reportMerge } from './merge/runData';
import { compareTables, type MergeJob, type TableDifference } from './part/runMerge';
import { loadRows, mergeJob } from './part/runRows';
import { withDefinitions, withScratch } from './lend';
import { planRestore, propertiesFor, type RestorePlan } from './plan';
import { recover, sweepCluster } from './recover';
import { entryOf, runRestore, type RestoreResult } from './run';
import { withClaim } from './claim';
import { dropOwnDatabase } from './swap';
import { testRestore } from './testRestore';
import { undoRestore, type UndoResult } from './undo';

export interface RestoreOptions extends RestoreWishes {
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

  /**
   * Decides what a restore would do, without doing any of it. Throws what `planRestore` refuses, and what looking into the
   * backup shows: a file that is not ours is read to its end.
   */
  async plan(target: ServiceTarget, backup: Backup, options: RestoreOptions, signal: AbortSignal): Promise<RestorePlan> {
    const server = this.keeper.serverOf(target.service);
    const { dump, sha256 } = await lookInto(backup, options.key, server, quietly(signal));
    const plan = await this.decide(target, { kind: 'backup', backup }, dump, options, signal);
    return sha256 === undefined ? plan : { ...plan, sha256 };
  }

  /** The same for a database that is copied from another, on any server. Throws `DATABASE_SAME` too. */
  async planCopy(target: ServiceTarget, from: ServiceTarget, options: RestoreOptions, signal: AbortSignal): Promise<RestorePlan> {
    if (from.service.id === target.service.id && from.databaseName === target.databaseName) {
      throw new Failure('DATABASE_SAME', `"${from.databaseName}" cannot be copied over itself.`, 'Choose another database as source or as target.');
    }
    const rows = wishesRows(options);
    const { source, major, needs } = await describeDatabase(from, this.keeper.serverOf(from.service), rows, signal);
    const form = { kind: 'archive', packing: 'none', cluster: false } as const;
    // Values of a newer server are read by any, but not its archives.
    const origin = rows ? {} : { toolMajor: major, serverMajor: major };
    const newer = rows && major > (target.service.postgres.major ?? 0);
    const dump = { form: newer ? ({ ...form, kind: 'sql' } as const) : form, origin, segments: [needs], restricts: true };
    return this.decide(target, source, dump, options, signal);
  }

  private async decide(target: ServiceTarget, source: RestoreSource, dump: DumpKnowledge, wishes: RestoreWishes, signal: AbortSignal): Promise<RestorePlan> {
    const { service, project, databaseName } = target;
    const server = this.keeper.serverOf(service);
    const withTables = mayRestoreRows(source, dump, wishes);
    const side = await withSession(server, maintenanceFor(server, databaseName), { signal }, (session) =>
      readServerSide(target, { server, session, withTables }, signal),
    );
    return planRestore({
      ...side,
      id: randomUUID(),
      now: new Date(),
      source,
      dump,
      project: project.name,
      service: service.name,
      database: databaseName,
      wishes,
    });
  }

  /** Loads the tables that a plan restores into a scratch database, tells how their rows differ, and drops it again. */
  async preview(plan: RestorePlan, target: ServiceTarget, { key }: Pick<RestoreOptions, 'key'>, operation: Operation): Promise<readonly TableDifference[]> {
    return this.loadedAside(plan, target, key, operation, (job, own) => compareTables(job, own));
  }

  /** The same for rows of another database that join those of this one: what would become of each. */
  async previewMerge(plan: RestorePlan, target: ServiceTarget, operation: Operation): Promise<MergeReport> {
    return this.loadedAside(plan, target, undefined, operation, (job, own) => reportMerge(job, own));
  }

  /** Lends the tables that a plan restores, loaded into a scratch database, which is dropped again; by the next start after a crash. */
  private async loadedAside<T>(
    plan: RestorePlan,
    target: ServiceTarget,
    key: DecryptionKey | undefined,
    operation: Operation,
    work: (job: MergeJob, operation: Operation) => Promise<T>,
  ): Promise<T> {
    const { rows, source } = plan;
    if (rows === undefined) throw new Failure('PREVIEW_NONE', 'Only chosen tables can be compared beforehand.', 'Choose tables (--table).');
    return this.claimed(target, async (session, server) => {
      if (source.kind === 'database') await this.journal.write(entryOf(plan, this.endpointOf(target.service)));
      try {
        const backup = await this.dumpSource(plan, operation);
        const content = await provenContent(backup, key, operation);
        checkUnchanged(content, plan.sha256, backup.file);
        await loadRows({ plan, rows, backup, content }, { server, session }, operation);
        return await work(mergeJob(plan, rows, server), operation);
      } finally {
        await dropOwnDatabase(session, plan.scratch);
        if (source.kind === 'database') {
          await removeCopy(this.journal.copies, plan.id);
          await this.journal.remove(plan.id);
        }
      }
    });
  }

  /** Carries a plan out. Only one restore of a database runs at a time, among all windows and hosts. */
  async run(plan: RestorePlan, target: ServiceTarget, options: RestoreOptions, operation: Operation): Promise<RestoreResult> {
    return this.claimed(target, async (session, server) => {
      const { folder, safetyKey, key } = options;
      const tools = {
        engine: server.engine,
        endpointId: this.endpointOf(target.service),
        server,
        session,
        journal: this.journal,
        key,
        safetyBackup: async (own: Operation): Promise<Backup> => {
          const wishes = { reason: 'safety', ...(folder === undefined ? {} : { folder }), ...(safetyKey === undefined ? {} : { key: safetyKey }) } as const;
          return this.backups.backUp(this.present(target.service.id, target.databaseName), wishes, own);
        },
        dumpSource: async (own: RestorePlan, its: Operation): Promise<Backup> => this.dumpSource(own, its),
      };
      return runRestore(plan, tools, operation);
    });
  }

  /** Dumps the database that a plan copies, or the tables of it, to where its own files lie for a while. */
  private async dumpSource({ id, source, rows, form }: RestorePlan, operation: Operation): Promise<Backup> {
    if (source.kind === 'backup') return source.backup;
    const part = rows === undefined ? {} : ({ scope: 'tables', tables: rows.tables.map(({ table }) => table) } as const);
    const shape = form.kind === 'sql' ? ({ format: 'plain', compression: 'none' } as const) : ({ format: 'custom' } as const);
    return this.dumpForCopy(this.present(source.serviceId, source.database), id, operation, { ...shape, ...part });
  }

  private present(serviceId: string, databaseName: string): DatabaseTarget {
    const present = databaseTargets(this.keeper.current).find(({ service, database }) => service.id === serviceId && database.name === databaseName);
    if (present === undefined) throw changed(databaseName);
    return present;
  }

  /** Proves a backup by restoring it into a scratch database of a running service. Throws what a restore throws. */
  async test(backup: Backup, reader: Reader, operation: Operation, use?: (database: string) => Promise<void>): Promise<Proof> {
    const { server } = reader;
    return withSession(server, server.maintenanceDatabase, {}, (session) => testRestore(backup, reader, session, operation, use));
  }

  /**
   * Lends a copy of a database, in the same server, to `use`, and drops it again. It is made by a dump, which ends no session
   * and leaves no backup behind. Throws what a backup and a restore throw, and what `use` throws.
   */
  async withCopy(target: DatabaseTarget, operation: Operation, use: (copy: string) => Promise<void>): Promise<void> {
    const id = randomUUID();
    try {
      const dump = await this.dumpForCopy(target, id, operation);
      await this.test(dump, { server: this.keeper.serverOf(target.service) }, operation, use);
    } finally {
      await removeCopy(this.journal.copies, id);
    }
  }

  private dumpForCopy(target: DatabaseTarget, id: string, operation: Operation, more: Partial<BackupWishes> = { format: 'custom' }): Promise<Backup> {
    const wishes = { reason: 'manual', folder: copyFolder(this.journal.copies, id), key: 'none', roles: false, ...more } as const;
    return this.backups.backUp(target, wishes, operation);
  }

  /**
   * Lends a scratch database of a service that has the definitions of a backup, any dump, without rows. Nothing is noted in the
   * backup. Throws what a plan refuses, and what a restore throws.
   */
  async lendDefinitions<T>(
    place: Omit<ServiceTarget, 'databaseName'>,
    backup: Backup,
    options: RestoreOptions,
    operation: Operation,
    work: (database: string) => Promise<T>,
  ): Promise<T> {
    // As if into a database that is not there.
    const target = { ...place, databaseName: `of ${randomUUID()}` };
    const plan = await this.plan(target, backup, { ...options, scope: 'schema' }, operation.signal);
    return withDefinitions(plan, { server: this.keeper.serverOf(place.service), backup, key: options.key }, operation, work);
  }

  /** Lends an empty scratch database of a service. */
  async lendScratch<T>(service: Service, work: (database: string) => Promise<T>): Promise<T> {
    const server = this.keeper.serverOf(service);
    return withScratch(server, propertiesFor({ serverMajor: service.postgres.major ?? 0, serverUser: server.user, roles: [] }, undefined), work);
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
    await sweepCopies(this.journal.copies, (id) => entries.some((entry) => entry.id === id), new Date());
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
    const isTidy = service.undos.length === 0 && !service.hasScratch && !service.snapshots.some(({ isOpen }) => isOpen);
    if (isTidy && entries.length === 0) return sentences;
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

/** Whether rows may go into the live tables, which then have to be known. */
function mayRestoreRows(source: RestoreSource, { segments }: DumpKnowledge, wishes: RestoreWishes): boolean {
  const held = source.kind === 'backup' ? source.backup.manifest?.scope : undefined;
  const rowsOnly = segments?.some((segment) => segment.tables.length === 0 && segment.filled.length > 0) === true;
  return wishesRows(wishes) || held === 'data' || held === 'tables' || rowsOnly;
}

function wishesRows({ scope, tables = [] }: RestoreWishes): boolean {
  return scope === 'data' || scope === 'tables' || tables.length > 0;
}

function changed(database: string): Failure {
  return new Failure('DATABASE_CHANGED', `"${database}" was not there when the restore was planned, or is gone since.`, 'Start the restore again.');
}

/** For looking ahead, of which nothing is shown. */
function quietly(signal: AbortSignal): Operation {
  const nothing = (): void => undefined;
  return { signal, log: { debug: nothing, info: nothing, warn: nothing, error: nothing }, report: nothing };
}
