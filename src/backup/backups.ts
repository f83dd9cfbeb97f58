import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Project, Service } from '../inventory/model';
import type { InventoryKeeper } from '../inventory/keeper';
import type { DatabaseTarget } from '../inventory/target';
import { fileFailure } from '../operations/files';
import type { Operation } from '../operations/operation';
import { readProperties } from '../postgres/catalogue';
import { withSession } from '../postgres/session';
import { backUpVolume, planVolumeBackup, type VolumeBackupRequest } from './backUpVolume';
import { CatalogueMemory, deleteBackup, listBackups, readBackup, type Backup } from './catalogue';
import type { EncryptionKey } from './encryption/keys';
import { follow, type Followed } from './follow';
import type { Manifest } from './manifest';
import { defaultOptions, type BackupOptions } from './options';
import { backupFolder } from './plan';
import { planPrune, prune, type PruneRequest, type PruneResult } from './prune';
import { rebuildManifest } from './recognise/rebuild';
import { readPolicy, type RetentionDecision, type RetentionPolicy } from './retention';
import { backUp } from './run';
import { listTables, type TableSummary } from './tables';
import type { HaltedStore } from './volume/halted';
import type { VolumeMode, VolumePlan } from './volume/plan';
import { recoverVolumes } from './volume/recoverVolumes';
import { verifyBackup, type Proof, type Reader } from './verify';

export interface BackupSettings {
  /** Absolute, or relative to the project's folder; empty for the default. */
  readonly backupFolder: () => string;
  /** Where backups go of projects whose folder is not on this host. */
  readonly fallbackFolder: string;
  /** The rules for old backups as the user wrote them; nothing keeps everything. */
  readonly retention: () => unknown;
  /** What new backups of a project are encrypted with where nobody says otherwise; undefined for not at all. */
  readonly encryption?: (project: string, reason: Manifest['reason']) => Promise<EncryptionKey | undefined>;
  /** What is stopped for a copy of its volume. */
  readonly halted: HaltedStore;
  /** Where backups are copied to; empty for nowhere. */
  readonly offsite: () => string;
  /** Whether a restore was begun and not ended. */
  readonly restoring: () => Promise<boolean>;
}

/** Whose backups are looked at: a project's, those of one service, or those of one database. */
export interface BackupsWanted {
  readonly project: Project;
  readonly service?: string;
  readonly database?: string;
  /** Where they lie, instead of the project's own folder. */
  readonly folder?: string;
}

/** What may be said about one backup; what is left out is as `defaultOptions` has it. */
export interface BackupWishes extends Partial<BackupOptions> {
  readonly folder?: string;
  readonly reason: Manifest['reason'];
  /** What the backup is encrypted with, or `none`; as the settings say when left out. */
  readonly key?: EncryptionKey | 'none';
}

/** What may be said about a copy of a volume. */
export interface VolumeWishes extends Pick<BackupWishes, 'folder' | 'reason' | 'key'> {
  /** `auto` keeps the server running where that can be. */
  readonly mode: VolumeMode | 'auto';
}

interface ServicePlace {
  readonly project: Project;
  readonly service: Service;
}

