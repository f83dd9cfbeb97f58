import { isDeepStrictEqual } from 'node:util';
import { EventEmitter, type Disposable } from 'vscode';
import type { App } from '../app';
import type { ScheduleState } from '../backup/schedule/schedules';
import { messageOf } from '../protocol/failure';
import type { OutputLog } from './outputLog';

/** The schedules of this host as they stand; runs those of the editor when they are due. */
export class ScheduleShelf implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private states: readonly ScheduleState[] = [];
  private readonly told = new Set<string>();
  private end: (() => void) | undefined;
  private isDisposed = false;

  constructor(
    private readonly app: () => Promise<App>,
    private readonly log: OutputLog,
  ) {}

  get all(): readonly ScheduleState[] {
    return this.states;
  }

  /** Repairs what an update of the extension broke, and runs what is due from now on. Asks the clock, no engine. */
  async begin(): Promise<void> {
    const { schedules, scheduleRunner } = await this.app();
    if (this.isDisposed || this.end !== undefined) return;
    const endTelling = scheduleRunner.onChange(() => void this.read());
    this.end = () => {
      endTelling();
      scheduleRunner.dispose();
    };
    try {
      for (const schedule of await schedules.repair())
        this.log.info(`The schedule of ${schedule.project}/${schedule.service}/${schedule.database} was written anew into its scheduler.`);
    } catch (error) {
      this.log.warn(`A schedule could not be written anew into its scheduler: ${messageOf(error)}`);
    }
    await scheduleRunner.look();
  }

  /** Looks again, for when schedules have been changed here. */
  async refresh(): Promise<void> {
    await this.read();
    if (this.end !== undefined) void (await this.app()).scheduleRunner.look();
  }

  dispose(): void {
    this.isDisposed = true;
    this.end?.();
    this.changed.dispose();
  }

  private async read(): Promise<void> {
    try {
      const { states, problems } = await (await this.app()).schedules.list();
      for (const { message, remedy } of problems) this.warnOnce(`${message} ${remedy}`);
      if (this.isDisposed || isDeepStrictEqual(states, this.states)) return;
      this.states = states;
      this.changed.fire();
    } catch (error) {
      this.warnOnce(`The schedules cannot be read: ${messageOf(error)}`);
    }
  }

  private warnOnce(message: string): void {
    if (!this.told.has(message)) this.log.warn(message);
    this.told.add(message);
  }
}
