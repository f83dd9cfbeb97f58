import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { withFileLock } from '../operations/fileLock';
import { throwIfCancelled, type Operation } from '../operations/operation';
import { asFailure, Failure } from '../protocol/failure';
import { formatBytes } from '../protocol/format';
import { deleteBackup, isBackupOf, listBackups, readBackup, type Backup } from './catalogue';
import {
  decideRetention,
  isEmptyPolicy,
  isVerified,
  kindOf,
  readPolicy,
  stays,
  type RetentionDecision,
  type RetentionPolicy,
  type RetentionReason,
} from './retention';
import { retentionReason } from './retentionText';

/** Which backups a policy is applied to. */
export interface PruneRequest {
  readonly folder: string;
  readonly policy: RetentionPolicy;
  /** Which of the folder's backups; all or none of a kind. */
  readonly belongs: (backup: Backup) => boolean;
  /** Files that the user saw and agreed to lose; all that the policy lets go when left out. */
  readonly chosen?: ReadonlySet<string>;
  /** Whether a restore was begun and not ended; it may be reading any backup. */
  readonly restoring: () => Promise<boolean>;
}

export interface PruneResult {
  readonly kept: readonly RetentionDecision[];
  readonly removed: readonly RetentionDecision[];
  readonly freedBytes: number;
}

/** What `prune` would do now. */
export async function planPrune({ folder, policy, belongs }: Pick<PruneRequest, 'folder' | 'policy' | 'belongs'>): Promise<readonly RetentionDecision[]> {
  return decideRetention((await listBackups(folder)).filter(belongs), policy, new Date());
}

/**
 * Removes the backups that a policy lets go, the oldest first. Each is looked at once more before, and so is the last
 * good one of its kind: when that is not what it should be, nothing of the kind goes. What cannot be removed is kept,
 * with the reason, and does not stop the others. Throws `PRUNE_RUNNING`, `RESTORE_RUNNING`, `CANCELLED`.
 */
export async function prune(request: PruneRequest, operation: Operation): Promise<PruneResult> {
  const planned = await planPrune(request);
  if (planned.every(({ keep }) => keep)) return pruneResult(planned);
  return withFileLock(path.join(request.folder, '.prune.lock'), pruneRunning, async (lock) => {
    if (await request.restoring()) throw restoreRunning();
    const decisions = await planPrune(request);
    const done: RetentionDecision[] = [];
    for (const decision of decisions.toReversed()) {
      if (!decision.keep) {
        throwIfCancelled(operation);
        if (!(await lock.isHeld())) throw pruneRunning();
      }
      done.unshift(decision.keep ? decision : await removeOne(decision, decisions, request, operation));
    }
    return pruneResult(done);
  });
}

/** Decisions by what became of them. */
export function pruneResult(decisions: readonly RetentionDecision[]): PruneResult {
  const removed = decisions.filter(({ keep }) => !keep);
  return { kept: decisions.filter(({ keep }) => keep), removed, freedBytes: removed.reduce((sum, { backup }) => sum + backup.sizeBytes, 0) };
}

/** How many could not be removed, or not with all that lies beside them. */
export function countFailed({ kept, removed }: PruneResult): number {
  return [...kept, ...removed].filter(({ reasons }) => reasons.some(({ kind }) => kind === 'not removed' || kind === 'partly removed')).length;
}

/**
 * Applies the policy to the other backups of a database after one was made of it; undefined when nothing was done.
 * Never throws, since the backup is good all the same: what cannot go now goes after the next one.
 */
export async function applyRetention(
  { manifest }: Backup,
  request: Pick<PruneRequest, 'folder' | 'restoring'> & { readonly policy: unknown },
  operation: Operation,
): Promise<PruneResult | undefined> {
  try {
    const policy = readPolicy(request.policy);
    if (isEmptyPolicy(policy) || manifest === undefined) return undefined;
    const { project, service, database } = manifest;
    return await prune({ ...request, policy, belongs: (other) => isBackupOf(other, project, service, database) }, operation);
  } catch (error) {
    const { message, remedy } = asFailure(error);
    operation.log.warn(`Old backups were not removed. ${message} ${remedy}`);
    return undefined;
  }
}

async function removeOne(
  decision: RetentionDecision,
  all: readonly RetentionDecision[],
  request: PruneRequest,
  operation: Operation,
): Promise<RetentionDecision> {
  const { backup } = decision;
  try {
    const objection = await objectionTo(backup, all, request);
    if (objection === undefined) {
      operation.report({ message: `Removing ${path.basename(backup.file)}` });
      await deleteBackup(backup.file);
      operation.log.info(`Removed ${backup.file} (${formatBytes(backup.sizeBytes)}): ${retentionReason(decision, new Date())}`);
      return decision;
    }
    return keptAfterAll(backup, objection, operation);
  } catch (error) {
    return whatFailed(decision, asFailure(error).message, operation);
  }
}

/** What to say of a backup whose removal failed; the backup itself may be gone, since it goes before what lies beside it. */
function whatFailed({ backup, reasons }: RetentionDecision, message: string, operation: Operation): RetentionDecision {
  if (existsSync(backup.file)) return keptAfterAll(backup, { kind: 'not removed', message }, operation);
  operation.log.warn(`Removed ${backup.file}, but not what lies beside it: ${message}`);
  return { backup, keep: false, reasons: [...reasons, { kind: 'partly removed', message }] };
}

function keptAfterAll(backup: Backup, reason: RetentionReason, operation: Operation): RetentionDecision {
  const decision = stays(backup, reason);
  operation.log.warn(`${backup.file} stays: ${retentionReason(decision, new Date())}`);
  return decision;
}

/** Why a backup must not go, although the policy lets it: things may have changed since it was decided. */
async function objectionTo(backup: Backup, all: readonly RetentionDecision[], { chosen, restoring }: PruneRequest): Promise<RetentionReason | undefined> {
  if (chosen?.has(backup.file) === false) return { kind: 'not chosen' };
  if (await restoring()) return { kind: 'restore running' };
  const lastGood = all.filter((other) => kindOf(other.backup) === kindOf(backup) && other.reasons.some(({ kind }) => kind === 'last good'));
  for (const { backup: good } of lastGood) if (!(await isStillGood(good))) return { kind: 'last good damaged', file: good.file };
  const now = await readBackup(backup.file);
  const unchanged = now?.sizeBytes === backup.sizeBytes && isDeepStrictEqual(now.manifest, backup.manifest);
  return unchanged && lastGood.length > 0 ? undefined : { kind: 'changed' };
}

/** Whether a backup still lies there with its right size. Its manifest may say more than it did, but must be of the same backup. */
async function isStillGood({ file, manifest }: Backup): Promise<boolean> {
  const now = await readBackup(file);
  return now?.manifest !== undefined && now.manifest.sha256 === manifest?.sha256 && now.sizeBytes === now.manifest.sizeBytes && isVerified(now);
}

function pruneRunning(): Failure {
  return new Failure('PRUNE_RUNNING', 'Old backups are already being removed from this folder.', 'Wait until that has ended, in whichever window it runs.');
}

function restoreRunning(): Failure {
  return new Failure(
    'RESTORE_RUNNING',
    'A restore is running, or one was interrupted and is not tidied up yet; nothing was removed.',
    'Wait until it has ended; after a crash, start the service that it was for, so that it can be finished.',
  );
}
