import type { Operation } from '../../operations/operation';
import type { Logger } from '../../protocol/logger';
import { asFailure, messageOf, type Failure } from '../../protocol/failure';
import { nextRun } from './cron';
import type { HeldLock } from './owner';
import type { RunRecord } from './records';
import { runSchedule, type RunParts } from './run';
import { dueRun, lastRun, scheduleTarget, type Schedule } from './schedule';
import type { StoredSchedules } from './store';

/** What the runner needs of its surroundings; a clock and timers of their own in tests. */
export interface RunnerParts extends RunParts {
  readonly read: () => Promise<StoredSchedules>;
  /** Makes this window the one that runs schedules; undefined when another is. */
  readonly own: () => Promise<HeldLock | undefined>;
  /** Calls back after milliseconds; gives the function that ends the wait. */
  readonly after: (milliseconds: number, work: () => void) => () => void;
  readonly log: Logger;
}

/** Milliseconds between two looks at the clock, at the most: a timer does not run while the host sleeps. */
const longestWait = 60_000;
/** Milliseconds for which a backup is tried again whose engine or service is not there yet, as after waking up. */
const patience = 10 * 60_000;
const passing = /^(ENGINE_|SERVICE_|SERVER_|TARGET_NOT_FOUND$|SCHEDULE_RUNNING$)/;

/** Runs what is due while the editor is open, in one of its windows; what was missed while it was not, once. */
export class ScheduleRunner {
  private readonly stop = new AbortController();
  private readonly listeners = new Set<() => void>();
  private readonly firstTried = new Map<string, number>();
  /** When each was last run here. A run whose record cannot be written must not be run every minute. */
  private readonly ran = new Map<string, { readonly startedAt: string }>();
  private cancelWait: (() => void) | undefined;
  private lock: HeldLock | undefined;
  private looking: Promise<void> | undefined;
  private wantsAnother = false;

  constructor(private readonly parts: RunnerParts) {}

  /** Calls back whenever it has looked, and when a run begins or ends. Gives the function that ends it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Looks what is due, runs it, and waits for the next; also to be called when the schedules have changed. Never throws. */
  look(): Promise<void> {
    if (this.looking !== undefined) this.wantsAnother = true;
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
      if (!this.wantsAnother) return;
      this.wantsAnother = false;
      void this.look();
    });
    return this.looking;
  }

  dispose(): void {
    this.stop.abort();
    this.cancelWait?.();
    this.lock?.release();
    this.listeners.clear();
  }

  private async lookOnce(): Promise<void> {
    if (this.stop.signal.aborted) return;
    this.cancelWait?.();
    let wait = longestWait;
    try {
      const schedules = (await this.parts.read()).schedules.filter(({ installed }) => installed === 'editor');
      if (schedules.length > 0 && (await this.isOwner())) for (const schedule of schedules) await this.runIfDue(schedule);
      wait = this.untilNext(schedules);
    } catch (error) {
      this.parts.log.error(`The schedules cannot be looked at: ${messageOf(error)}`);
    }
    this.tell();
    if (!this.stop.signal.aborted) this.cancelWait = this.parts.after(wait, () => void this.look());
  }

  private async isOwner(): Promise<boolean> {
    if (this.lock?.isHeld() === true) return true;
    const lock = await this.parts.own();
    if (this.stop.signal.aborted) lock?.release();
    else this.lock = lock;
    return this.lock?.isHeld() === true;
  }

  private async runIfDue(schedule: Schedule): Promise<void> {
    const isDue = (last: RunRecord | undefined): boolean =>
      [last, this.ran.get(schedule.id)].every((run) => dueRun(schedule, run, this.parts.now()) !== undefined);
    if (this.stop.signal.aborted || !isDue(lastRun(await this.parts.records.read(schedule.id)))) return;
    this.tell();
    try {
      const backup = await runSchedule(schedule, this.parts, this.operation(), { isWanted: isDue, isFinal: (failure) => this.isFinal(schedule, failure) });
      this.end(schedule);
      if (backup !== undefined) this.parts.log.info(`The scheduled backup of ${scheduleTarget(schedule)} is ${backup.file}`);
    } catch (error) {
      const { message, code } = asFailure(error);
      this.parts.log.warn(`The scheduled backup of ${scheduleTarget(schedule)} failed: ${message} (${code})`);
    }
  }

  /** What will pass is given time; a window that closes leaves the run to the next. */
  private isFinal(schedule: Schedule, { code }: Failure): boolean {
    const { id } = schedule;
    if (this.stop.signal.aborted) return false;
    const now = this.parts.now().getTime();
    const first = this.firstTried.get(id) ?? now;
    this.firstTried.set(id, first);
    if (passing.test(code) && now - first < patience) return false;
    this.end(schedule);
    return true;
  }

  private end({ id }: Schedule): void {
    this.firstTried.delete(id);
    this.ran.set(id, { startedAt: this.parts.now().toISOString() });
  }

  private untilNext(schedules: readonly Schedule[]): number {
    const now = this.parts.now();
    const waits = schedules.map(({ cron }) => (nextRun(cron, now)?.getTime() ?? Infinity) - now.getTime());
    return Math.max(1, Math.min(longestWait, ...waits));
  }

  private operation(): Operation {
    return { signal: this.stop.signal, log: this.parts.log, report: () => undefined };
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
