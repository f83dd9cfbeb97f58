import type { App } from '../../app';
import type { Inventory } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import type { BackupEncryption } from '../backupEncryption';
import type { BackupShelf } from '../backupShelf';
import type { CommandId } from '../contributions';
import type { HealthWatch } from '../healthWatch';
import type { DatabasePanels } from '../databasePanels';
import type { InventoryWatch } from '../inventoryWatch';
import type { MigrationSurface } from '../migrationHistory/surface';
import type { LogChannels } from '../logChannels';
import type { OutputLog } from '../outputLog';
import type { BackupArrangement } from '../present/backupArrangement';
import type { Subject } from '../present/subject';
import type { TreeNode } from '../present/treeNode';
import type { ReportPanels } from '../report/panels';
import type { ScheduleShelf } from '../scheduleShelf';
import type { SchemaDocuments } from '../schemaDocuments';
import type { SmokeShelf } from '../smokeShelf';
import type { SqlResultDocuments } from '../sqlResultDocuments';

/** What every command gets. */
export interface CommandContext {
  /** Loaded when first asked for. */
  readonly app: () => Promise<App>;
  /** What is known now; read first if nothing was yet. */
  readonly inventory: () => Promise<Inventory>;
  readonly watch: InventoryWatch;
  readonly shelf: BackupShelf;
  readonly schedules: ScheduleShelf;
  readonly migrations: MigrationSurface;
  /** How the services of this workspace are. */
  readonly health: HealthWatch;
  /** With what backups are encrypted and decrypted. */
  readonly encryption: BackupEncryption;
  /** How the view of all backups is arranged. */
  readonly backupsView: {
    readonly arrangement: BackupArrangement;
    readonly arrange: (changes: Partial<BackupArrangement>) => Promise<void>;
  };
  readonly log: OutputLog;
  /** Runs long work with progress that the user can cancel. */
  readonly operation: <T>(title: string, work: (operation: Operation) => Promise<T>) => Promise<T>;
  /** Waits under a notification for what takes a while and cannot be stopped halfway. */
  readonly wait: <T>(title: string, work: () => Promise<T>) => Promise<T>;
  /** Shows a row in the tree. */
  readonly reveal: (fits: (node: TreeNode) => boolean) => Promise<void>;
  /** Shows what is known of a backup. */
  readonly showBackup: (subject: Subject & { readonly kind: 'backup' }) => Promise<void>;
  /** The editors that show databases. */
  readonly panels: DatabasePanels;
  /** The editors that show tests and diagnoses. */
  readonly reports: ReportPanels;
  /** The last persistence test of each service. */
  readonly smokeResults: SmokeShelf;
  readonly sqlResults: SqlResultDocuments;
  readonly schemas: SchemaDocuments;
  readonly logs: LogChannels;
}

/** One command as data. */
export interface Command {
  readonly id: CommandId;
  /** Whether it makes sense for a row; undefined stands for the palette. */
  readonly enabled: (subject: Subject | undefined) => boolean;
  /** Set for what asks no engine, and may therefore run in a workspace that is not trusted. */
  readonly restricted?: true;
  /** Gives its outcome; undefined when the user thought better of it. `argument` is what the editor handed over, where it is no row of ours. */
  readonly run: (context: CommandContext, subject: Subject | undefined, argument?: unknown) => Promise<unknown>;
}
