import { homedir } from 'node:os';
import path from 'node:path';
import type { Operation } from '../operations/operation';
import { asFailure, cancelledCode, Failure } from '../protocol/failure';
import { isBackupOf, type Backup } from './catalogue';
import { copyBackup } from './offsite/copyBackup';
import { parseLocation } from './offsite/location';
import { pruneOffsite } from './offsite/pruneOffsite';
import { openStore } from './offsite/store';
import { applyRetention, type PruneResult } from './prune';
import { isEmptyPolicy, readPolicy } from './retention';

/** What is to be done once a backup is made. */
export interface Following {
  /** Where it is copied to, as settings write it; nowhere when empty. */
  readonly to: string;
  /** The rules for old backups as settings write them, here and where it is copied to. */
  readonly keep: unknown;
  /** Whether a restore was begun and not ended. */
  readonly restoring: () => Promise<boolean>;
}

/** A backup and what came after it. */
export interface Followed {
  readonly backup: Backup;
  readonly pruned?: PruneResult;
}

/** Copies a backup to another place and then removes what the rules let go. Throws what the copy throws; nothing is removed then. */
export async function follow(backup: Backup, { to, keep, restoring }: Following, operation: Operation): Promise<Followed> {
  const copied = to === '' ? backup : await copyTo(backup, to, keep, operation);
  const pruned = await applyRetention(copied, { folder: path.dirname(copied.file), policy: keep, restoring }, operation);
  return { backup: copied, ...(pruned === undefined ? {} : { pruned }) };
}

async function copyTo(backup: Backup, to: string, keep: unknown, operation: Operation): Promise<Backup> {
  const store = await openStore(parseLocation(to, homedir()));
  const copied = await copyBackup(backup, store, operation).catch((error: unknown) => {
    throw notCopied(backup, asFailure(error));
  });
  try {
    const policy = readPolicy(keep);
    const { project = '', service = '', database = '' } = copied.manifest ?? {};
    if (!isEmptyPolicy(policy)) await pruneOffsite(store, policy, (other) => isBackupOf(other, project, service, database), operation);
  } catch (error) {
    operation.log.warn(`Old copies in ${store.describe()} were not removed. ${asFailure(error).message}`);
  }
  return copied;
}

/** Says that there is a backup all the same, which is not to be made or looked for again. */
function notCopied({ file }: Backup, failure: Failure): Failure {
  if (failure.code === cancelledCode) return failure;
  return new Failure(failure.code, `The backup ${file} was made, but not copied: ${failure.message}`, failure.remedy, failure);
}
