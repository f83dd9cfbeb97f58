import type { SnapshotDatabase } from '../inventory/model';
import type { SnapshotRecord } from '../inventory/snapshotName';
import { scratchPrefix, snapshotPrefix, undoPrefix } from '../inventory/undoName';
import type { DependentService } from '../operations/dependents';
import type { ClusterDisk } from '../postgres/machine';
import { Failure } from '../protocol/failure';
import { formatBytes } from '../protocol/format';
import { undoLifetime } from '../restore/plan';
import { checkLabel, defaultLabel } from './labels';
import { superfluous } from './retention';
import { bytesNeeded, chooseStrategy, type CopyStrategy } from './strategy';

/** What both kinds of work depend on, gathered before anything is decided. */
interface CopyFacts {
  readonly id: string;
  readonly now: Date;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly serverMajor: number;
  /** Of what is copied. */
  readonly sizeBytes: number;
  readonly disk: ClusterDisk;
  readonly dependents: readonly DependentService[];
  /** Transactions that two-phase commit has prepared in the database. */
  readonly preparedTransactions: number;
}

export interface SnapshotFacts extends CopyFacts {
  readonly comment: string | null;
  /** Sessions of others in the database. */
  readonly sessions: number;
  readonly migrationRevision?: string;
  readonly git?: SnapshotRecord['git'];
  /** Of this database. */
  readonly snapshots: readonly SnapshotDatabase[];
  /** What the user wants to call it. */
  readonly label?: string;
  /** How many snapshots of the database are to stay; 0 for all. */
  readonly keep: number;
}

/** What taking a snapshot will do, as data. */
export interface SnapshotPlan {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly sizeBytes: number;
  readonly sessions: number;
  readonly strategy: CopyStrategy;
  /** What it is called until it is whole. */
  readonly scratch: string;
  readonly snapshot: string;
  readonly record: SnapshotRecord;
  /** Dependents that run, in the order in which they start: started again if they end with their sessions. */
  readonly dependents: readonly string[];
  /** Older snapshots that go when this one is there. */
  readonly superfluous: readonly SnapshotDatabase[];
}

/** Decides how to take a snapshot. Throws `DISK_FULL`, `SNAPSHOT_EXISTS`, `SNAPSHOT_NAME` or `PREPARED_TRANSACTIONS` before anything is touched. */
export function planSnapshot(facts: SnapshotFacts): SnapshotPlan {
  const { id, now, project, service, database, sizeBytes, sessions, snapshots, comment, migrationRevision, git } = facts;
  refusePrepared(facts);
  const label = facts.label === undefined ? defaultLabel(now, git?.branch, snapshots) : checkLabel(facts.label, snapshots);
  const key = id.slice(0, 8);
  const record: SnapshotRecord = {
    containerDatabases: 'snapshot',
    of: database,
    label,
    takenAt: now.toISOString(),
    comment,
    ...(migrationRevision === undefined ? {} : { migrationRevision }),
    ...(git === undefined ? {} : { git }),
  };
  return {
    id,
    project,
    service,
    database,
    sizeBytes,
    sessions,
    strategy: strategyFor(facts),
    scratch: `${scratchPrefix}${key}`,
    snapshot: `${snapshotPrefix}${key}`,
    record,
    dependents: running(facts),
    superfluous: superfluous(snapshots, facts.keep),
  };
}

/** What a snapshot was made from, and what is there now. */
export interface RollBackFacts extends CopyFacts {
  readonly snapshot: SnapshotDatabase;
  readonly record: SnapshotRecord;
  /** Whether there is a database to keep. */
  readonly isPresent: boolean;
}

/** What going back to a snapshot will do, as data. */
export interface RollBackPlan {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly database: string;
  readonly snapshot: SnapshotDatabase;
  readonly strategy: CopyStrategy;
  readonly scratch: string;
  /** Absent when there is no database to keep. */
  readonly undo?: string;
  readonly replacedAt: Date;
  readonly expiresAt: Date;
  /** The comment that the database had, and gets back. */
  readonly comment: string | null;
  /** Dependents that run, in the order in which they start. */
  readonly dependents: readonly string[];
}

/** Decides how to go back. Throws `DISK_FULL` or `PREPARED_TRANSACTIONS` before anything is touched. */
export function planRollBack(facts: RollBackFacts): RollBackPlan {
  refusePrepared(facts);
  const { id, now, project, service, database, snapshot, record } = facts;
  const key = id.slice(0, 8);
  return {
    id,
    project,
    service,
    database,
    snapshot,
    strategy: strategyFor(facts),
    scratch: `${scratchPrefix}${key}`,
    ...(facts.isPresent ? { undo: `${undoPrefix}${key}` } : {}),
    replacedAt: now,
    expiresAt: new Date(now.getTime() + undoLifetime),
    comment: record.comment,
    dependents: running(facts),
  };
}

/** Such a transaction belongs to no session that could be ended, and holds the database as one would. */
function refusePrepared({ database, preparedTransactions }: CopyFacts): void {
  if (preparedTransactions === 0) return;
  throw new Failure(
    'PREPARED_TRANSACTIONS',
    `"${database}" has prepared transactions (${preparedTransactions}), which keep it in use.`,
    'Commit them or roll them back (see pg_prepared_xacts), then try again.',
  );
}

function running({ dependents }: CopyFacts): readonly string[] {
  return dependents.filter((dependent) => dependent.running).map(({ service }) => service);
}

function strategyFor({ serverMajor, sizeBytes, disk }: CopyFacts): CopyStrategy {
  const strategy = chooseStrategy(serverMajor, sizeBytes, disk.fileSystem);
  const needed = bytesNeeded(strategy, sizeBytes);
  if (disk.freeBytes === undefined || disk.freeBytes >= needed) return strategy;
  throw new Failure(
    'DISK_FULL',
    `The copy needs about ${formatBytes(needed)}, but only ${formatBytes(disk.freeBytes)} are free.`,
    'Free space on the disk that holds the volume, or delete older snapshots, then try again.',
  );
}

/** A plan in words, one line a step, for `--dry-run`. */
export function describeSnapshot(plan: SnapshotPlan): readonly string[] {
  const { database, sessions, superfluous, record } = plan;
  return [
    ...(sessions === 0 ? [] : [`End ${sessions} sessions of "${database}"; new ones wait until it is copied`]),
    `Copy "${database}" (${formatBytes(plan.sizeBytes)}) inside the server, as "${record.label}"`,
    ...superfluous.map(({ label, takenAt }) => `Delete the snapshot "${label}" of ${takenAt}`),
  ];
}

/** The same for going back. */
export function describeRollBack({ database, snapshot, undo, dependents }: RollBackPlan): readonly string[] {
  return [
    `Copy the snapshot "${snapshot.label}" of ${snapshot.takenAt}, which stays`,
    ...(dependents.length === 0 ? [] : [`Stop ${dependents.join(', ')}`]),
    undo === undefined ? `Name the copy "${database}"` : `Exchange it with "${database}", which is kept for a day as undo`,
    ...(dependents.length === 0 ? [] : [`Start ${dependents.join(', ')}`]),
  ];
}
