import type { Operation } from '../../operations/operation';
import { asFailure, cancelledCode, Failure } from '../../protocol/failure';
import type { Backup } from '../catalogue';
import type { HeldLock } from './owner';
import { recordedFailure, type RunRecord, type RunRecords } from './records';
import { lastRun, scheduleTarget, type Schedule } from './schedule';

/** What a run needs of its surroundings. */
export interface RunParts {
  readonly records: Pick<RunRecords, 'read' | 'append'>;
  /** Claims the schedule, so that editor and command line never run it at once; undefined when it is claimed. */
  readonly claim: (id: string) => Promise<HeldLock | undefined>;
  readonly backUp: (schedule: Schedule, operation: Operation) => Promise<Backup>;
  readonly now: () => Date;
}

/** What decides whether a run is one. */
export interface RunConditions {
  /** Asked once the schedule is claimed: another may have run it meanwhile. */
  readonly isWanted?: (last: RunRecord | undefined) => boolean;
  /** Whether a failure is the end of it; the others are not recorded, and tried again. */
  readonly isFinal?: (failure: Failure) => boolean;
}

/**
 * Runs a schedule and records what came of it. Gives undefined when it is no longer wanted. Throws `SCHEDULE_RUNNING`
 * when another is at it, and whatever the backup failed with.
 */
export async function runSchedule(schedule: Schedule, parts: RunParts, operation: Operation, conditions: RunConditions = {}): Promise<Backup | undefined> {
  const { isWanted = () => true, isFinal = () => true } = conditions;
  const startedAt = parts.now();
  const record = async (outcome: Omit<RunRecord, 'startedAt' | 'milliseconds'>): Promise<void> => {
    const milliseconds = Math.max(0, parts.now().getTime() - startedAt.getTime());
    await parts.records.append(schedule.id, { startedAt: startedAt.toISOString(), milliseconds, ...outcome });
  };
  const claim = await parts.claim(schedule.id);
  if (claim === undefined) {
    const failure = alreadyRunning(schedule);
    if (isFinal(failure)) await record({ result: 'skipped', failure: recordedFailure(failure) });
    throw failure;
  }
  try {
    if (!isWanted(lastRun(await parts.records.read(schedule.id)))) return undefined;
    const backup = await parts.backUp(schedule, operation);
    await record({ result: 'done', sizeBytes: backup.sizeBytes, file: backup.file });
    return backup;
  } catch (error) {
    const failure = asFailure(error);
    if (isFinal(failure)) await record({ result: failure.code === cancelledCode ? 'skipped' : 'failed', failure: recordedFailure(failure) });
    throw failure;
  } finally {
    claim.release();
  }
}

/** The failure of whoever wants a schedule that is running. */
export function alreadyRunning(schedule: Schedule): Failure {
  return new Failure('SCHEDULE_RUNNING', `The scheduled backup of ${scheduleTarget(schedule)} is being made already.`, 'Wait until it has ended.');
}
