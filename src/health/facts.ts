import type { Problem, ServiceState } from '../inventory/model';

/** A service of the project that uses the database. */
export interface DependentFacts {
  readonly service: string;
  /** The container's state, in the engine's word, such as `running` or `exited`. */
  readonly state: string;
  readonly exitCode?: number;
  /** `healthy`, `unhealthy`, `starting`; absent without a healthcheck. */
  readonly health?: string;
  /** What an address that the user named said; absent where none was named. */
  readonly http?: { readonly url: string; readonly ok: boolean; readonly said: string };
}

/** A session that has been at something for a while. Ages are seconds. */
export interface SessionFacts {
  readonly pid: number;
  readonly database: string;
  readonly user: string;
  readonly application: string;
  /** As in pg_stat_activity, such as `active` or `idle in transaction`. */
  readonly state: string;
  /** The beginning of its statement. */
  readonly query: string;
  readonly transactionSeconds: number | null;
  readonly querySeconds: number | null;
  readonly stateSeconds: number | null;
  /** The processes that it waits for. */
  readonly blockedBy: readonly number[];
}

/** What holds for the whole server. */
export interface ClusterHealthFacts {
  readonly connections: number;
  /** Those that ordinary users may have. */
  readonly connectionLimit: number;
  readonly inRecovery: boolean;
  /** Sessions worth a look, not all of them. */
  readonly sessions: readonly SessionFacts[];
  /** Of the disk that holds the data; absent where that cannot be told. */
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number };
}

export interface DeadRows {
  /** Qualified and quoted. */
  readonly table: string;
  readonly live: number;
  readonly dead: number;
  /** ISO 8601; null when never. */
  readonly lastVacuum: string | null;
}

/** What holds for one database. */
export interface DatabaseHealthFacts {
  readonly name: string;
  /** Transactions since its oldest row was frozen. */
  readonly frozenAge: number;
  readonly blocksHit: number;
  readonly blocksRead: number;
  /** Since statistics were reset; null where checksums are off. */
  readonly checksumFailures: number | null;
  /** Versions of the collation, when they differ. */
  readonly collation?: { readonly made: string; readonly now: string };
  /** Qualified and quoted names; absent when the database could not be entered. */
  readonly invalidIndexes?: readonly string[];
  /** Those with the most dead rows. */
  readonly deadRows?: readonly DeadRows[];
}

/** What is known of the backups of one database. */
export interface BackupFacts {
  readonly database: string;
  /** Of the newest full backup that reads whole; absent when there is none. */
  readonly newestVerified?: Date;
  /** What is wrong with its schedule. */
  readonly trouble?: 'failed' | 'overdue';
}

/** All that the health of a service is judged by. */
export interface HealthFacts {
  readonly service: string;
  readonly state: ServiceState;
  /** With what the container ended, when it has. */
  readonly exitCode?: number;
  /** Of the healthcheck; absent without one. */
  readonly health?: string;
  /** Why the databases cannot be read although the container runs. */
  readonly problem?: Problem;
  /** The database that the image made for the application, when it is not there. */
  readonly missingDatabase?: string;
  readonly dependents: readonly DependentFacts[];
  /** Absent while the server does not run. */
  readonly cluster?: ClusterHealthFacts;
  readonly databases: readonly DatabaseHealthFacts[];
  readonly backups: readonly BackupFacts[];
}
