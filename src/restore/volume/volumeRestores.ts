import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { posix } from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Backups } from '../../backup/backups';
import type { DecryptionKey, EncryptionKey } from '../../backup/encryption/keys';
import type { Manifest } from '../../backup/manifest';
import { proveVolume } from '../../backup/volume/prove';
import { isAbandoned } from '../../backup/volume/recoverVolumes';
import { unpackCluster, type VolumeArchive } from '../../backup/volume/unpack';
import type { ContainerInspection } from '../../engine/containers';
import type { Engine } from '../../engine/engine';
import { listVolumes } from '../../engine/volumes';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Service } from '../../inventory/model';
import { readVolumeUndo, volumeUndoLabel, writeVolumeUndo, type VolumeUndoRecord } from '../../inventory/volumeUndo';
import type { EntryStore } from '../../operations/entryStore';
import type { Operation } from '../../operations/operation';
import { volumeUsers } from '../../operations/volumeUsers';
import type { Logger } from '../../protocol/logger';
import { Failure } from '../../protocol/failure';
import { readVolumeArchive, rowsByDatabase } from './archive';
import { clearNew, layFromUndo, newFolder, settleOwner } from './exchange';
import type { VolumeEntry } from './journal';
import { dependentsOf, lookAtPlace, readParts, type ServicePlace, type VolumeParts } from './parts';
import { planVolumeRestore, type VolumeRestorePlan, type VolumeSource } from './plan';
import { recoverEntry, sweepUndos } from './recover';
import { runVolumeRestore } from './run';

export interface VolumeRestoreOptions {
  /** For a server whose data can no longer be copied; they are kept as undo all the same. */
  readonly skipSafetyBackup?: boolean;
  /** Where the safety backup goes. */
  readonly folder?: string;
  /** For a backup that is encrypted. */
  readonly key?: DecryptionKey;
  /** What the safety backup is encrypted with; absent when it is not. */
  readonly safetyKey?: EncryptionKey;
}

export interface VolumeRestoreResult {
  readonly project: string;
  readonly service: string;
  /** The volume that holds what was replaced. */
  readonly undo: string;
  readonly expiresAt: string;
  readonly safetyBackup?: string;
  /** What was counted when the copy was booted; absent for an undo. */
  readonly databases?: readonly string[];
  readonly rows?: number;
}

/** A volume that holds what a restore replaced. */
export interface VolumeUndo extends VolumeUndoRecord {
  readonly volume: string;
}

