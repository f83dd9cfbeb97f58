import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { DatabaseTarget } from '../../inventory/target';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import type { Backups } from '../backups';
import type { Backup } from '../catalogue';
import { recipientsKey } from '../encryption/keys';
import { nextRun } from './cron';
import type { Installer, Scheduler } from './install';
import type { HeldLock } from './owner';
import type { RunRecord, RunRecords } from './records';
import { alreadyRunning, runSchedule, type RunParts } from './run';
import { lastRun, overdueSince, type Installation, type Launch, type Schedule } from './schedule';
import { scheduledTarget } from './scheduledTarget';
import type { ScheduleStore, StoredSchedules } from './store';
import { describeCron } from './when';

export interface SchedulesParts {
  readonly store: ScheduleStore;
  readonly records: RunRecords;
  readonly installer: Installer;
  readonly inventory: InventoryKeeper;
  readonly backups: Backups;
  readonly claim: (id: string) => Promise<HeldLock | undefined>;
  /** How a scheduler is to start the command line. */
  readonly launch: () => Launch;
}

/** What a schedule is to be; what is left out stays as it is, or is as usual. */
export interface ScheduleWishes {
  /** Cron in the normal spelling. */
  readonly cron: string;
  readonly installed: Installation;
  readonly options?: Schedule['options'];
}

/** A schedule as it stands at a moment. */
export interface ScheduleState {
  readonly schedule: Schedule;
  /** Its time in words. */
  readonly when: string;
  readonly next?: Date;
  readonly last?: RunRecord;
  /** Since when its scheduler should have run it. */
  readonly overdueSince?: Date;
}

/** The schedules of this host: made, changed, removed, shown and run, by editor and command line alike. */
export class Schedules {
  constructor(private readonly parts: SchedulesParts) {}

  async list(): Promise<{ readonly states: readonly ScheduleState[]; readonly problems: readonly Failure[] }> {
    const { schedules, problems } = await this.read();
    const states = schedules.map((schedule) => this.stateOf(schedule));
    return { states: await Promise.all(states), problems };
  }

  async stateOf(schedule: Schedule): Promise<ScheduleState> {
    return scheduleState(schedule, lastRun(await this.parts.records.read(schedule.id)), new Date());
  }

  read(): Promise<StoredSchedules> {
    return this.parts.store.read();
  }

  find(id: string): Promise<Schedule> {
    return this.parts.store.find(id);
  }

  /** Oldest first. */
  runs(id: string): Promise<readonly RunRecord[]> {
    return this.parts.records.read(id);
  }

  /** The schedulers of this host, besides the editor. */
  available(): Promise<readonly Scheduler[]> {
    return this.parts.installer.available();
  }

  /** Schedules a database. Throws what the installation throws; then there is no schedule. */
  async add({ project, service, database }: DatabaseTarget, { cron, installed, options = {} }: ScheduleWishes): Promise<Schedule> {
    const endpoint = service.container?.endpointId ?? project.endpointId;
    const schedule: Schedule = {
      schemaVersion: 1,
      id: randomBytes(4).toString('hex'),
      project: project.name,
      service: service.name,
      database: database.name,
      cron,
      // Settings differ from window to window, and a scheduler knows none.
      options: { ...options, folder: this.parts.backups.folderOf(project, options.folder) },
      ...(endpoint === undefined ? {} : { endpoint }),
      installed,
      changedAt: new Date().toISOString(),
    };
    return this.put(schedule);
  }

  /** Gives a schedule another time or another scheduler. */
  async change(id: string, wishes: Partial<Pick<ScheduleWishes, 'cron' | 'installed'>>): Promise<Schedule> {
    const before = await this.find(id);
    const { launch: _launch, ...rest } = before;
    const changed = await this.put({ ...rest, ...wishes, changedAt: new Date().toISOString() });
    if (before.installed !== 'editor' && before.installed !== changed.installed) await this.parts.installer.uninstall(id, before.installed);
    return changed;
  }