/** Backups of the databases in the inventory. */
export class Backups {
  private readonly memory = new CatalogueMemory();

  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly settings: BackupSettings,
  ) {}

  /** Where backups of a project lie. */
  folderOf(project: Project, wished?: string): string {
    // The labels name the folder of the host where Compose ran; that may be another one.
    const { folder, ...rest } = project;
    const here = folder !== undefined && existsSync(folder) ? { ...rest, folder } : rest;
    return backupFolder(here, wished, this.settings.backupFolder(), this.settings.fallbackFolder);
  }

  /** The backups in a project's folder that are of this project or of nobody known, newest first. */
  async list(project: Project, wished?: string): Promise<readonly Backup[]> {
    const backups = await listBackups(this.folderOf(project, wished), this.memory);
    return backups.filter(({ manifest }) => manifest === undefined || manifest.project === project.name);
  }

  /** One file, with what is known of it. Throws `FILE_MISSING`. */
  async read(file: string): Promise<Backup> {
    const backup = await readBackup(path.resolve(file));
    if (backup === undefined) throw fileFailure({ code: 'ENOENT' }, file);
    return backup;
  }

  /** Backs a database up into the project's folder, verified by reading it whole; never in clear where the settings want it encrypted. */
  async backUp(target: DatabaseTarget, wishes: BackupWishes, operation: Operation): Promise<Backup> {
    const { folder: wished, reason, key: wishedKey, ...options } = wishes;
    const key = await this.keyFor(target.project, reason, wishedKey);
    const folder = this.folderOf(target.project, wished);
    const server = this.keeper.serverOf(target.service);
    const container = this.keeper.containerOf(target.service);
    return backUp({ target, container, server, folder, reason, options: { ...defaultOptions, ...options }, ...(key === undefined ? {} : { key }) }, operation);
  }

  /** Copies the volume of a service with all its databases, running or not, proven by booting the copy. */
  async backUpVolume({ project, service }: ServicePlace, wishes: VolumeWishes, operation: Operation): Promise<Backup> {
    const { folder, mode, reason } = wishes;
    const key = await this.keyFor(project, reason, wishes.key);
    return backUpVolume(
      {
        project,
        service,
        ...this.volumeParts(service),
        mode,
        reason,
        folder: this.folderOf(project, folder),
        halted: this.settings.halted,
        ...(key === undefined ? {} : { key }),
      },
      operation,
    );
  }

  /** Decides how the volume of a service would be copied, and whether the service is stopped for it. */
  async planVolume({ service }: ServicePlace, mode: VolumeWishes['mode'], operation: Operation): Promise<VolumePlan> {
    return planVolumeBackup({ service, ...this.volumeParts(service), mode }, operation);
  }

  /**
   * Starts what a crash left stopped, and removes the throwaway containers that it left. Gives a sentence for everything that
   * was done. Never throws: what fails now is tried again at the next start.
   */
  async recover(): Promise<readonly string[]> {
    return recoverVolumes(this.keeper, this.settings.halted);
  }

  private async keyFor({ name }: Project, reason: Manifest['reason'], wished: BackupWishes['key']): Promise<EncryptionKey | undefined> {
    return wished === 'none' ? undefined : (wished ?? this.settings.encryption?.(name, reason));
  }

  private volumeParts(service: Service): Pick<VolumeBackupRequest, 'container' | 'engine' | 'server'> {
    const container = this.keeper.containerOf(service);
    const server = service.state === 'stopped' || service.state === 'not created' ? undefined : this.keeper.serverOf(service);
    return { container, engine: this.keeper.engineOf(container.endpointId), ...(server === undefined ? {} : { server }) };
  }

  /** The tables of a database, for choosing among them. */
  async tables({ service, database }: DatabaseTarget, signal: AbortSignal): Promise<readonly TableSummary[]> {
    return withSession(this.keeper.serverOf(service), database.name, { signal }, listTables);
  }

  /** Removes a backup with all that lies beside it. */
  async delete(backup: Backup): Promise<void> {
    await deleteBackup(backup.file);
  }

  /** Proves that a backup is what was written and, with a reader, that it reads whole. */
  async verify(backup: Backup, reader: Reader | undefined, operation: Operation): Promise<Proof> {
    return verifyBackup(backup, reader, operation);
  }

  /** The rules for old backups that the user has set. Throws `POLICY_INVALID`. */
  retentionPolicy(): RetentionPolicy {
    return readPolicy(this.settings.retention());
  }

  /** What `prune` would do now: for every backup whether it stays, and why. */
  async planPrune(wanted: BackupsWanted, policy: RetentionPolicy): Promise<readonly RetentionDecision[]> {
    return planPrune(this.pruneRequest(wanted, policy));
  }

  /** Removes what a policy lets go; of that only `chosen`, when given. Throws what `prune` does. */
  async prune(wanted: BackupsWanted, policy: RetentionPolicy, operation: Operation, chosen?: ReadonlySet<string>): Promise<PruneResult> {
    return prune({ ...this.pruneRequest(wanted, policy), ...(chosen === undefined ? {} : { chosen }) }, operation);
  }

  /** What comes after a backup: a copy in another place, and the rules for old ones; as the user has set them where nothing is said. */
  async follow(backup: Backup, operation: Operation, wishes: { readonly to?: string; readonly keep?: unknown } = {}): Promise<Followed> {
    const { offsite, retention, restoring } = this.settings;
    return follow(backup, { to: wishes.to ?? offsite(), keep: wishes.keep ?? retention(), restoring }, operation);
  }

  /**
   * Reads a dump whole in a running service, and writes the manifest that it lacks as that of a backup of this service.
   * A dump that does not name its database is taken for one of `databaseName`, else of the service's own.
   */
  async rebuildManifest(backup: Backup, service: Service, databaseName: string | undefined, operation: Operation): Promise<Manifest> {
    const server = this.keeper.serverOf(service);
    const container = this.keeper.containerOf(service);
    const database = databaseName ?? service.postgres.database;
    const properties = await withSession(server, server.maintenanceDatabase, { signal: operation.signal }, (session) =>
      readProperties(session, database).catch(() => readProperties(session, server.maintenanceDatabase)),
    );
    const facts = { project: service.projectName, service: service.name, database, endpoint: container.endpointId, image: container.image, properties };
    return rebuildManifest(backup, server, facts, operation);
  }

  private pruneRequest({ project, service, database, folder }: BackupsWanted, policy: RetentionPolicy): PruneRequest {
    // What nobody is known to have made belongs to a project, and not to one of its databases.
    const belongs = ({ manifest }: Backup): boolean =>
      manifest === undefined
        ? service === undefined && database === undefined
        : manifest.project === project.name && manifest.service === (service ?? manifest.service) && manifest.database === (database ?? manifest.database);
    return { folder: this.folderOf(project, folder), policy, belongs, restoring: this.settings.restoring };
  }
}