/** Restores of data directories, their undo, and what crashes left of either. */
export class VolumeRestores {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
    private readonly journal: EntryStore<VolumeEntry>,
    private readonly log: Logger,
  ) {}

  /** Decides what a restore would do, without doing any of it. Throws what `planVolumeRestore` refuses. */
  async plan(place: ServicePlace, backup: Backup, options: VolumeRestoreOptions, operation: Operation): Promise<VolumeRestorePlan> {
    const { manifest } = backup;
    if (manifest?.format !== 'volume') {
      throw new Failure('MANIFEST_MISSING', `${backup.file} is no copy of a volume that we know.`, 'Choose a backup with its manifest beside it.');
    }
    return this.planFrom(place, { kind: 'backup', backup: { ...backup, manifest } }, options, operation);
  }

  /** Decides how the newest undo of a service would be put back. Throws `UNDO_MISSING`. */
  async planUndo(place: ServicePlace, operation: Operation): Promise<VolumeRestorePlan> {
    const [newest] = await this.undos(place);
    if (newest === undefined) {
      throw new Failure(
        'UNDO_MISSING',
        `There is nothing to undo for the volume of ${place.project.name}/${place.service.name}.`,
        'Restores can be undone for a day. Older states are among the backups.',
      );
    }
    return this.planFrom(place, { kind: 'undo', volume: newest.volume, replacedAt: newest.replacedAt }, { skipSafetyBackup: true }, operation);
  }

  /** What restores of this service's volume replaced and that is still there, newest first. */
  async undos({ project, service }: ServicePlace): Promise<readonly VolumeUndo[]> {
    const open = await this.journal.entries();
    const volumes = await listVolumes(this.engineOf(service));
    const found = volumes.flatMap(({ name, labels }) => {
      const record = readVolumeUndo(labels);
      const own = record?.project === project.name && record.service === service.name && !open.some(({ undo }) => undo === name);
      return record !== undefined && own ? [{ ...record, volume: name }] : [];
    });
    return found.toSorted((a, b) => b.replacedAt.localeCompare(a.replacedAt));
  }

  /** Carries a plan out. Throws what `proveVolume`, `unpackCluster` and `runVolumeRestore` throw, and `VOLUME_BUSY`. */
  async run(plan: VolumeRestorePlan, place: ServicePlace, options: VolumeRestoreOptions, operation: Operation): Promise<VolumeRestoreResult> {
    const { service } = place;
    const parts = await readParts(this.keeper, service, operation.signal);
    const { engine, inspection, server } = parts;
    const { source } = plan;
    await this.refuseWhileBusy(plan, inspection);
    const archive = source.kind === 'backup' ? await readVolumeArchive(source.backup, options.key) : undefined;
    const proof =
      source.kind === 'backup' && archive !== undefined ? await this.prove(service, inspection, source.backup.manifest, archive, operation) : undefined;
    const safetyBackup = await this.safetyBackup(plan, place, options, operation);
    const entry = await this.entryOf(plan, service, parts);
    await this.refuseWhileBusy(plan, inspection); // proving takes long
    await runVolumeRestore(
      entry,
      { engine, journal: this.journal, ...(server === undefined ? {} : { server }) },
      async (lent) => {
        if (archive === undefined) return layFromUndo(lent);
        await clearNew(lent);
        await unpackCluster(engine, lent.helper, archive, posix.join(lent.dataDirectory, newFolder), operation);
        await settleOwner(lent);
      },
      operation,
    );
    const counts = Object.values(proof?.rows ?? {}).flatMap((tables) => Object.values(tables));
    return {
      project: plan.project,
      service: plan.service,
      undo: plan.undo,
      expiresAt: plan.expiresAt.toISOString(),
      ...(safetyBackup === undefined ? {} : { safetyBackup }),
      ...(proof === undefined ? {} : { databases: proof.databases, rows: counts.reduce((sum, count) => sum + count, 0) }),
    };
  }

  /**
   * Finishes or rolls back what crashes interrupted, and removes undo volumes that have expired. Gives a sentence for
   * everything that was done. Never throws: what fails now is tried again at the next start.
   */
  async recover(): Promise<readonly string[]> {
    const sentences: string[] = [];
    const connected = this.keeper.current.endpoints.filter(({ state }) => state === 'connected').map(({ id }) => id);
    const entries = (await this.journal.entries().catch(() => [])).filter((entry) => connected.includes(entry.endpointId) && isAbandoned(entry));
    const operation: Operation = { signal: new AbortController().signal, log: this.log, report: () => undefined };
    for (const entry of entries) {
      sentences.push(await recoverEntry(entry, { engine: this.keeper.engineOf(entry.endpointId), journal: this.journal }, operation));
    }
    const open = await this.journal.entries().catch(() => undefined);
    for (const id of open === undefined ? [] : connected) {
      sentences.push(...(await sweepUndos(this.keeper.engineOf(id), open ?? [], new Date()).catch(() => [])));
    }
    return sentences;
  }

  private async planFrom(place: ServicePlace, source: VolumeSource, options: VolumeRestoreOptions, operation: Operation): Promise<VolumeRestorePlan> {
    const { project, service } = place;
    const parts = await readParts(this.keeper, service, operation.signal);
    const { engine, inspection, server, volume } = parts;
    const dependents = await dependentsOf(parts, service);
    return planVolumeRestore({
      id: randomUUID(),
      now: new Date(),
      project: project.name,
      service: service.name,
      source,
      volume,
      major: service.postgres.major,
      state: inspection.state,
      vanishes: inspection.vanishes === true,
      nestedMounts: inspection.mounts.flatMap(({ destination }) => (destination.startsWith(`${volume.dataDirectory}/`) ? [destination] : [])),
      place: await lookAtPlace(parts, operation),
      others: (await volumeUsers(engine, volume.name ?? volume.source ?? '')).filter(
        ({ id }) => id !== inspection.id && !dependents.some((dependent) => dependent.id === id),
      ),
      dependents: dependents.map(({ name }) => name),
      copiesLive: server !== undefined && (await this.copiesLive(place, operation)),
      skipSafetyBackup: options.skipSafetyBackup === true,
    });
  }

  private async copiesLive(place: ServicePlace, operation: Operation): Promise<boolean> {
    return this.backups.planVolume(place, 'live', operation).then(
      () => true,
      () => false,
    );
  }

  private async safetyBackup(
    plan: VolumeRestorePlan,
    place: ServicePlace,
    { folder, safetyKey }: VolumeRestoreOptions,
    operation: Operation,
  ): Promise<string | undefined> {
    if (!plan.steps.some(({ kind }) => kind === 'safety backup')) return undefined;
    const wishes = {
      mode: 'live',
      reason: 'safety',
      ...(folder === undefined ? {} : { folder }),
      ...(safetyKey === undefined ? {} : { key: safetyKey }),
    } as const;
    return (await this.backups.backUpVolume(place, wishes, operation)).file;
  }

  private async prove(service: Service, inspection: ContainerInspection, manifest: Manifest, archive: VolumeArchive, operation: Operation) {
    return proveVolume(
      {
        engine: this.engineOf(service),
        image: inspection.imageId,
        dataDirectory: service.volume?.dataDirectory ?? '',
        archive,
        major: Number.parseInt(manifest.serverVersion, 10),
        // Whoever made the cluster that was copied; it need not be this service's.
        maintenanceDatabase: 'postgres',
        rows: rowsByDatabase(manifest.rows),
      },
      operation,
    );
  }

  private async entryOf(plan: VolumeRestorePlan, service: Service, parts: VolumeParts): Promise<VolumeEntry> {
    const { endpointId, inspection, server } = parts;
    const { id, project, undo, replacedAt, expiresAt, place, dataDirectory, source, running } = plan;
    const record = { project, service: service.name, of: place, dataDirectory, replacedAt: replacedAt.toISOString(), expiresAt: expiresAt.toISOString() };
    return {
      schemaVersion: 1,
      id,
      endpointId,
      project,
      service: service.name,
      container: { id: inspection.id, name: inspection.name },
      image: inspection.imageId,
      dataDirectory,
      port: server?.port ?? 5432,
      undo,
      undoLabels: { [volumeUndoLabel]: writeVolumeUndo({ containerDatabases: 'undo', ...record }) },
      ...(source.kind === 'undo' ? { spent: source.volume } : {}),
      phase: 'preparing',
      ran: running,
      dependents: [...(running ? await dependentsOf(parts, service) : [])],
      process: { host: hostname(), pid: process.pid },
      since: new Date().toISOString(),
    };
  }

  private async refuseWhileBusy({ dataDirectory }: VolumeRestorePlan, { id }: ContainerInspection): Promise<void> {
    const busy = (await this.journal.entries()).find((entry) => entry.container.id === id && entry.dataDirectory === dataDirectory);
    if (busy === undefined) return;
    throw new Failure(
      'VOLUME_BUSY',
      'This volume is being restored already.',
      'Wait until that has ended; one that was interrupted is ended by the next start.',
    );
  }

  private engineOf(service: Service): Engine {
    return this.keeper.engineOf(this.keeper.containerOf(service).endpointId);
  }
}