  /** Removes a schedule with its records, out of its scheduler first. Throws `SCHEDULE_RUNNING` while it runs. */
  async remove(id: string): Promise<Schedule> {
    const schedule = await this.find(id);
    const claim = await this.parts.claim(id);
    if (claim === undefined) throw alreadyRunning(schedule);
    try {
      if (schedule.installed !== 'editor') await this.parts.installer.uninstall(id, schedule.installed);
      await this.parts.store.remove(id);
      await this.parts.records.remove(id);
    } finally {
      claim.release();
    }
    return schedule;
  }

  /** Runs a schedule now, and records it. */
  async run(id: string, operation: Operation): Promise<Backup> {
    const backup = await runSchedule(await this.find(id), this.runParts(), operation);
    if (backup === undefined) throw new Failure('UNEXPECTED', 'The schedule was not run.', 'Try again.');
    return backup;
  }

  /** What a run needs; for whoever runs schedules when they are due. */
  runParts(): RunParts {
    const { records, claim } = this.parts;
    return { records, claim, now: () => new Date(), backUp: (schedule, operation) => this.backUp(schedule, operation) };
  }

  /**
   * Writes those anew into their schedulers whose command line has gone, as that of an extension does when a newer one
   * comes. Gives the schedules that it has repaired.
   */
  async repair(): Promise<readonly Schedule[]> {
    const { schedules } = await this.read();
    const broken = schedules.filter(({ launch }) => launch !== undefined && !(existsSync(launch.program) && existsSync(launch.script)));
    const repaired: Schedule[] = [];
    for (const schedule of broken) repaired.push(await this.put(schedule, relaunched(schedule, this.parts.launch())));
    return repaired;
  }

  /** Into the scheduler first: what is not installed must not pass for a schedule. */
  private async put(schedule: Schedule, launch?: Launch): Promise<Schedule> {
    const { installed } = schedule;
    if (installed === 'editor') {
      await this.parts.store.write(schedule);
      return schedule;
    }
    const complete = { ...schedule, launch: launch ?? this.parts.launch() };
    await this.parts.installer.install(complete, installed, complete.launch);
    try {
      await this.parts.store.write(complete);
    } catch (error) {
      await this.parts.installer.uninstall(schedule.id, installed);
      throw error;
    }
    return complete;
  }

  private async backUp(schedule: Schedule, operation: Operation): Promise<Backup> {
    const { inventory, backups } = this.parts;
    const target = scheduledTarget(await inventory.refresh(), schedule);
    const { folder, format, recipients, to, keep } = schedule.options;
    const key = recipients === undefined ? undefined : await recipientsKey(recipients);
    const wishes = {
      reason: 'scheduled' as const,
      ...(folder === undefined ? {} : { folder }),
      ...(format === undefined ? {} : { format }),
      ...(key === undefined ? {} : { key }),
    };
    const made = await backups.backUp(target, wishes, operation);
    return (await backups.follow(made, operation, { ...(to === undefined ? {} : { to }), ...(keep === undefined ? {} : { keep }) })).backup;
  }
}

function scheduleState(schedule: Schedule, last: RunRecord | undefined, now: Date): ScheduleState {
  const [next, overdue] = [nextRun(schedule.cron, now), overdueSince(schedule, last, now)];
  return {
    schedule,
    when: describeCron(schedule.cron),
    ...(next === undefined ? {} : { next }),
    ...(last === undefined ? {} : { last }),
    ...(overdue === undefined ? {} : { overdueSince: overdue }),
  };
}

/** The same surroundings, but the programs that there are now. */
function relaunched({ launch }: Schedule, { program, script, environment }: Launch): Launch {
  const { ELECTRON_RUN_AS_NODE: _before, ...kept } = launch?.environment ?? {};
  const asNode = environment['ELECTRON_RUN_AS_NODE'];
  return { program, script, environment: { ...kept, ...(asNode === undefined ? {} : { ELECTRON_RUN_AS_NODE: asNode }) } };
}
