import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Project, Service } from '../inventory/model';
import type { InventoryKeeper } from '../inventory/keeper';
import type { DatabaseTarget } from '../inventory/target';
import { fileFailure } from '../operations/files';
import type { Operation } from '../operations/operation';
import { readProperties } from '../postgres/catalogue';
import { withSession } from '../postgres/session';
import type { PostgresServer } from '../postgres/server';
import { CatalogueMemory, deleteBackup, listBackups, readBackup, type Backup } from './catalogue';
import type { Manifest, Verification } from './manifest';
import { backupFolder } from './plan';
import { rebuildManifest } from './recognise/rebuild';
import { backUp } from './run';
import { verifyBackup } from './verify';

export interface BackupSettings {
  /** Absolute, or relative to the project's folder; empty for the default. */
  readonly backupFolder: () => string;
  /** Where backups go of projects whose folder is not on this host. */
  readonly fallbackFolder: string;
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

  /** Backs a database up into the project's folder, verified by reading it whole. */
  async backUp(target: DatabaseTarget, options: { readonly folder?: string; readonly reason: Manifest['reason'] }, operation: Operation): Promise<Backup> {
    const folder = this.folderOf(target.project, options.folder);
    const server = this.keeper.serverOf(target.service);
    const container = this.keeper.containerOf(target.service);
    return backUp({ target, container, server, folder, reason: options.reason }, operation);
  }

  /** Removes a backup with all that lies beside it. */
  async delete(backup: Backup): Promise<void> {
    await deleteBackup(backup.file);
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

  /** Proves that a backup is what was written and reads whole, with the programs of a running server. */
  async verify(backup: Backup, server: PostgresServer, operation: Operation): Promise<Verification> {
    return verifyBackup(backup, server, operation);
  }
}
