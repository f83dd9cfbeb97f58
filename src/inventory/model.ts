/** Everything known at one moment. Never changed; a newer one takes its place. */
export interface Inventory {
  readonly endpoints: readonly EndpointView[];
  /** Projects of this workspace first, then by name. */
  readonly projects: readonly Project[];
}

/** Why something does not work, as data. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface EndpointView {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly state: 'connected' | 'failed';
  readonly engine?: 'docker' | 'podman';
  readonly version?: string;
  /** Present when the state is `failed`. */
  readonly problem?: Problem;
}

/** A Compose project, or a container that belongs to none (then project and service bear its name). */
export interface Project {
  readonly id: string;
  readonly name: string;
  /** Absent while nothing of the project was ever created. */
  readonly endpointId?: string;
  /** The project's folder on this host. */
  readonly folder?: string;
  readonly configFiles: readonly string[];
  readonly inWorkspace: boolean;
  /** The services that run Postgres. */
  readonly services: readonly Service[];
}

export type ServiceState = 'running' | 'starting' | 'paused' | 'restarting' | 'stopped' | 'not created';

export interface Service {
  /** Unique over all endpoints. */
  readonly id: string;
  readonly name: string;
  readonly projectName: string;
  readonly state: ServiceState;
  readonly health?: string;
  readonly container?: ServiceContainer;
  readonly postgres: PostgresFacts;
  readonly published?: { readonly address: string; readonly port: number };
  readonly databases: readonly Database[];
  /** What restores left behind so that they can be undone. */
  readonly undos: readonly UndoDatabase[];
  /** Copies inside the cluster that the user made to go back to. */
  readonly snapshots: readonly SnapshotDatabase[];
  /** Whether the cluster holds scratch databases: of a restore that runs, or that was interrupted. */
  readonly hasScratch: boolean;
  readonly volume?: Volume;
  /** Services of the project that use this one, in the order in which they start. */
  readonly dependents: readonly string[];
  /** Why the databases cannot be read although the container runs. */
  readonly problem?: Problem;
}

export interface ServiceContainer {
  readonly endpointId: string;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly startedAt: string;
  /** With what it ended, when it has. */
  readonly exitCode?: number;
}

export interface PostgresFacts {
  readonly user: string;
  /** The database that the image created for the application. */
  readonly database: string;
  /** Such as `17.2`; absent while it cannot be asked. */
  readonly version?: string;
  readonly major?: number;
}

export interface Database {
  readonly name: string;
  readonly owner: string;
  readonly sizeBytes: number;
  /** Ordinary and partitioned tables outside the system schemas; absent when the database cannot be entered. */
  readonly tables?: number;
}

/** A database that a restore replaced. */
export interface UndoDatabase {
  /** Its present name in the cluster. */
  readonly name: string;
  /** The name that it had, and gets back by undo. */
  readonly of: string;
  /** ISO 8601. */
  readonly replacedAt: string;
  readonly expiresAt: string;
  readonly sizeBytes: number;
}

/** A copy of a database inside its cluster. */
export interface SnapshotDatabase {
  /** Its name in the cluster. */
  readonly name: string;
  /** The database that it is a copy of. */
  readonly of: string;
  /** What the user calls it; unique among the snapshots of a database. */
  readonly label: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly sizeBytes: number;
  /** What the migration tool had recorded. */
  readonly migrationRevision?: string;
  /** What was checked out in the project's folder. */
  readonly git?: { readonly branch?: string | undefined; readonly commit: string };
  /** Whether clients may connect: while it is looked into, or since a crash then. */
  readonly isOpen?: true;
}

export type VolumeKind = 'named' | 'anonymous' | 'bind' | 'tmpfs' | 'container layer';

/** Whatever holds PGDATA. */
export interface Volume {
  readonly kind: VolumeKind;
  readonly name?: string;
  /** On the engine's host. */
  readonly source?: string;
  readonly destination?: string;
  readonly dataDirectory: string;
  /** Measured in the container; absent while it is stopped. */
  readonly sizeBytes?: number;
}
