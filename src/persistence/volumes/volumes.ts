import type { Backups } from '../../backup/backups';
import type { Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { removeVolume } from '../../engine/create';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import { bringBackVolume, type BroughtBack } from './bringBack';
import { cloneVolume, exportVolume, importVolume, type ImportedVolume, type ImportWishes } from './copies';
import { fixOwner, type OwnerFix } from './fixOwner';
import { demandProof } from './guardBackups';
import type { Guards, GuardTarget } from './guards';
import { lendVolume, readContent, serviceIn } from './lend';
import { findVolume, listAllVolumes } from './listing';
import type { VolumeContent, VolumeView } from './view';

/** Where backups of a volume go, and with what image one is looked into that no service has. */
export interface VolumeOptions {
  readonly folder?: string;
  readonly image?: string;
}

/** Volumes of all engines, with and without a service. */
export class Volumes {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    readonly guards: Guards,
  ) {}

  /** All of them; those with a service's database first. */
  async list(): Promise<readonly VolumeView[]> {
    return listAllVolumes(this.keeper);
  }

  /** The one that a text means: its name, or the service whose data lie in it. Throws `VOLUME_NOT_FOUND`, `TARGET_AMBIGUOUS`. */
  async find(text: string): Promise<VolumeView> {
    return findVolume(this.keeper, text);
  }

  /** The one that a service's data lie in. Throws `VOLUME_IMPOSSIBLE`. */
  async ofService(service: Service): Promise<VolumeView> {
    const found = (await this.list()).find((view) => serviceIn(this.keeper, view)?.service.id === service.id);
    if (found !== undefined) return found;
    throw new Failure('VOLUME_IMPOSSIBLE', `The data of ${service.name} lie in no volume.`, 'Give the service a volume first.');
  }

  /** Measures a volume and finds the clusters in it. Throws what `lendVolume` and `readContent` throw. */
  async content(view: VolumeView, { image }: VolumeOptions, operation: Operation): Promise<VolumeContent> {
    return lendVolume(this.keeper, view, image === undefined ? {} : { image }, operation, (lent) => readContent(lent, operation));
  }

  /** Backs a volume up, proven by booting the copy. */
  async export(view: VolumeView, options: VolumeOptions, operation: Operation): Promise<Backup> {
    return exportVolume(view, { mode: 'auto', reason: 'manual', ...options }, this.tools(), operation);
  }

  /** Puts a volume backup into a new volume. */
  async import(backup: Backup, wishes: ImportWishes, operation: Operation): Promise<ImportedVolume> {
    return importVolume(backup, wishes, this.tools(), operation);
  }

  /** Makes the volume anew that a backup is of, for one that was removed, and has Compose start its service. */
  async bringBack(backup: Backup, project: Project | undefined, key: DecryptionKey | undefined, operation: Operation): Promise<BroughtBack> {
    return bringBackVolume(backup, project, key, this.tools(), operation);
  }

  /** Copies a volume into a new one, also while its server runs. */
  async clone(view: VolumeView, name: string, operation: Operation): Promise<void> {
    await cloneVolume(view, name, this.tools(), operation);
  }

  /** Gives the files of a data directory to the user that the image's server runs as. Throws `VOLUME_IN_USE` while one runs on it. */
  async fixOwner(view: VolumeView, options: { readonly image?: string; readonly dryRun: boolean }, operation: Operation): Promise<OwnerFix> {
    const { image, dryRun } = options;
    const runs = serviceIn(this.keeper, view)?.service.state === 'running';
    if (runs && !dryRun) {
      throw new Failure(
        'VOLUME_IN_USE',
        `The server runs on ${view.name}, so its files are its own.`,
        'Stop it first, if they are to be changed all the same.',
      );
    }
    return lendVolume(this.keeper, view, { writes: true, ...(image === undefined ? {} : { image }) }, operation, async (lent) => {
      const folder = view.folder ?? (await readContent(lent, operation)).clusters[0]?.folder ?? '';
      return fixOwner(lent, folder, dryRun, operation);
    });
  }

  /** What a guard would be asked, to remove the volume of a service; undefined for one that no service has. */
  guardTarget(view: VolumeView): GuardTarget | undefined {
    const owner = serviceIn(this.keeper, view);
    return owner === undefined ? undefined : { action: 'remove volume', ...owner };
  }

  /**
   * Removes a volume that no service has, backed up before, and gives the backup. What a restore replaced is removed without
   * one: it is a copy already. Throws `VOLUME_IN_USE`, `NO_CLUSTER`, `BACKUP_UNPROVEN`, and what backing up throws.
   */
  async removeUnused(view: VolumeView, options: VolumeOptions, operation: Operation): Promise<Backup | undefined> {
    const [user] = view.users;
    if (user !== undefined) {
      throw new Failure('VOLUME_IN_USE', `The container ${user.name} has ${view.name}, and is not known as Postgres.`, 'Remove that first.');
    }
    const backup = view.undo === undefined ? await exportVolume(view, { mode: 'auto', reason: 'safety', ...options }, this.tools(), operation) : undefined;
    if (backup !== undefined) demandProof(backup);
    await removeVolume(this.keeper.engineOf(view.endpointId), view.name);
    return backup;
  }

  private tools() {
    return { keeper: this.keeper, backups: this.backups };
  }
}
